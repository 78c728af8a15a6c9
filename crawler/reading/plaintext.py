"""Read an article that comes as plain text: a saved page, an imported row, the text of a PDF."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.reading.attribution import is_breadcrumb, is_credit_line
from crawler.reading.blocks import fold_key, squeeze
from crawler.reading.boilerplate import is_footer
from crawler.reading.title import headline_of

_BULLET = re.compile(r"^[•·▪◦●■\-*]\s+")


@dataclass(frozen=True, slots=True)
class PlainArticle:
    """Hold a text cut into its headline, its paragraphs and the lines that only speak about it."""

    title: str | None
    paragraphs: tuple[str, ...]
    about: tuple[str, ...]


def split_text(text: str, title: str | None = None) -> PlainArticle:
    """Cut `text`, one paragraph a line, into headline, paragraphs and credit lines; a given `title` wins."""
    lines = [line for line in (squeeze(_BULLET.sub("", raw.strip())) for raw in text.splitlines()) if line]
    if title is None:
        index = headline_of(lines)
        title = lines[index] if index is not None else None
    return split_lines(lines, title)


def split_lines(lines: Sequence[str], title: str | None) -> PlainArticle:
    """Sort `lines` into paragraphs and about; the title itself is neither where it opens the text."""
    key = fold_key(title or "")
    paragraphs: list[str] = []
    about: list[str] = []
    for line in lines:
        if is_credit_line(line) or (not paragraphs and is_breadcrumb(line)) or is_footer(line):
            about.append(line)
        elif key and fold_key(line) == key and not paragraphs:
            continue
        else:
            paragraphs.append(line)
    return PlainArticle(title, tuple(paragraphs), tuple(about))
