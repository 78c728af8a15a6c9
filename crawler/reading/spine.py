"""Find the skeleton of an article in a page: its long paragraphs, and the part of the page that holds them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from lxml import html

from crawler.reading.blocks import Block
from crawler.reading.boilerplate import is_footer

Weights = dict[html.HtmlElement, int]

SPINE_WEIGHT = 80
SPINE_LINKED = 0.3
REGION_SHARE = 0.8
GAIN = 0.15
A_STORY = 240
SIDE_SHARE = 0.5
_PIECE = 12
_TEXT_TAGS = frozenset(
    {"p", "span", "a", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "dt", "pre", "font", "b", "strong"}
)
_CELLS = frozenset({"ul", "ol", "dl", "li", "dd", "table", "tbody", "tr", "td", "th"})
_READERS = re.compile(
    r"(?:^|[-_\s])(?:comments?(?:-?(?:list|item|box|area|wrap\w*))?|pinglun|gentie|replies|disqus\w*)(?:$|[-_\s])",
    re.IGNORECASE,
)
_SIDE = re.compile(
    r"(?:^|[-_\s])(?:right|side|sider|sidebar|aside|rank\w*|hot\w*|recommend\w*|related|popular|trending|most-?read|promo|teasers?)(?:$|[-_\s])",
    re.IGNORECASE,
)
_ASIDE = frozenset({"nav", "footer", "aside", "form", "figure", "header"})


def is_prose(block: Block) -> bool:
    """Tell whether a block can be a paragraph of an article by itself: long, hardly linked, shown, no heading."""
    return (
        block.weight >= SPINE_WEIGHT
        and block.linked < SPINE_LINKED
        and not block.hidden
        and not block.heading
        and block.parent.tag != "figcaption"
        and not is_footer(block.text)
    )


def find_spine(keys: Sequence[str], blocks: Sequence[Block]) -> list[Block]:
    """Find the prose blocks that an extractor kept, whose output lines have `keys`."""
    known = set(keys)
    output = "".join(keys)
    kept = [b for b in blocks if is_prose(b) and (b.key in known or mostly_in(b.key, output))]
    own = [block for block in kept if not _is_of_readers(block)]
    # Some sites call their whole page a comment.
    return own if sum(b.weight for b in own) >= min(A_STORY, sum(b.weight for b in kept) / 2) else kept


def _is_of_readers(block: Block) -> bool:
    """Tell whether readers wrote it: it stands under an element named for comments."""
    for element in (block.parent, *block.parent.iterancestors()):
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if len(names) > 1 and _READERS.search(names):
            return True
    return False


def mostly_in(key: str, output: str) -> bool:
    """Tell whether over half of the pieces sampled from `key` occur in `output`."""
    pieces = [key[start : start + _PIECE] for start in range(0, len(key) - _PIECE + 1, 3 * _PIECE)]
    return bool(pieces) and sum(piece in output for piece in pieces) * 2 > len(pieces)


def find_region(spine: Sequence[Block]) -> html.HtmlElement:
    """Descend from the page's root to the smallest element that still holds most of the spine."""
    weights: Weights = {}
    root = spine[0].parent
    for block in spine:
        element = block.parent
        while element is not None:
            weights[element] = weights.get(element, 0) + block.weight
            root = element
            element = element.getparent()
    region = root
    while (heaviest := _heaviest(region, weights)) is not None and heaviest.tag not in _TEXT_TAGS:
        inner = _through_cells(heaviest, weights) if heaviest.tag in _CELLS else heaviest
        if inner is None:
            break
        region = inner
    return region


def _heaviest(element: html.HtmlElement, weights: Weights) -> html.HtmlElement | None:
    """Give the child that holds nearly all the weight of `element`, None where no child does."""
    child = max(element, key=lambda child: weights.get(child, 0), default=None)
    if child is None or weights.get(child, 0) < REGION_SHARE * weights[element]:
        return None
    return child


def _through_cells(element: html.HtmlElement, weights: Weights) -> html.HtmlElement | None:
    """Descend through a table or list that only lays out the page; None where its cells are the text."""
    cell = None
    inner: html.HtmlElement | None = element
    while inner is not None and inner.tag in _CELLS:
        if inner.tag in {"li", "dd", "td", "th"}:
            cell = inner
        element, inner = inner, _heaviest(inner, weights)
    if inner is not None and inner.tag not in _TEXT_TAGS:
        return inner
    if cell is None or cell is not element:
        return None
    return cell if cell.tag in {"td", "th"} or any(weights.get(child, 0) for child in cell) else None


def without_side(spine: Sequence[Block]) -> list[Block]:
    """Leave out the paragraphs of a side column: a lighter part of the region that is named for one."""
    region = find_region(spine)
    parts: dict[html.HtmlElement | None, list[Block]] = {}
    for block in spine:
        parts.setdefault(_part_of(block, region), []).append(block)
    weights = {part: sum(block.weight for block in held) for part, held in parts.items()}
    heaviest = max(weights.values())
    main = [
        block
        for part, held in parts.items()
        if part is None or weights[part] > SIDE_SHARE * heaviest or not _is_side(part, held)
        for block in held
    ]
    return sorted(main, key=spine.index) if len(main) < len(spine) else list(spine)


def _part_of(block: Block, region: html.HtmlElement) -> html.HtmlElement | None:
    """Give the child of `region` that holds the block, None where the block hangs on the region itself."""
    element = block.parent
    while element is not region:
        above = element.getparent()
        if above is None or above is region:
            return element if above is region else None
        element = above
    return None


def _is_side(part: html.HtmlElement, held: Sequence[Block]) -> bool:
    """Tell whether the part, or an element between it and its paragraphs, is named for a side column."""
    path = {
        part,
        *(e for block in held for e in (block.parent, *block.parent.iterancestors()) if _below(e, part)),
    }
    return any(_SIDE.search(f"{e.get('class') or ''} {e.get('id') or ''}") for e in path)


def _below(element: html.HtmlElement, part: html.HtmlElement) -> bool:
    return any(above is part for above in element.iterancestors())


def find_missed(spine: Sequence[Block], blocks: Sequence[Block], output: str) -> list[Block]:
    """Find paragraphs the extractor overlooked: prose in the same named markup as the spine.

    Long reads are cut into several containers, and paywalls wrap the rest of a text; both keep the class names.
    Only a gain of some size is believed, and never one from another `<article>`.
    """
    marks = Counter(_mark(block) for block in spine)
    articles = {_article(block) for block in spine}
    kept = {id(block) for block in spine}
    missed = [
        block
        for block in blocks
        if id(block) not in kept
        and is_prose(block)
        and block.landmark not in _ASIDE
        and marks.get(mark := _mark(block), 0) >= 3
        and any(name for _, name in mark)
        and not mostly_in(block.key, output)
        and _article(block) in articles
    ]
    return missed if sum(b.weight for b in missed) >= GAIN * sum(b.weight for b in spine) else []


def _mark(block: Block) -> tuple[tuple[str, str], ...]:
    """Describe the markup of a block: tag and class of its element and of that one's parent."""
    above = block.parent.getparent()
    elements = [block.parent] if above is None else [block.parent, above]
    return tuple((element.tag, element.get("class") or "") for element in elements)


def _article(block: Block) -> html.HtmlElement | None:
    return next(block.parent.iterancestors("article"), None)
