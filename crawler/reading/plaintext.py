"""Read an article that comes as plain text: a saved page, an imported row, the text of a PDF."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from crawler.reading.blocks import fold_key, squeeze
from crawler.reading.boilerplate import is_footer, without_call
from crawler.reading.credits import is_breadcrumb, is_credit_line
from crawler.reading.title import headline_of

_BULLET = re.compile(r"^[•·▪◦●■*-]\s+")
_TITLE_LINES = 3
_SAME_TITLE = 90


def split_text(text: str, title: str | None = None) -> tuple[str | None, tuple[str, ...]]:
    """Cut `text` into lines, and find its headline where no `title` is given."""
    lines = tuple(
        line for line in (squeeze(_BULLET.sub("", raw.strip())) for raw in text.splitlines()) if line
    )
    if title is None:
        index = headline_of(lines)
        title = lines[index] if index is not None else None
    return title, lines


def split_lines(lines: Sequence[str], title: str | None) -> tuple[list[str], list[str]]:
    """Sort `lines` into paragraphs and lines about the text; a title that opens it again is neither."""
    key = fold_key(title or "")
    paragraphs: list[str] = []
    about: list[str] = []
    for number, line in enumerate(lines):
        if (
            is_credit_line(line, closing=bool(paragraphs))
            or (not paragraphs and is_breadcrumb(line))
            or is_footer(line)
        ):
            about.append(line)
        elif not (key and len(paragraphs) + 1 <= _TITLE_LINES and number < 8 and _repeats(line, key)):
            paragraphs.append(without_call(line))
    return paragraphs, about


def _repeats(line: str, title_key: str) -> bool:
    """Tell whether a line is the title once more, perhaps with a kicker before it."""
    own = fold_key(line)
    if own == title_key or (
        own.endswith(title_key) and len(own) <= 2 * len(title_key) and len(title_key) >= 8
    ):
        return True
    return len(own) >= 8 and fuzz.ratio(own, title_key) >= _SAME_TITLE
