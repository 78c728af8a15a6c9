"""Learn what a host prints on every page, so that hot lists and disclaimers are not taken for news.

A line is furniture when it also stands on another page of the host that is a *different* article. The guard is
essential: two crawls of one story, or its mobile copy, share all their lines and would erase each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from crawler.reading.blocks import fold_key, weigh

MIN_KEY = 4
SAME_TITLE = 85
OTHER_TITLE = 50
SOME_SHARED = 0.3
MOST_SHARED = 0.7
LONG = 80
MAX_KEYS = 400


@dataclass(frozen=True, slots=True)
class SeenPage:
    """Hold what the state remembers of one page of a host."""

    url: str
    title: str | None
    line_keys: frozenset[str]


def line_key(text: str) -> str | None:
    """Give the key under which a line is remembered: 12 hexadecimal digits, with `+` in front where it is long.

    None for lines too short to mean anything. The key hides layout, case and punctuation.
    """
    folded = fold_key(text)
    if len(folded) < MIN_KEY:
        return None
    digest = hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return f"+{digest}" if weigh(text) >= LONG else digest


def line_keys(texts: Iterable[str]) -> tuple[str, ...]:
    """Give the distinct keys of a page's lines in order, at most `MAX_KEYS`."""
    keys = dict.fromkeys(key for text in texts if (key := line_key(text)) is not None)
    return tuple(keys)[:MAX_KEYS]


def host_furniture(pages: Sequence[SeenPage]) -> frozenset[str]:
    """Tell which line keys are furniture of a host, given its latest pages (20 to 30 are plenty, 2 a beginning).

    A key is furniture when two pages hold it that are different articles. Give only recent pages: what a
    redesign took away leaves the window and is forgotten.
    """
    groups = _articles(pages)
    holders: dict[str, set[int]] = {}
    for page, group in zip(pages, groups, strict=True):
        for key in page.line_keys:
            holders.setdefault(key, set()).add(group)
    return frozenset(key for key, held in holders.items() if len(held) > 1)


def _articles(pages: Sequence[SeenPage]) -> list[int]:
    """Number the pages so that those which may be one article have one number."""
    groups: list[int] = []
    for index, page in enumerate(pages):
        same = next((groups[other] for other in range(index) if may_be_same(page, pages[other])), index)
        groups.append(same)
    return groups


def may_be_same(one: SeenPage, other: SeenPage) -> bool:
    """Tell whether two pages may be one article: alike in address or title, or sharing many long lines.

    Titles that are nothing like each other speak for two articles; then most long lines must be shared, because a
    short article may have fewer of its own than its site has disclaimers.
    """
    if one.url == other.url:
        return True
    alike = (
        fuzz.ratio(fold_key(one.title or ""), fold_key(other.title or ""))
        if one.title and other.title
        else None
    )
    if alike is not None and alike >= SAME_TITLE:
        return True
    long_one, long_other = ({key for key in page.line_keys if key.startswith("+")} for page in (one, other))
    fewer = min(len(long_one), len(long_other))
    share = MOST_SHARED if alike is not None and alike < OTHER_TITLE else SOME_SHARED
    return fewer > 0 and len(long_one & long_other) >= share * fewer


def drop_furniture(lines: Sequence[str], furniture: frozenset[str]) -> list[str]:
    """Drop the lines whose keys are `furniture`, but never the first long one.

    Sites tease a story with its opening paragraph on their other pages; there it is furniture, here it is the lead.
    """
    kept: list[str] = []
    led = False
    for line in lines:
        opens = not led and weigh(line) >= LONG
        led = led or opens
        if opens or line_key(line) not in furniture:
            kept.append(line)
    return kept
