"""Recognise one headline on several sites, for items that have hardly any text of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from hashlib import blake2b
from itertools import pairwise
from typing import Final

from rapidfuzz import fuzz

from crawler.stories.fold import is_han, words
from crawler.stories.numbers import numerals

SAME_WINDOW: Final = timedelta(days=4)
"""Equal headlines further apart are two columns, not one item."""

NEAR_WINDOW: Final = timedelta(days=2)
COLUMN_WINDOW: Final = timedelta(hours=36)
KEPT: Final = 6
MAX_LENGTH: Final = 400
MOST_ITEMS: Final = 32

Headline = tuple[str, ...]
"""A headline folded to words: whole, and where it seems to end in a publisher's name, also without it."""

_PUBLISHER: Final = re.compile(
    r"\s+[-|–—·]\s+(?P<latin>[A-Z0-9][\w.&'’]*(?:\s+(?:[A-Z0-9&(][\w.&'’)]*|of|the|and|on|in|for)){0,5})$"
    r"|\s*[-_|–—]\s*(?P<han>[^\s\d_|-]{2,14})$"
)
_COLUMN: Final = re.compile(
    r"\b(?:hints?|answers?|promo|bonus code|coupons?|horoscopes?|live updates?|live stream|how to watch|where to watch"
    r"|prices? today|today|tonight|this week|week \d+|day \d+|wordle|quordle|crossword|quiz|puzzle|newsletter|briefing"
    r"|morning|evening|roundup|recap|podcast|lottery|weather|deals? of|best \w+ deals?|obituar\w+|episode \d+)\b"
    r"|早报|晚报|日报|周报|今日|昨日|本周|天气|汇率|中间价|收盘|开盘|快讯|直播|开奖|要闻|速览|盘点|预告|公告"
)


def headline(title: str | None) -> Headline:
    """Fold a headline to its words, also without the publisher's name at its end.

    A last part with a digit stays: it tells apart the days of a column.
    """
    plain = " ".join((title or "").split())[:MAX_LENGTH]
    whole = words(plain)
    found = _PUBLISHER.search(plain)
    if not whole or not found or re.search(r"\d", found[0]):
        return (whole,) if whole else ()
    bare = words(plain[: found.start()])
    return (whole, bare) if headline_weight(bare) >= 3 else (whole,)


def headline_keys(title: Headline) -> tuple[int, ...]:
    """Name a headline by 63-bit hashes: its forms, then the smallest pairs of words (or runs of 4 Han) in it."""
    if not title:
        return ()
    core = title[-1]
    if is_han(core):
        pieces = {core[i : i + 4] for i in range(len(core) - 3)}
    else:
        pieces = {f"{one} {two}" for one, two in pairwise(core.split())}
    return (*(_key(f"={form}") for form in title), *sorted(_key(piece) for piece in pieces)[:KEPT])


def item_keys(items: Iterable[str]) -> tuple[int, ...]:
    """Name the headlines that a digest prints, so that their articles are found under them."""
    return tuple(sorted(_key(f"={item}") for item in items)[:MOST_ITEMS])


def same_headline(mine: Headline, theirs: Headline, gap: timedelta | None) -> bool:
    """Tell whether two headlines announce one item; a column that comes back needs more than its headline.

    `gap` is the time between the publications, None where one is unknown: then only a long headline suffices.
    """
    if not mine or not theirs or (gap is not None and gap > SAME_WINDOW):
        return False
    shared = [form for form in mine if form in theirs]
    if shared:
        return _tells_enough(shared[0], gap)
    if gap is None or gap > NEAR_WINDOW or _COLUMN.search(mine[0]) or _COLUMN.search(theirs[0]):
        return False
    return any(_nearly_equal(one, other) for one in mine for other in theirs)


def titles_agree(mine: Headline, theirs: Headline) -> bool:
    """Tell whether two headlines are the same but for trifles."""
    return any(
        fuzz.ratio(one, other) >= 90 and numerals(one) == numerals(other) for one in mine for other in theirs
    )


def titles_clash(mine: Headline, theirs: Headline) -> bool:
    """Tell whether two headlines are the same but for a numeral, as in a column that comes back."""
    if not mine or not theirs:
        return False
    one, other = mine[-1], theirs[-1]
    return (
        bool(numerals(one) - numerals(other))
        and bool(numerals(other) - numerals(one))
        and fuzz.ratio(one, other) >= 70
    )


def titles_touch(mine: Headline, theirs: Headline) -> bool:
    """Tell whether two headlines speak of the same thing; a missing one does not say otherwise."""
    if not mine or not theirs:
        return True
    one, other = mine[-1], theirs[-1]
    return fuzz.ratio(one, other) >= 40 if is_han(one) else fuzz.token_set_ratio(one, other) >= 60


def _tells_enough(title: str, gap: timedelta | None) -> bool:
    """Tell whether one headline on two sites must be one item."""
    weight = headline_weight(title)
    if _COLUMN.search(title):
        particular = weight >= 8 or bool(re.search(r"\d", title))
        return gap is not None and gap <= COLUMN_WINDOW and particular
    return weight >= (9 if gap is None else 4)


def _nearly_equal(one: str, other: str) -> bool:
    if min(headline_weight(one), headline_weight(other)) < 7 or numerals(one) != numerals(other):
        return False
    if is_han(one):
        return fuzz.ratio(one, other) >= 95
    mine, theirs = set(one.split()), set(other.split())
    exchanged = any(len(word) > 3 for word in mine - theirs) and any(len(word) > 3 for word in theirs - mine)
    return fuzz.ratio(one, other) >= 90 and not exchanged


def headline_weight(title: str) -> int:
    """Count the words of a headline; two Han characters make one."""
    return len(title) // 2 if is_han(title) else len(title.split())


def _key(text: str) -> int:
    return (
        int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8, person=b"headline").digest())
        >> 1
    )
