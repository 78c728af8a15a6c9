"""Judge the lines an extractor gives by where they stand in the page."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import html

from crawler.reading.blocks import Block, fold_key, weigh
from crawler.reading.boilerplate import is_call, is_footer, names_furniture

SENTENCE_WEIGHT = 40
PIECE = 12
MAX_PARTS = 400
_SENTENCE_END = re.compile(r"[.!?…。！？；：:][\"'”’」』）)\]]*$")


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


def locate_lines(texts: Sequence[str], blocks: Sequence[Block]) -> list[Line]:
    """Find the block of each line: the next one with its key, else any with its key, else one that holds it.

    A line that is several blocks run together (an extractor's last resort) comes back as those blocks.
    """
    places: dict[str, list[int]] = {}
    for index, block in enumerate(blocks):
        places.setdefault(block.key, []).append(index)
    long_blocks = [index for index, block in enumerate(blocks) if len(block.key) >= PIECE]
    lines: list[Line] = []
    here = 0
    for text in texts:
        key = fold_key(text)
        parts = _parts(key, blocks) if key not in places and len(key) >= 2 * PIECE else []
        if parts:
            lines.extend(line_of(block) for block in parts if not block.hidden)
            continue
        found = _place(key, places, blocks, long_blocks, here)
        if found is None and " | " in text:
            # A row of a table stands where its first cell does.
            found = _place(fold_key(text.split(" | ")[0]), places, blocks, long_blocks, here)
        if found is not None:
            here = found
        lines.append(Line(text, key, blocks[found] if found is not None else None))
    return lines


def _parts(key: str, blocks: Sequence[Block]) -> list[Block]:
    """Find the successive blocks that a key is made of, none where they are not nearly all of it."""
    best: list[Block] = []
    covered = 0
    for start, first in enumerate(blocks):
        if not first.key or not key.startswith(first.key):
            continue
        parts, at = [first], len(first.key)
        for block in blocks[start + 1 : start + MAX_PARTS]:
            if block.key and key.startswith(block.key, at):
                parts.append(block)
                at += len(block.key)
        if at > covered:
            best, covered = parts, at
    return best if len(best) > 1 and covered >= 0.9 * len(key) else []


def _place(
    key: str, places: dict[str, list[int]], blocks: Sequence[Block], long_blocks: list[int], here: int
) -> int | None:
    same = places.get(key)
    if same:
        return same[min(bisect_left(same, here), len(same) - 1)]
    if len(key) < PIECE:
        return None
    for index in long_blocks:
        if index >= here and (blocks[index].key in key or key in blocks[index].key):
            return index
    return None


def keep_lines(
    lines: Sequence[Line], spine: Sequence[Block], region: html.HtmlElement, summary: str
) -> list[Line]:
    """Keep the lines that stand in the region or lead into it, without links and furniture.

    A line before the region leads into it when it is a long paragraph, or what the page itself calls its `summary`.
    """
    of_spine = {id(block) for block in spine}
    holders = {ancestor for block in spine for ancestor in (block.parent, *block.parent.iterancestors())}
    inside = [line.block is None or _within(line.block.parent, region) for line in lines]
    backbone = [_stands(line, of_spine) for line in lines]
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
    return _peeled([line for line in kept if not (_is_about_site(line) and not _stands(line, of_spine))])


def _within(element: html.HtmlElement, region: html.HtmlElement) -> bool:
    return element is region or any(ancestor is region for ancestor in element.iterancestors())


def _peeled(lines: list[Line]) -> list[Line]:
    """Take off the statements about the site, however long, with which a text ends."""
    end = len(lines)
    while end > 1 and _is_about_site(lines[end - 1]):
        end -= 1
    return lines[:end]


def _stands(line: Line, of_spine: set[int]) -> bool:
    return line.block is not None and id(line.block) in of_spine


def _is_about_site(line: Line) -> bool:
    return is_call(line.text) or is_footer(line.text)


def _is_summary(key: str, summary: str) -> bool:
    shorter, longer = sorted((key, summary), key=len)
    return len(shorter) >= 2 * PIECE and longer.startswith(shorter)


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


def merge_missed(lines: list[Line], missed: Sequence[Block], blocks: Sequence[Block]) -> list[Line]:
    """Put the missed blocks, which are in reading order, where they stand in the page."""
    if not missed:
        return lines
    order = {id(block): index for index, block in enumerate(blocks)}
    merged: list[Line] = []
    waiting = list(reversed(missed))
    for line in lines:
        while waiting and line.block is not None and order[id(waiting[-1])] < order[id(line.block)]:
            merged.append(line_of(waiting.pop()))
        merged.append(line)
    return merged + [line_of(block) for block in reversed(waiting)]


def line_of(block: Block) -> Line:
    """Make a block a line of its own."""
    return Line(block.text, block.key, block)
