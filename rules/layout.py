"""Cut an article into units and sentences, and set aside what is no news text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from rules.query import any_of
from rules.reading import Joined, Sentence, Unit
from rules.spec import ReadingSpec
from rules.text import paragraphs, sentences

LONGEST_METADATA = 300
# More than any news text has; what a hostile page adds beyond it is not read.
MOST_SENTENCES = 1_000
LONGEST_HEADING = 45
LONGEST_DATELINE = 120
_BLANK = re.compile(r"https?://\S+|(?<![\w&])#\w+")
_BULLET = re.compile(r"[•·▪●*]\s|- ")
_ENDS_AS_SENTENCE = tuple("。!?.;:,…")


class Layout:
    """Know how pages of a pack's beat are laid out: metadata lines, datelines, digests."""

    def __init__(self, spec: ReadingSpec) -> None:
        self._metadata = any_of(spec.metadata, ignore_case=True) if spec.metadata else None
        self._datelines = any_of(spec.datelines, ignore_case=True) if spec.datelines else None
        self._digests = any_of(spec.digests, ignore_case=True) if spec.digests else None

    def read(self, text: Joined) -> tuple[tuple[Unit, ...], list[tuple[int, int]]]:
        """Give the units, and the spans in which nothing counts as named."""
        blanks: list[tuple[int, int]] = [found.span() for found in _BLANK.finditer(text.folded.plain)]
        title = Sentence(0, len(text.title.plain), -1) if text.title.plain.strip() else None
        body: list[list[Sentence]] = []
        count = 0
        for paragraph in self._paragraphs(text, blanks):
            body.append(paragraph)
            count += len(paragraph)
            if count >= MOST_SENTENCES:
                break
        if title and self._digests and self._digests.search(text.title.plain):
            return tuple(_items(text.folded.plain, body)), blanks
        unit = Unit(title, tuple(sentence for paragraph in body for sentence in paragraph))
        return ((unit,) if unit.sentences else ()), blanks

    def _paragraphs(self, text: Joined, blanks: list[tuple[int, int]]) -> Iterator[list[Sentence]]:
        """Give the sentences of each paragraph of the body that is text."""
        plain = text.body.plain
        base = text.base
        for number, (start, end) in enumerate(paragraphs(plain)):
            if (
                end - start <= LONGEST_METADATA
                and self._metadata
                and self._metadata.match(plain[start:end].encode())
            ):
                blanks.append((base + start, base + end))
                continue
            bullet = _BULLET.match(plain, start, end) is not None
            text_start = self._after_dateline(plain, start, end)
            if text_start > start:
                blanks.append((base + start, base + text_start))
                start = text_start
            spans = islice(sentences(plain, start, end), MOST_SENTENCES)
            yield [Sentence(base + begin, base + stop, number, bullet) for begin, stop in spans]

    def _after_dateline(self, plain: str, start: int, end: int) -> int:
        """Give where the text of a paragraph begins, past a dateline that names the reporter's place."""
        if self._datelines is None:
            return start
        opening = plain[start : min(end, start + LONGEST_DATELINE)].encode()
        found = self._datelines.match(opening)
        if found is None:
            return start
        begin = start + len(opening[: found.end()].decode())
        while begin < end and plain[begin] == " ":
            begin += 1
        return begin if begin < end else start


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
