"""Cut an article into units and sentences, and set aside what is no news text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import re2

from rules.reading import Joined, Sentence, Unit
from rules.spec import ReadingSpec
from rules.text import paragraphs, sentences

LONGEST_METADATA = 300
LONGEST_HEADING = 45
LONGEST_DATELINE = 120
_BLANK = re.compile(r"https?://\S+|(?<![\w&])#\w+")
_BULLET = re.compile(r"[•·▪●*]\s|- ")
_ENDS_AS_SENTENCE = tuple("。!?.;:,…")


class Layout:
    """Know how pages of a pack's beat are laid out: metadata lines, datelines, digests."""

    def __init__(self, spec: ReadingSpec) -> None:
        self._metadata = _any_of(spec.metadata)
        self._datelines = _any_of(spec.datelines)
        self._digests = _any_of(spec.digests)

    def read(self, text: Joined) -> tuple[tuple[Unit, ...], list[tuple[int, int]]]:
        """Give the units, and the spans in which nothing counts as named."""
        blanks: list[tuple[int, int]] = [found.span() for found in _BLANK.finditer(text.folded.plain)]
        title = Sentence(0, len(text.title.plain), -1) if text.title.plain.strip() else None
        body = list(self._paragraphs(text, blanks))
        if title and self._digests and self._digests.search(text.title.plain):
            return tuple(_items(text.folded.plain, body)), blanks
        unit = Unit(title, tuple(sentence for paragraph in body for sentence in paragraph))
        return ((unit,) if unit.sentences else ()), blanks

    def _paragraphs(self, text: Joined, blanks: list[tuple[int, int]]) -> Iterator[list[Sentence]]:
        """Give the sentences of each paragraph of the body that is text."""
        plain = text.body.plain
        base = text.base
        for number, (start, end) in enumerate(paragraphs(plain)):
            if end - start <= LONGEST_METADATA and self._metadata and self._metadata.match(plain[start:end]):
                blanks.append((base + start, base + end))
                continue
            bullet = _BULLET.match(plain, start, end) is not None
            if self._datelines:
                dateline = self._datelines.match(plain[start : min(end, start + LONGEST_DATELINE)])
                if dateline is not None and dateline.end() < end - start:
                    blanks.append((base + start, base + start + dateline.end()))
                    start += dateline.end()
                    start += len(plain[start:end]) - len(plain[start:end].lstrip())
            spans = sentences(plain, start, end)
            yield [Sentence(base + begin, base + stop, number, bullet) for begin, stop in spans]


def _items(plain: str, body: list[list[Sentence]]) -> Iterator[Unit]:
    """Take a digest apart: a heading opens an item; without headings each paragraph is one."""
    headed = any(_is_heading(plain, paragraph) for paragraph in body)
    title: Sentence | None = None
    collected: list[Sentence] = []
    for paragraph in body:
        heading = _is_heading(plain, paragraph)
        if (heading or not headed) and (title or collected):
            yield Unit(title, tuple(collected))
            title, collected = None, []
        if heading:
            title = paragraph[0]
        else:
            collected.extend(paragraph)
    if title or collected:
        yield Unit(title, tuple(collected))


def _is_heading(plain: str, paragraph: list[Sentence]) -> bool:
    """Tell a heading from text: one short line that does not end as a sentence."""
    if len(paragraph) != 1:
        return False
    line = plain[paragraph[0].start : paragraph[0].end]
    return len(line) <= LONGEST_HEADING and not line.endswith(_ENDS_AS_SENTENCE)


def _any_of(patterns: tuple[str, ...]) -> Any:
    """Compile several regexes as one, in any case; None where there are none."""
    if not patterns:
        return None
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile("|".join(f"(?:{pattern})" for pattern in patterns), options)
