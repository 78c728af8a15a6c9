"""Recognise one headline on several sites, for items that have hardly any text of their own."""

from __future__ import annotations

import re
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
KEPT: Final = 6

_SUFFIX: Final = re.compile(
    r"\s+[-|–—·_]\s*([^-|–—·_]{2,40})$|[_|]([^-|–—·_]{2,20})$|\s*-\s*([^\s\d-]{2,10}网)$"
)
_SERIAL: Final = re.compile(
    r"\b(?:hints?|answers?|promo|bonus code|coupons?|horoscopes?|live updates?|live stream|how to watch|where to watch"
    r"|prices? today|today|tonight|this week|week \d+|day \d+|wordle|quordle|crossword|quiz|puzzle|newsletter|briefing"
    r"|morning|evening|roundup|recap|podcast|lottery|weather|deals? of|best \w+ deals?|obituar\w+|episode \d+)\b"
    r"|早报|晚报|日报|周报|今日|昨日|本周|天气|汇率|中间价|收盘|开盘|快讯|直播|开奖|要闻|速览|盘点|预告|公告"
)


def headline(title: str | None) -> str:
    """Fold a headline to its words, without the publisher's name at its end.

    A last part with a digit stays: it tells apart the days of a column.
    """
    plain = (title or "").strip()[:400]
    found = _SUFFIX.search(plain)
    if found and not re.search(r"\d", found[0]) and _weighty(words(plain[: found.start()]), 3):
        plain = plain[: found.start()]
    return words(plain)


def headline_keys(title: str) -> tuple[int, ...]:
    """Name a folded headline by 63-bit hashes: first itself, then its smallest pairs of words (or runs of 4 Han)."""
    if not title:
        return ()
    if is_han(title):
        pieces = {title[i : i + 4] for i in range(len(title) - 3)}
    else:
        parts = title.split()
        pieces = {f"{one} {two}" for one, two in pairwise(parts)}
    return (_key(f"={title}"), *sorted(_key(piece) for piece in pieces)[:KEPT])


def is_serial(title: str) -> bool:
    """Tell whether a folded headline belongs to a column that comes back with the same words."""
    return bool(_SERIAL.search(title))


def same_headline(mine: str, theirs: str, gap: timedelta | None) -> bool:
    """Tell whether two folded headlines announce one item; a column needs more than its headline.

    `gap` is the time between the publications, None where one is unknown: then only a long headline suffices.
    """
    if not mine or not theirs or (gap is not None and gap > SAME_WINDOW):
        return False
    if mine == theirs:
        return _weighty(mine, 9 if gap is None else 4) and not is_serial(mine)
    if gap is None or gap > NEAR_WINDOW or is_serial(mine) or is_serial(theirs):
        return False
    alike = fuzz.ratio(mine, theirs) >= 90 and fuzz.token_sort_ratio(mine, theirs) >= 88
    return (
        alike and _weighty(mine, 7) and numerals(mine) == numerals(theirs) and not _other_name(mine, theirs)
    )


def titles_agree(mine: str, theirs: str) -> bool:
    """Tell whether two folded headlines are the same but for trifles."""
    return bool(mine) and fuzz.ratio(mine, theirs) >= 90 and numerals(mine) == numerals(theirs)


def _weighty(title: str, least: int) -> bool:
    """Tell whether a headline has words enough to be no other's by chance; two Han characters count as a word."""
    return (len(title) // 2 if is_han(title) else len(title.split())) >= least


def _other_name(mine: str, theirs: str) -> bool:
    """Tell whether each headline has a longer word that the other lacks, as where one name stands for another."""
    if is_han(mine):
        return fuzz.ratio(mine, theirs) < 95
    ours, others = set(mine.split()), set(theirs.split())
    return any(len(word) > 3 for word in ours - others) and any(len(word) > 3 for word in others - ours)


def _key(text: str) -> int:
    return (
        int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8, person=b"headline").digest())
        >> 1
    )
