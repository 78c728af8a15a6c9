"""Recognise pages that carry several articles: daily briefs, news flashes, weekly round-ups."""

from __future__ import annotations

import re
from typing import Final

from rapidfuzz import fuzz

from crawler.stories.fold import letters, words
from crawler.stories.headlines import headline_weight, titles_agree
from crawler.stories.piece import Piece

_TITLE: Final = re.compile(
    r"早报|晚报|日报[:：丨|]|周报|快讯|要闻|速览|简报|汇总|一览|一周|每日|早参|晚参|早知道|新闻早|午报"
    r"|\b(?:briefings?|briefs?|round-?up|digest|newsletter|bulletin|top stories|headlines|week in|this week|morning|daily|weekly)\b",
    re.IGNORECASE,
)
_LONGEST: Final = 120
_ITEM: Final = re.compile(r"^\s*(?:\d{1,2}\s*[.、)]|[①-⑳]|[•●■▪◆▶*]\s|#{1,4}\s)")


def is_digest(piece: Piece) -> bool:
    """Tell whether a page calls itself a digest, in its headline, and is built of several parts."""
    return bool(_TITLE.search(piece.article.title or "")) and len(piece.lines) >= 3


def items(piece: Piece) -> frozenset[str]:
    """Give the headlines that a digest prints above its texts, folded to words, without their numbers."""
    lines = (_ITEM.sub("", line.text, count=1) for line in piece.lines[:200])
    found = (words(line) for line in lines if len(line) <= _LONGEST)
    return frozenset(line for line in found if headline_weight(line) >= 4)


def carries_as_item(whole: Piece, part: Piece) -> bool:
    """Tell whether a page prints the headline of an article above its text but has another headline itself."""
    if not part.headline or titles_agree(whole.headline, part.headline):
        return False
    title = letters(part.headline[-1])
    longest = len(title) + 8
    lines = (letters(line.text) for line in whole.lines if len(line.text) < 2 * longest)
    return len(title) >= 6 and any(fuzz.ratio(line, title) >= 85 for line in lines if len(line) <= longest)
