"""Choose the lines of a page that are its article.

trafilatura reads first; this module judges its lines by where they stand in the page: long unlinked blocks that
trafilatura kept are the *spine*, the subtree that holds most of the spine is the *region*, and every other line must
earn its place by standing in that region and not looking like furniture.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import trafilatura
from lxml import html

from crawler.reading.blocks import Block, fold_key, squeeze, weigh
from crawler.reading.boilerplate import is_call, is_footer, names_furniture
from crawler.reading.spine import find_missed, find_region, find_spine, is_prose, mostly_in

SENTENCE_WEIGHT = 40
SHORT_WEIGHT = 400
SHORT_SHARE = 0.3
VAST_BLOCKS = 20_000
VAST_ELEMENTS = 30_000
VAST_TEXT = 1_000_000
_SENTENCE_END = re.compile(r"[.!?…。！？；：:][\"'”’」』）)\]]*$")
_TRUNCATED = re.compile(r"(?:\.\.\.|…|\[\+\d+ chars\])\s*$")
_LIST_MARK = re.compile(r"^[-•·*]\s+")
_PIECE = 12


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one line of the article and the block it came from, None where no block could be told."""

    text: str
    key: str
    block: Block | None

    @property
    def linked(self) -> float:
        """Give the share of the line inside links, 0 where unknown."""
        return self.block.linked if self.block is not None else 0.0

    @property
    def is_sentence(self) -> bool:
        """Tell whether it is as long as a sentence and ends like one."""
        return weigh(self.text) >= SENTENCE_WEIGHT and _SENTENCE_END.search(self.text) is not None


@dataclass(frozen=True, slots=True)
class Witness:
    """Hold what the page declares of its text to machines: its body, its summary."""

    body: str | None = None
    description: str | None = None


NO_WITNESS = Witness()


@dataclass(frozen=True, slots=True)
class Body:
    """Hold the article's lines and how they were chosen ("spine", "sentences", "as read", "none")."""

    lines: tuple[Line, ...]
    how: str

    @property
    def weight(self) -> int:
        """Weigh all lines together."""
        return sum(weigh(line.text) for line in self.lines)


def read_body(tree: html.HtmlElement, blocks: Sequence[Block], witness: Witness = NO_WITNESS) -> Body:
    """Read the article's lines from `tree`, whose blocks in reading order are `blocks`."""
    if _is_vast(tree, blocks):
        return _judge([block.text for block in blocks if _may_be_text(block)], blocks, witness)
    body = _judge(_extract(tree, fast=True), blocks, witness)
    if _is_short(body, blocks):
        wider = _judge(_extract(tree, fast=False), blocks, witness)
        if wider.weight > 1.5 * body.weight and not _mostly_other_articles(wider, body):
            body = wider
    return _end_with(witness.body, body) if witness.body and body.how == "spine" else body


def _is_vast(tree: html.HtmlElement, blocks: Sequence[Block]) -> bool:
    """Tell whether the page is so large that trafilatura would take many seconds; its blocks must do then."""
    if len(blocks) >= VAST_BLOCKS or sum(len(block.text) for block in blocks) > VAST_TEXT:
        return True
    return sum(1 for _ in tree.iter()) > VAST_ELEMENTS


def _may_be_text(block: Block) -> bool:
    return not block.hidden and block.linked < 0.5 and block.landmark is None


def _extract(tree: html.HtmlElement, *, fast: bool) -> list[str]:
    text = trafilatura.extract(tree, fast=fast, include_comments=False) or ""
    return [line for line in (_plain(raw) for raw in text.split("\n")) if line]


def _plain(line: str) -> str:
    """Take the marks of lists and table borders off a line of the extractor's output."""
    text = squeeze(_LIST_MARK.sub("", line))
    if not text.startswith("|"):
        return text
    return " | ".join(cell for cell in (part.strip() for part in text.split("|")) if cell.strip("-"))


def _judge(texts: list[str], blocks: Sequence[Block], witness: Witness) -> Body:
    lines = _locate(texts, blocks)
    spine = find_spine([line.key for line in lines], blocks)
    if not spine:
        return _without_spine(lines, blocks)
    kept = _keep(lines, spine, find_region(spine), fold_key(witness.description or ""))
    present = {id(line.block) for line in kept}
    own = [block for block in spine if id(block) in present]
    missed = find_missed(own, blocks, "".join(line.key for line in lines))
    return Body(tuple(_merge(kept, missed, blocks)), "spine")


def _locate(texts: Sequence[str], blocks: Sequence[Block]) -> list[Line]:
    """Find the block of each line: the next one with its key, else any with its key, else one that holds it."""
    places: dict[str, list[int]] = {}
    for index, block in enumerate(blocks):
        places.setdefault(block.key, []).append(index)
    long_blocks = [index for index, block in enumerate(blocks) if len(block.key) >= _PIECE]
    lines = []
    here = 0
    for text in texts:
        key = fold_key(text)
        found = _place(key, places, blocks, long_blocks, here)
        if found is not None:
            here = found
        lines.append(Line(text, key, blocks[found] if found is not None else None))
    return lines


def _place(
    key: str, places: dict[str, list[int]], blocks: Sequence[Block], long_blocks: list[int], here: int
) -> int | None:
    same = places.get(key)
    if same:
        return same[min(bisect_left(same, here), len(same) - 1)]
    if len(key) < _PIECE:
        return None
    for index in long_blocks:
        if index >= here and (blocks[index].key in key or key in blocks[index].key):
            return index
    return None


def _keep(
    lines: Sequence[Line], spine: Sequence[Block], region: html.HtmlElement, summary: str
) -> list[Line]:
    """Keep the lines that stand in the region or lead into it, without links and furniture.

    A line before the region leads into it when it is a long paragraph, or what the page itself calls its `summary`.
    """
    of_spine = {id(block) for block in spine}
    holders = {ancestor for block in spine for ancestor in (block.parent, *block.parent.iterancestors())}
    inside = [line.block is None or _within(line.block.parent, region) for line in lines]
    backbone = [line.block is not None and id(line.block) in of_spine for line in lines]
    places = [i for i in range(len(lines)) if backbone[i] and inside[i]]
    first, last = (places[0], places[-1]) if places else (len(lines), -1)
    kept: list[Line] = []
    for i, line in enumerate(lines):
        leads_in = i < first and line.linked < 0.1 and (backbone[i] or _is_summary(line.key, summary))
        if not inside[i] and not leads_in:
            continue
        stray = line.block is None and not first <= i <= last and not line.is_sentence
        if backbone[i] or not (stray or _is_link(line) or _is_apart(line, holders, region)):
            kept.append(line)
    ends = {id(line) for i, line in enumerate(lines) if i > last or not backbone[i]}
    return [line for line in kept if not (id(line) in ends and (is_call(line.text) or is_footer(line.text)))]


def _within(element: html.HtmlElement, region: html.HtmlElement) -> bool:
    return element is region or any(ancestor is region for ancestor in element.iterancestors())


def _is_summary(key: str, summary: str) -> bool:
    shorter, longer = sorted((key, summary), key=len)
    return len(shorter) >= 2 * _PIECE and longer.startswith(shorter)


def _is_link(line: Line) -> bool:
    """Tell whether the line is a link to something else and no sentence of this text."""
    return line.linked >= 0.5 and not line.is_sentence


def _is_apart(line: Line, holders: set[html.HtmlElement], region: html.HtmlElement) -> bool:
    """Tell whether the line stands in a subtree of its own that calls itself furniture, or is a caption."""
    if line.block is None:
        return False
    if line.block.landmark == "figure" or line.block.parent.tag == "figcaption":
        return True
    element = line.block.parent
    while element is not None and element is not region and element not in holders:
        if names_furniture(f"{element.get('class') or ''} {element.get('id') or ''}"):
            return True
        element = element.getparent()
    return False


def _merge(lines: list[Line], missed: Sequence[Block], blocks: Sequence[Block]) -> list[Line]:
    """Put the missed blocks, which are in reading order, where they stand in the page."""
    if not missed:
        return lines
    order = {id(block): index for index, block in enumerate(blocks)}
    merged: list[Line] = []
    waiting = list(reversed(missed))
    for line in lines:
        while waiting and line.block is not None and order[id(waiting[-1])] < order[id(line.block)]:
            merged.append(_line_of(waiting.pop()))
        merged.append(line)
    return merged + [_line_of(block) for block in reversed(waiting)]


def _line_of(block: Block) -> Line:
    return Line(block.text, block.key, block)


def _without_spine(lines: Sequence[Line], blocks: Sequence[Block]) -> Body:
    """Read a page without long paragraphs: sentences only, unless its text does not stand in its markup at all."""
    markup = "".join(block.key for block in blocks)
    elsewhere = sum(weigh(line.text) for line in lines if line.key not in markup)
    total = sum(weigh(line.text) for line in lines)
    if total >= SHORT_WEIGHT and 2 * elsewhere > total:
        return Body(tuple(lines), "as read")
    sentences = tuple(line for line in lines if line.linked < 0.5 and line.is_sentence and line.key in markup)
    return Body(sentences, "sentences" if sentences else "none")


def _is_short(body: Body, blocks: Sequence[Block]) -> bool:
    if body.weight < SHORT_WEIGHT:
        return True
    prose = sum(block.weight for block in blocks if is_prose(block) and not block.landmark)
    return body.weight < SHORT_SHARE * prose


def _article_of(line: Line) -> html.HtmlElement | None:
    return next(line.block.parent.iterancestors("article"), None) if line.block is not None else None


def _mostly_other_articles(wider: Body, body: Body) -> bool:
    """Tell whether the gain comes from other `<article>` elements: teasers of other stories, not more of this one."""
    own = {_article_of(line) for line in body.lines} - {None}
    foreign = [
        line for line in wider.lines if (article := _article_of(line)) is not None and article not in own
    ]
    return bool(own) and sum(weigh(line.text) for line in foreign) * 2 > wider.weight


def _end_with(witness: str, body: Body) -> Body:
    """Cut what follows the last line that a declared body knows, where that body is whole and this text."""
    declared = fold_key(witness)
    known = [
        len(line.key) >= _PIECE and (line.key in declared or mostly_in(line.key, declared))
        for line in body.lines
    ]
    if not any(known) or _TRUNCATED.search(witness):
        return body
    shared = sum(weigh(line.text) for line, is_known in zip(body.lines, known, strict=True) if is_known)
    read = "".join(line.key for line in body.lines)
    pieces = [declared[at : at + _PIECE] for at in range(0, len(declared), 5 * _PIECE)]
    whole = sum(piece in read for piece in pieces) >= 0.9 * len(pieces)
    if shared < 0.6 * body.weight or not whole:
        return body
    last = len(known) - 1 - known[::-1].index(True)
    return Body(body.lines[: last + 1], body.how)
