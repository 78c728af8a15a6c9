"""Decide who publishes an article, who had it first, by which steps it came and who wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.reading.credits import Credits, clean_name

_NOBODY = re.compile(
    r"小编|编辑部?$|編輯|管理员|佚名|匿名|本站|本网$|网络$|网友|未知|综合$|原创|转载|整理$|admin|operator|webmaster|editor|staff|newsroom|newsdesk|news desk"
    r"|anonymous|unknown|n/?a$|none$|null$|contributor|press release|team$|desk$|agenc(?:y|ies)$|http|www\.|@",
    re.IGNORECASE,
)
_NAME_SPLIT = re.compile(r"\s*(?:[、,，;；/]|\band\b|&)\s*|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
# What stands beside a name without being one: "By", initials and roles in brackets, the label of a follow button.
_ROLE = re.compile(
    r"^\s*(?:by|von|par|por)\s+|^\s*(?:本报|本网|本刊)?(?:见习)?记者[\s|/丨]*|\([^()]*\)|（[^（）]*）|\s+(?:follow|twitter)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Hold the decision: who publishes, who was first, by which steps it came, who wrote it."""

    publisher: str | None
    original_source: str | None
    chain: tuple[str, ...]
    author: str | None


def attribute(
    told: Credits,
    *,
    publisher: str | None,
    authors: tuple[str, ...] = (),
    declared_source: str | None = None,
) -> Attribution:
    """Decide the attribution: printed lines first, then what the page declares to machines."""
    publisher = publisher or told.issuer or told.disclaimed or told.breadcrumb
    sources = list(told.sources)
    if declared_source and not sources:
        name = clean_name(declared_source)
        sources = [name] if name else []
    sources = [name for name in sources if not _NOBODY.search(name)]
    foreign = [name for name in sources if not _same(name, publisher)]
    original = foreign[0] if foreign else None
    author = _author([*told.authors, *authors] if told.authors else list(authors), [*sources, publisher])
    return Attribution(publisher, original, tuple(foreign), author)


def _same(name: str, other: str | None) -> bool:
    return other is not None and re.sub(r"[\W_]+", "", name).lower() == re.sub(r"[\W_]+", "", other).lower()


def _author(names: list[str], organisations: list[str | None]) -> str | None:
    people: dict[str, None] = {}
    for name in names:
        for part in _NAME_SPLIT.split(_ROLE.sub("", name)):
            person = part.strip(" .()（）")
            organised = any(_same(person, organisation) for organisation in organisations)
            if (
                1 < len(person) <= 40
                and re.search(r"[^\W\d]", person)
                and not _NOBODY.search(person)
                and not organised
            ):
                people.setdefault(person)
    return ", ".join(list(people)[:8]) or None
