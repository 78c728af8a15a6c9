"""Choose the lines of a page that are its article.

trafilatura reads first; this module judges its lines by where they stand in the page. The method is the one of
`notes/methods.md` section B: long unlinked blocks that trafilatura kept are the *spine*, the subtree that holds
most of the spine is the *region*, and every other line must earn its place by standing in that region.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import trafilatura
from lxml import html

from crawler.reading.blocks import Block, fold_key, squeeze, weigh

SPINE_WEIGHT = 80
SPINE_LINKED = 0.3
REGION_SHARE = 0.8
SHORT_WEIGHT = 400
SHORT_SHARE = 0.3

_REGION_STOPS = frozenset({
    "p", "span", "a", "li", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "table",
    "tr",
})  # fmt: skip
_FURNITURE_NAME = re.compile(
    r"(?:^|[-_\s])(?:related|recommend\w*|share\w*|social\w*|login|sign-?in|comments?|rank\w*|hot-?list|copyright"
    r"|nav\w*|menu|breadcrumbs?|newsletter|subscribe|promo\w*|sponsor\w*|advert\w*|tags?|footer|sidebar|more-\w+)(?:$|[-_\s])",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…。！？；：:][\"'”’」』）)\]]*$")
_LIST_MARK = re.compile(r"^[-•·*]\s+")
_PIECE = 12


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one line of the article and the block it came from, None where no block could be told."""

    text: str
    key: str
    block: Block | None


@dataclass(frozen=True, slots=True)
class Body:
    """Hold the article's lines and how they were chosen ("spine", "sentences", "as read", "none")."""

    lines: tuple[Line, ...]
    how: str


def read_body(tree: html.HtmlElement, blocks: Sequence[Block]) -> Body:
    """Read the article's lines from `tree`, whose blocks in reading order are `blocks`."""
    body = _judge(_extract(tree, fast=True), blocks)
    if not _is_short(body, blocks):
        return body
    wider = _judge(_extract(tree, fast=False), blocks)
    if _weight(wider.lines) > 1.5 * _weight(body.lines) and not _mostly_other_articles(wider, body):
        return wider
    return body


def _extract(tree: html.HtmlElement, *, fast: bool) -> list[str]:
    text = trafilatura.extract(tree, fast=fast, include_comments=False) or ""
    return [line for line in (squeeze(_LIST_MARK.sub("", line)) for line in text.split("\n")) if line]


def _judge(texts: list[str], blocks: Sequence[Block]) -> Body:
    lines = _locate(texts, blocks)
    spine = _spine(lines, blocks)
    if not spine:
        return _without_spine(lines)
    region = _region(spine)
    return Body(tuple(_keep(lines, spine, region)), "spine")


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
        return next((index for index in same if index >= here), same[-1])
    if len(key) < _PIECE:
        return None
    for index in long_blocks:
        if index >= here and (blocks[index].key in key or key in blocks[index].key):
            return index
    return None


def _spine(lines: Sequence[Line], blocks: Sequence[Block]) -> list[Block]:
    """Find the long, unlinked, visible blocks that the extractor kept."""
    keys = {line.key for line in lines}
    output = "".join(line.key for line in lines)
    return [
        block
        for block in blocks
        if block.weight >= SPINE_WEIGHT
        and block.linked < SPINE_LINKED
        and not block.hidden
        and not block.heading
        and block.parent.tag != "figcaption"
        and (block.key in keys or _mostly_in(block.key, output))
    ]


def _mostly_in(key: str, output: str) -> bool:
    pieces = [key[start : start + _PIECE] for start in range(0, len(key) - _PIECE + 1, 3 * _PIECE)]
    return bool(pieces) and sum(piece in output for piece in pieces) * 2 > len(pieces)


def _region(spine: Sequence[Block]) -> html.HtmlElement:
    """Descend from the page's body to the smallest element that still holds most of the spine."""
    weights: dict[html.HtmlElement, int] = {}
    root = spine[0].parent
    for block in spine:
        element = block.parent
        while element is not None:
            weights[element] = weights.get(element, 0) + block.weight
            root = element
            element = element.getparent()
    region = root
    while True:
        heaviest = max(region, key=lambda child: weights.get(child, 0), default=None)
        if heaviest is None or heaviest.tag in _REGION_STOPS:
            return region
        if weights.get(heaviest, 0) < REGION_SHARE * weights[region]:
            return region
        region = heaviest


def _within(element: html.HtmlElement, region: html.HtmlElement) -> bool:
    return element is region or any(ancestor is region for ancestor in element.iterancestors())


def _keep(lines: Sequence[Line], spine: Sequence[Block], region: html.HtmlElement) -> list[Line]:
    spine_set = {id(block) for block in spine}
    inside = [line.block is None or _within(line.block.parent, region) for line in lines]
    backbone = [line.block is not None and id(line.block) in spine_set for line in lines]
    first = next((i for i in range(len(lines)) if backbone[i] and inside[i]), len(lines))
    last = next((i for i in reversed(range(len(lines))) if backbone[i] and inside[i]), -1)
    holders = {ancestor for block in spine for ancestor in (block.parent, *block.parent.iterancestors())}
    kept: list[Line] = []
    for i, line in enumerate(lines):
        if not inside[i] and not (backbone[i] and i < first and line.block and line.block.linked < 0.1):
            continue
        if not backbone[i] and (_is_link_line(lines, i, first, last) or _is_furniture(line, holders, region)):
            continue
        kept.append(line)
    return kept


def _linked(line: Line) -> float:
    return line.block.linked if line.block is not None else 0.0


def _is_link_line(lines: Sequence[Line], i: int, first: int, last: int) -> bool:
    """Tell whether line `i` is one of a run of links, or a link outside the article's first and last paragraph."""
    line = lines[i]
    if _linked(line) < 0.5:
        return False
    if line.block is not None and line.block.weight >= SPINE_WEIGHT and _SENTENCE_END.search(line.text):
        return False
    if not first <= i <= last:
        return True
    return any(_linked(lines[j]) >= 0.5 for j in (i - 1, i + 1) if 0 <= j < len(lines))


def _is_furniture(line: Line, holders: set[html.HtmlElement], region: html.HtmlElement) -> bool:
    """Tell whether the line stands in a subtree of its own, without spine, that calls itself furniture."""
    if line.block is None:
        return False
    element = line.block.parent
    while element is not None and element is not region and element not in holders:
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        if len(name) > 1 and _FURNITURE_NAME.search(name):
            return True
        element = element.getparent()
    return False


def _without_spine(lines: Sequence[Line]) -> Body:
    mapped = [line for line in lines if line.block is not None]
    if lines and len(mapped) * 2 < len(lines):
        return Body(tuple(lines), "as read")
    sentences = tuple(line for line in mapped if _is_sentence(line))
    return Body(sentences, "sentences" if sentences else "none")


def _is_sentence(line: Line) -> bool:
    return _linked(line) < 0.5 and weigh(line.text) >= 40 and _SENTENCE_END.search(line.text) is not None


def _weight(lines: Sequence[Line]) -> int:
    return sum(weigh(line.text) for line in lines)


def _is_short(body: Body, blocks: Sequence[Block]) -> bool:
    weight = _weight(body.lines)
    if weight < SHORT_WEIGHT:
        return True
    prose = sum(
        block.weight
        for block in blocks
        if block.weight >= SPINE_WEIGHT
        and block.linked < SPINE_LINKED
        and not block.hidden
        and not block.landmark
    )
    return weight < SHORT_SHARE * prose


def _article_of(line: Line) -> html.HtmlElement | None:
    if line.block is None:
        return None
    return next((a for a in line.block.parent.iterancestors("article")), None)


def _mostly_other_articles(wider: Body, body: Body) -> bool:
    """Tell whether the gain comes from other `<article>` elements: teasers of other stories, not more of this one."""
    own = {_article_of(line) for line in body.lines} - {None}
    foreign = [
        line for line in wider.lines if (article := _article_of(line)) is not None and article not in own
    ]
    return bool(own) and _weight(foreign) * 2 > _weight(wider.lines)
