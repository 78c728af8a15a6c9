"""Choose the lines of a page that are its article.

trafilatura reads first; this module judges its lines by where they stand in the page: long unlinked blocks that
trafilatura kept are the *spine*, the subtree that holds most of the spine is the *region*, and every other line must
earn its place by standing in that region and not looking like furniture.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import trafilatura
from lxml import html

from crawler.reading.blocks import MAX_BLOCK, Block, fold_key, squeeze, weigh
from crawler.reading.lines import PIECE, Line, keep_lines, locate_lines, merge_missed
from crawler.reading.spine import find_missed, find_region, find_spine, is_prose, mostly_in, without_side

SHORT_WEIGHT = 400
SHORT_SHARE = 0.3
VAST_BLOCKS = 20_000
VAST_ELEMENTS = 30_000
VAST_TEXT = 1_000_000
_TRUNCATED = re.compile(r"(?:\.\.\.|…|\[\+\d+ chars\])\s*$")
_LIST_MARK = re.compile(r"^[-•·*]\s+")


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
        return _from_blocks(blocks, witness)
    body = _judge(_extract(tree, fast=True), blocks, witness)
    if _is_short(body, blocks):
        body = _wider(body, _judge(_extract(tree, fast=False), blocks, witness))
    if body.weight < SHORT_WEIGHT and (own := _from_blocks(blocks, witness)).how == "spine":
        body = _wider(body, own)
    return _end_with(witness.body, body) if witness.body and body.how == "spine" else body


def _wider(body: Body, other: Body) -> Body:
    """Take the other reading where it has clearly more of the same article."""
    return other if other.weight > 1.5 * body.weight and not _mostly_other_articles(other, body) else body


def _from_blocks(blocks: Sequence[Block], witness: Witness) -> Body:
    """Read without an extractor: all blocks that may be text, judged like its lines."""
    return _judge([block.text for block in blocks if _may_be_text(block)], blocks, witness)


def _is_vast(tree: html.HtmlElement, blocks: Sequence[Block]) -> bool:
    """Tell whether the page is so large that trafilatura would take many seconds; its blocks must do then."""
    if len(blocks) >= VAST_BLOCKS or sum(len(block.text) for block in blocks) > VAST_TEXT:
        return True
    return sum(1 for _ in tree.iter()) > VAST_ELEMENTS


def _may_be_text(block: Block) -> bool:
    return not block.hidden and block.linked < 0.5 and block.landmark is None


def _extract(tree: html.HtmlElement, *, fast: bool) -> list[str]:
    text = trafilatura.extract(tree, fast=fast, include_comments=False) or ""
    return [line for line in (_plain(raw[:MAX_BLOCK]) for raw in text.split("\n")) if line]


def _plain(line: str) -> str:
    """Take the marks of lists and table borders off a line of the extractor's output."""
    text = squeeze(_LIST_MARK.sub("", line))
    if not text.startswith("|"):
        return text
    return " | ".join(cell for cell in (part.strip() for part in text.split("|")) if cell.strip("-"))


def _judge(texts: list[str], blocks: Sequence[Block], witness: Witness) -> Body:
    lines = locate_lines(texts, blocks)
    spine = find_spine([line.key for line in lines], blocks)
    if not spine:
        return _without_spine(lines, blocks)
    spine = without_side(spine)
    kept = keep_lines(lines, spine, find_region(spine), fold_key(witness.description or ""))
    present = {id(line.block) for line in kept}
    own = [block for block in spine if id(block) in present]
    missed = find_missed(own, blocks, "".join(line.key for line in lines))
    return Body(tuple(merge_missed(kept, missed, blocks)), "spine")


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
        len(line.key) >= PIECE and (line.key in declared or mostly_in(line.key, declared))
        for line in body.lines
    ]
    if not any(known) or _TRUNCATED.search(witness):
        return body
    shared = sum(weigh(line.text) for line, is_known in zip(body.lines, known, strict=True) if is_known)
    read = "".join(line.key for line in body.lines)
    pieces = [declared[at : at + PIECE] for at in range(0, len(declared), 5 * PIECE)]
    whole = sum(piece in read for piece in pieces) >= 0.9 * len(pieces)
    if shared < 0.6 * body.weight or not whole:
        return body
    last = len(known) - 1 - known[::-1].index(True)
    return Body(body.lines[: last + 1], body.how)
