"""Choose the best article of a story: who published it, whom it credits, how early."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from crawler.stories.fold import letters
from state.records import Article, Source, SourceRole

HostRoles = Mapping[str, SourceRole]
NO_ROLES: Final[HostRoles] = MappingProxyType({})

CLONE: Final = 9
_RANKS: Final[dict[SourceRole, int]] = {
    "issuer": 0,
    "company": 1,
    "outlet": 2,
    "national": 3,
    "aggregator": 6,
    "republisher": 6,
    "clone": CLONE,
}
_UNKNOWN: Final = 4
_CREDITS_OTHERS: Final = 2
"""What a reprint loses against an original of the same kind of site."""

_IDENTIFIER: Final = re.compile(r"\d{5,}|[0-9a-f]{16,}")


def role_of(url: str, source: Source | None, roles: HostRoles) -> SourceRole | None:
    """Name what the publisher of a page is: `roles` by host, of which a parent domain's holds too, then its source's.

    A source's own role goes first on its own host, where whoever configured it knows best. None for a stranger.
    """
    host = urlsplit(url).hostname or ""
    if source is not None and host == source.host:
        return source.role
    labels = host.split(".")
    known = (roles.get(".".join(labels[start:])) for start in range(len(labels)))
    return next((role for role in known if role), source.role if source is not None else None)


def rank(article: Article, source: Source | None, roles: HostRoles = NO_ROLES) -> int:
    """Rank an article as a lead, 0 best: issuer, original outlet, national media, republisher, clone.

    An article of a stranger counts as an unknown outlet's, or as an issuer's on a government host.
    """
    role = role_of(article.url, source, roles)
    if role == "clone":
        return CLONE
    if role == "issuer" or is_government(article.url):
        return 0
    standing = _UNKNOWN if role is None else _RANKS[role]
    return standing + (_CREDITS_OTHERS if credits_others(article, source) and standing < 6 else 0)


def speaks_itself(new: int, old: int) -> bool:
    """Tell by their ranks whether the issuer or the company itself now says what others were quoted on."""
    return new <= _RANKS["company"] < old


def leads_over(
    new: tuple[int, datetime | None, Article], old: tuple[int, datetime | None, Article], *, longer: bool
) -> bool:
    """Tell whether a new article, given with its rank and publication, should lead where an old one does.

    `longer` says that the old one is a cut version of the new. Equals keep their places, so that a story's lead
    changes only for a reason.
    """
    (new_rank, new_at, new_article), (old_rank, old_at, old_article) = new, old
    if CLONE in (new_rank, old_rank):
        return new_rank < old_rank
    if new_rank and credits_to(old_article, new_article):
        return old_rank > 0
    if new_rank != old_rank:
        return new_rank < old_rank and not credits_to(new_article, old_article)
    if longer:
        return True
    return new_at is not None and old_at is not None and old_at - new_at >= timedelta(hours=24)


def credits_others(article: Article, source: Source | None) -> bool:
    """Tell whether an article names somebody else as its source."""
    own = {_name(article.publisher), _name(source.name if source else None)} - {""}
    named = {_name(name) for name in (article.original_source, *article.chain)} - {""}
    return any(not _agree(name, mine) for name in named for mine in own or {""})


def credits_to(article: Article, other: Article) -> bool:
    """Tell whether an article names the publisher of another as its source."""
    publisher = _name(other.publisher)
    named = {_name(name) for name in (article.original_source, *article.chain)} - {""}
    return (
        bool(publisher)
        and publisher != _name(article.publisher)
        and any(_agree(publisher, name) for name in named)
    )


def is_government(url: str) -> bool:
    """Tell whether an address belongs to a government: one label of its host is `gov`, as the world over."""
    return "gov" in (urlsplit(url).hostname or "").split(".")[-3:]


def is_clone(url: str, original: str) -> bool:
    """Tell whether `url` apes a government page: the same path with a document number, on a host that is none."""
    if is_government(url) or not is_government(original):
        return False
    path = urlsplit(url).path
    return bool(_IDENTIFIER.search(path)) and path == urlsplit(original).path


def same_document(url: str, other: str) -> bool:
    """Tell whether two addresses name one document: the same long number or hash ends both paths."""
    mine, theirs = _identifier(url), _identifier(other)
    return mine is not None and mine == theirs


def _identifier(url: str) -> str | None:
    parts = urlsplit(url)
    found = _IDENTIFIER.findall(f"{parts.path}?{parts.query}")
    return found[-1] if found else None


def _name(name: str | None) -> str:
    return letters(name or "")


def _agree(one: str, two: str) -> bool:
    return bool(one and two) and (one in two or two in one)
