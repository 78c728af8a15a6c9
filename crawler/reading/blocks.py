"""Cut a parsed page into the blocks of text a reader sees, with what the markup says about each."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from lxml import etree, html

_SILENT = frozenset({
    "script", "style", "noscript", "template", "head", "svg", "math", "object", "embed", "iframe", "canvas",
    "audio", "video", "map", "select", "option", "button", "input", "textarea", "datalist", "dialog",
})  # fmt: skip
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "img", "ins", "kbd", "label", "mark", "nobr", "q", "rb", "rp", "rt", "ruby", "s", "samp", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})  # fmt: skip
_LANDMARKS = frozenset({
    "nav", "header", "footer", "aside", "form", "figure",
})  # fmt: skip
_HEADINGS = frozenset({
    "h1", "h2", "h3", "h4", "h5", "h6",
})  # fmt: skip
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# Soft hyphens, zero-width spaces and joins hide words from every later search.
_INVISIBLE = ("\u00ad", "\u200b", "\u2060", "\ufeff")
_NOT_LETTERS = re.compile(r"[\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")

# A page of 10 MB made of tiny elements costs seconds for nothing: no article needs more than this.
MAX_BLOCKS = 40_000
MAX_BLOCK = 400_000


@dataclass(frozen=True, slots=True)
class Block:
    """Hold one run of text between block-level tags.

    `linked` is the share of characters inside links, `parent` the nearest block-level element, `hidden` tells that
    the page does not show it, `landmark` names the innermost nav, header, footer, aside, form or figure around it.
    """

    text: str
    key: str
    weight: int
    linked: float
    parent: html.HtmlElement
    hidden: bool
    landmark: str | None

    @property
    def heading(self) -> bool:
        """Tell whether the markup calls it a heading."""
        return self.parent.tag in _HEADINGS


def fold_key(text: str) -> str:
    """Reduce `text` to its letters and digits in lower case, so that layout cannot tell two copies apart."""
    return _NOT_LETTERS.sub("", text).lower()


def weigh(text: str) -> int:
    """Weigh `text` in characters, a CJK character as three, because it says about as much."""
    return len(text) if text.isascii() else len(text) + 2 * (len(text) - len(_CJK.sub("", text)))


def squeeze(text: str) -> str:
    """Replace every run of white space by one space, drop what has no width, and compose letters with accents (NFC)."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        if any(mark in text for mark in _INVISIBLE):
            text = text.translate(dict.fromkeys(map(ord, _INVISIBLE)))
    return " ".join(text.split())


@dataclass(slots=True)
class _Walk:
    """Collect the text of the block being read until a block-level tag ends it."""

    blocks: list[Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    links: int = 0
    hidden: list[html.HtmlElement] = field(default_factory=list)
    landmarks: list[str] = field(default_factory=list)
    parents: list[html.HtmlElement] = field(default_factory=list)

    def read(self, text: str | None) -> None:
        if text:
            self.pieces.append(text)
            if self.links:
                self.linked += len(text.strip())

    def flush(self) -> None:
        if not self.pieces:
            return
        run = "".join(self.pieces)[:MAX_BLOCK]
        text = "" if run.isspace() else squeeze(run)
        if text and self.parents:
            self.blocks.append(
                Block(
                    text=text,
                    key=fold_key(text),
                    weight=weigh(text),
                    linked=min(1.0, self.linked / len(text)),
                    parent=self.parents[-1],
                    hidden=bool(self.hidden),
                    landmark=self.landmarks[-1] if self.landmarks else None,
                )
            )
        self.pieces.clear()
        self.linked = 0

    def open(self, element: html.HtmlElement, tag: str) -> None:
        if tag not in _INLINE:
            self.flush()
            if tag != "br":
                self.parents.append(element)
            if tag in _LANDMARKS:
                self.landmarks.append(tag)
        elif tag == "a":
            self.links += 1
        if element.attrib and _is_hidden(element):
            self.hidden.append(element)
        self.read(element.text)

    def close(self, element: html.HtmlElement, tag: str) -> None:
        if tag not in _INLINE:
            self.flush()
            if tag != "br":
                self.parents.pop()
            if tag in _LANDMARKS:
                self.landmarks.pop()
        elif tag == "a":
            self.links -= 1
        if self.hidden and self.hidden[-1] is element:
            self.hidden.pop()
        self.read(element.tail)


def _is_hidden(element: html.HtmlElement) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = element.get("style")
    return style is not None and _HIDDEN_STYLE.search(style) is not None


def cut_blocks(body: html.HtmlElement) -> list[Block]:
    """Cut `body` into blocks in reading order, at most `MAX_BLOCKS`; scripts, styles and form controls are silent."""
    walk = _Walk()
    steps = etree.iterwalk(body, events=("start", "end"))
    for event, element in steps:
        tag = element.tag
        if not isinstance(tag, str) or tag in _SILENT:
            if event == "start":
                steps.skip_subtree()
            else:
                walk.read(element.tail)
        elif event == "start":
            walk.open(element, tag)
        else:
            walk.close(element, tag)
        if len(walk.blocks) >= MAX_BLOCKS:
            break
    return walk.blocks
