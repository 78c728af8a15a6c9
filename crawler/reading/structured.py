"""Collect what a page says about itself to machines: JSON-LD, meta tags, time elements, in one pass each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from lxml import html

from crawler.reading.blocks import squeeze

_ARTICLE_TYPES = frozenset({
    "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
    "backgroundnewsarticle", "blogposting", "liveblogposting", "report", "socialmediaposting", "pressrelease",
    "techarticle", "scholarlyarticle", "advertisercontentarticle", "reviewnewsarticle", "review",
    "governmentservice", "legislation",
})  # fmt: skip
# "pubDate" without a type is what a Chinese search engine asks of publishers.
_TELLING = ("headline", "datePublished", "pubDate", "dateModified", "author", "publisher", "articleBody")
_MAX_DEPTH = 12
_MAX_NODES = 3000
_MAX_SCRIPT = 2_000_000
# What survives in a script that is not JSON after all; the value must close on its own line.
_LOOSE = re.compile(r'"(datePublished|dateModified|headline|inLanguage)"\s*:\s*"((?:[^"\\\n]|\\.){1,400})"')
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_RAW_NEWLINE = re.compile(r"[\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class TimeTag:
    """Hold one `<time datetime>` element: its value, its visible text and whether it says it means publication."""

    value: str
    text: str
    published: bool


@dataclass(frozen=True, slots=True)
class Claims:
    """Hold what the page claims of itself; every text is unproved until something else agrees."""

    headline: str | None = None
    date_published: str | None = None
    date_modified: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    article_body: str | None = None
    lang: str | None = None
    page_title: str | None = None
    meta: dict[str, str] = field(default_factory=dict)
    times: tuple[TimeTag, ...] = ()

    def first(self, *names: str) -> str | None:
        """Give the first non-empty meta value among `names` (lower case)."""
        return next((self.meta[name] for name in names if self.meta.get(name)), None)


def collect_claims(tree: html.HtmlElement) -> Claims:
    """Collect the claims of the page `tree`; broken JSON-LD yields what can be saved of it."""
    meta = _meta(tree)
    article, publisher = _json_ld(tree)
    title = tree.find(".//title")
    return Claims(
        headline=_text(article.get("headline")) or _text(article.get("name")),
        date_published=_first(article, "datePublished", "pubDate", "dateCreated"),
        date_modified=_first(article, "dateModified", "upDate"),
        authors=_names(article.get("author")),
        publisher=next(iter(_names(article.get("publisher"))), None) or publisher,
        article_body=_body_text(article.get("articleBody")),
        lang=_text(article.get("inLanguage")) or tree.get("lang") or tree.get("xml:lang"),
        page_title=squeeze(title.text_content()) or None if title is not None else None,
        meta=meta,
        times=tuple(_times(tree)),
    )


def _first(node: dict[str, Any], *names: str) -> str | None:
    return next((text for name in names if (text := _text(node.get(name)))), None)


def _meta(tree: html.HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = (
            element.get("property")
            or element.get("name")
            or element.get("itemprop")
            or element.get("http-equiv")
        )
        content = element.get("content")
        if name and content and content.strip():
            found.setdefault(name.strip().lower(), squeeze(content)[:2000])
    return found


def _times(tree: html.HtmlElement) -> Iterator[TimeTag]:
    for element in tree.iter("time"):
        value = element.get("datetime") or ""
        if not value.strip():
            continue
        marks = f"{element.get('itemprop') or ''} {element.get('class') or ''}".lower()
        published = element.get("pubdate") is not None or "publish" in marks or "entry-date" in marks
        yield TimeTag(
            value.strip(), squeeze(element.text_content())[:100], published and "update" not in marks
        )


def _json_ld(tree: html.HtmlElement) -> tuple[dict[str, Any], str | None]:
    """Give the node that describes the article, the richest where there are several, and the site's own name."""
    best: dict[str, Any] = {}
    site: str | None = None
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        for node in _nodes(_parse(script.text or "")):
            kinds = _types(node)
            about_page = bool(kinds & _ARTICLE_TYPES) or (not kinds and "pubDate" in node)
            if about_page and _richness(node) > _richness(best):
                best = node
            elif site is None and kinds & {"organization", "newsmediaorganization", "website"}:
                site = _text(node.get("name"))
    return best, site


def _parse(text: str) -> Any:
    text = text.strip()
    if not text or len(text) > _MAX_SCRIPT:
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    repaired = _TRAILING_COMMA.sub(r"\1", _RAW_NEWLINE.sub(" ", text.removesuffix(";")))
    try:
        return json.loads(repaired, strict=False)
    except (ValueError, RecursionError):
        loose = {name: json_text(value) for name, value in _LOOSE.findall(text[:100_000])}
        return {"@type": "Article", **loose} if loose else None


def json_text(escaped: str) -> str:
    """Read the inside of a JSON string; what is not one comes back as it is."""
    try:
        return str(json.loads(f'"{escaped}"', strict=False))
    except ValueError:
        return escaped


def _nodes(root: Any) -> Iterator[dict[str, Any]]:
    """Walk a JSON document for objects, bounded in depth and number because it is foreign."""
    stack = [(root, 0)]
    seen = 0
    while stack and seen < _MAX_NODES:
        value, depth = stack.pop()
        seen += 1
        if isinstance(value, dict):
            yield value
            children = list(value.values())
        else:
            children = value if isinstance(value, list) else []
        if depth < _MAX_DEPTH:
            stack.extend((child, depth + 1) for child in reversed(children) if isinstance(child, dict | list))


def _types(node: dict[str, Any]) -> set[str]:
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return {str(item).rsplit("/", 1)[-1].lower() for item in kinds if item}


def _richness(node: dict[str, Any]) -> int:
    return sum(bool(node.get(name)) for name in _TELLING)


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str)), None)
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    return squeeze(unescape(value))[:2000] or None if isinstance(value, str) else None


def _body_text(value: Any) -> str | None:
    return value[:1_000_000] if isinstance(value, str) and value.strip() else None


def _names(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    names = [_text(item.get("name")) if isinstance(item, dict) else _text(item) for item in items[:20]]
    return tuple(dict.fromkeys(name for name in names if name))
