"""Gather the short lines around an article, where sites print dates, sources and names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from lxml import html

from crawler.reading.blocks import Block, fold_key
from crawler.reading.body import Body
from crawler.reading.credits import is_credit_line, join_labels
from crawler.reading.dates.printed import narrow
from crawler.reading.fields import find_fields

Place = Literal["above", "header", "body", "tail"]

_ABOVE = 3
_TABLE = 40
_HEADER = 25
_TAIL = 12
_OPENING = 3
_MAX_WEIGHT = 400
_CELLS = frozenset({"td", "th", "dd", "li"})
_SITE_PARTS = frozenset({"nav", "footer", "form"})
_CAPTION = re.compile(
    r"(?:^|[-_\s])(?:\w*caption|(?:img|image|pic|photo)-?(?:desc\w*|credit|text|info|source))(?:$|[-_\s])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Nearby:
    """Hold one short line and where it stands: above the headline, between it and the text, inside, or after it."""

    text: str
    place: Place


def find_nearby(blocks: Sequence[Block], body: Body, title: str | None) -> tuple[Nearby, ...]:
    """Find the short lines around `body` among the page's `blocks`."""
    order = {id(block): index for index, block in enumerate(blocks)}
    own = [order[id(line.block)] for line in body.lines if line.block is not None]
    if not own:
        return _nearby(blocks[:_HEADER], "header", title)
    own.sort()
    mine = set(own)
    first, last = own[0], own[-1]
    head = _headline(blocks[: first + 1], title)
    start = max(first - _HEADER, 0) if head is None else max(head, first - 2 * _HEADER)
    # A dateline may stand between the summary and the text proper.
    opening = [block for i, block in enumerate(blocks[start : own[:_OPENING][-1]], start) if i not in mine]
    above = () if head is None else _above(blocks[max(0, start - _TABLE) : start], title)
    return (
        *(line for line in above),
        *_nearby(opening, "header", title),
        *_nearby(blocks[last + 1 : last + 1 + _TAIL], "tail", title),
    )


def _above(blocks: Sequence[Block], title: str | None) -> tuple[Nearby, ...]:
    """Give the fields of a table above the headline, however long, and of other lines the last few."""
    seen = [block for block in blocks if not block.hidden and block.landmark not in _SITE_PARTS]
    fields = find_fields([block.text for block in seen])
    taken = {id(seen[at]) for field in fields for at in (field.at, field.at + 1)}
    rest = [block for block in blocks if id(block) not in taken]
    labelled = {id(block) for block in takewhile(_is_labelled, reversed(rest))}
    last = {id(block) for block in blocks[-_ABOVE:]}
    near = [block for block in rest if id(block) in last | labelled]
    return (*(Nearby(field.text, "above") for field in fields), *_nearby(near, "above", title))


def _is_labelled(block: Block) -> bool:
    return ":" in narrow(block.text) and is_credit_line(block.text)


def _headline(blocks: Sequence[Block], title: str | None) -> int | None:
    """Find the last block before the text that is the headline, or a part of it set as a heading."""
    key = fold_key(title or "")
    if not key:
        return None
    same = [i for i, block in enumerate(blocks) if block.key == key or (block.heading and block.key in key)]
    # A table of what the document is repeats its name in a cell.
    cells = {i for i in same if blocks[i].parent.tag in _CELLS}
    return max([i for i in same if i not in cells] or same, default=None)


def _nearby(blocks: Sequence[Block], place: Place, title: str | None) -> tuple[Nearby, ...]:
    key = fold_key(title or "")
    texts = [
        block.text
        for block in blocks
        if block.weight <= _MAX_WEIGHT
        and block.key != key
        and not block.hidden
        and not _is_caption(block)
        and not (place in {"above", "tail"} and block.landmark in _SITE_PARTS)
    ]
    return tuple(Nearby(text, place) for text in join_labels(texts))


def _is_caption(block: Block) -> bool:
    """Tell whether the block speaks of a picture: it stands in a figure, or what holds it calls itself a caption.

    A table may be set as a figure, and cards call their headline with all that stands below it a caption.
    """
    if block.heading or block.parent.tag in {"td", "th"}:
        return False
    if block.landmark == "figure" or block.parent.tag == "figcaption":
        return True
    holders = (block.parent, block.parent.getparent())
    return any(holder is not None and _calls_itself_caption(holder) for holder in holders)


def _calls_itself_caption(element: html.HtmlElement) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return _CAPTION.search(names) is not None and element.find(".//h1") is None
