"""Read listing pages: the links of an HTML page that lead to articles, with the title and date printed beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import Any

from cssselect import SelectorError
from lxml import etree
from lxml import html as lxml_html
from lxml.cssselect import CSSSelector

from crawler.leads.address import absolute
from crawler.leads.dates import printed_day
from crawler.leads.leads import Found, Leads, gather, wanted_by
from crawler.leads.unreadable import describe, unreadable
from crawler.reading.charset import decode
from state.records import Source

MAX_ITEMS = 5000
"""Links of one page that are looked at."""

_WANTED = "a listing page (HTML)"
_LISTS = frozenset({"ul", "ol", "dl", "table", "tbody", "main", "body", "html"})
_NEAR = 4
_NEAR_TEXT = 2000
_MARKED_TIMES = etree.XPath(".//time/@datetime")
_OUTSIDE_LINKS = etree.XPath(".//text()[not(ancestor::a)]")


@dataclass(frozen=True, slots=True)
class _Place:
    """A CSS selector, and the attribute to take instead of the text (`a@title`)."""

    css: CSSSelector | None
    attribute: str | None


def read_listing(body: bytes, source: Source, url: str, headers: Mapping[str, str]) -> Leads:
    """Read the articles that a listing page links to.

    Options: `item` selects one element per article (default: every link); inside it `link` (default: the element
    itself, else its first link), `title` and `date` are selectors, each with an optional `@attribute`. `pattern`, an
    RE2 expression, must be found in the absolute address. Where `title` finds nothing, the link's heading or words
    serve; where `date` finds nothing, a calendar date printed beside the only wanted link of a list entry.

    A page that fits none of it gives no leads and a remark: only those who know the source's rhythm can tell
    an empty list from a changed page.

    Raises:
        UnreadableListing: The body is no HTML page.
        ValueError: A selector is not CSS (the catalogue checks them before).
    """
    text = decode(body, headers, source.charset).text
    page = parse_page(text)
    if page is None:
        raise unreadable(source, url, _WANTED, describe(body, text, headers))
    base = base_of(page, url)
    leads = listed(page, source, base)
    if leads.items:
        return leads
    links = sum(1 for _ in page.iter("a"))
    title = " ".join("".join(page.xpath("//title//text()")).split())[:80]
    remark = f'no article among the {links} links of the page titled "{title}"; has the page changed?'
    return replace(leads, remarks=(remark,))


def listed(page: Any, source: Source, base: str) -> Leads:
    """Read the articles that a parsed page links to; `base` is what relative links refer to."""
    return gather(list(_found(page, source, base)), source, base)


def parse_page(text: str) -> Any | None:
    """Parse an HTML page without touching the network; None where the text is none."""
    start = text[:2000].lstrip("\ufeff \t\r\n")
    if not start.startswith("<") or re.match(r"<\?xml[^>]*>\s*<(?!html|!doctype html)", start, re.IGNORECASE):
        return None
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        page = lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    return page


def base_of(page: Any, url: str) -> str:
    """Give what the relative links of a page refer to."""
    declared = page.xpath("string(//base[@href][1]/@href)").strip()
    return (absolute(url, declared) if declared else None) or url


def _found(page: Any, source: Source, base: str) -> Iterator[Found]:
    options = source.options
    item = _place(options.get("item", "a[href]"))
    link = _place(options.get("link"))
    title, date = (_place(options[name]) if options.get(name) else None for name in ("title", "date"))
    entries = (item.css(page) if item.css is not None else [page])[:MAX_ITEMS]
    anchors = [(entry, _anchor(entry, link)) for entry in entries]
    beside = _Beside(source, base, [anchor for _, anchor in anchors if anchor is not None])
    for entry, anchor in anchors:
        if anchor is None:
            continue
        yield Found(
            href=anchor.get(link.attribute or "href") or "",
            title=(_said(entry, title) if title else None) or _headline(anchor),
            published=(_said(entry, date) if date else None) or beside.date(anchor),
        )


def check_selector(written: str) -> None:
    """Check a selector with its optional `@attribute`.

    Raises:
        ValueError: It is not CSS.
    """
    _place(written)


def _place(written: str | None) -> _Place:
    if not written:
        return _Place(None, None)
    css, _, attribute = written.partition("@")
    try:
        return _Place(CSSSelector(css.strip()) if css.strip() else None, attribute.strip() or None)
    except (SelectorError, ValueError) as error:
        raise ValueError(f"{written!r} is no CSS selector ({error}); correct it") from error


def _anchor(entry: Any, link: _Place) -> Any | None:
    if link.css is None and (link.attribute is not None or entry.tag == "a"):
        return entry
    # An entry often links twice to its article: with a picture and with the headline.
    choice = entry.iter("a") if link.css is None else link.css(entry)
    return max(choice, key=lambda anchor: len(_printed(anchor)), default=None)


def _printed(element: Any) -> str:
    return " ".join(str(element.text_content()).split())


def _said(entry: Any, place: _Place) -> str | None:
    element = entry if place.css is None else next(iter(place.css(entry)), None)
    if element is None:
        return None
    if place.attribute:
        said = element.get(place.attribute)
        return None if said is None else str(said)
    return _printed(element) or None


def _headline(anchor: Any) -> str | None:
    """Give a link's title: its heading, or its words without a date at their edge; whole, where they are shortened."""
    heading = next(anchor.iter("h1", "h2", "h3", "h4", "h5", "h6"), None)
    printed = _printed(anchor if heading is None else heading)
    if heading is None and (day := printed_day(printed)):
        printed = printed.removeprefix(day).removesuffix(day).strip(" []()［］（）|")
    full = " ".join((anchor.get("title") or "").split())
    return full if full and full.startswith(printed.rstrip(".… ")) else printed or None


class _Beside:
    """Look for the date printed beside a link, in the largest entry around it that holds no other wanted link."""

    def __init__(self, source: Source, base: str, anchors: list[Any]) -> None:
        wanted = wanted_by(source, base)
        links: Counter[Any] = Counter()
        seen: set[tuple[Any, str]] = set()
        for anchor in anchors:
            href = anchor.get("href") or ""
            if not wanted(href):
                continue
            for around in self._around(anchor):
                # An entry often links twice to its article, with a picture and with the headline.
                if (around, href) not in seen:
                    seen.add((around, href))
                    links[around] += 1
        self._links = links

    def date(self, anchor: Any) -> str | None:
        for around in self._around(anchor):
            if self._links[around] > 1:
                break
            if marked := next(iter(_MARKED_TIMES(around)), None):
                return str(marked)
            # A date inside a headline is the news' own, not the day it appeared.
            if day := printed_day(" ".join(_OUTSIDE_LINKS(around))[:_NEAR_TEXT]):
                return day
        own = _printed(anchor)
        day = printed_day(own)
        return day if day and (own.startswith(day) or own.endswith(day)) and own != day else None

    @staticmethod
    def _around(anchor: Any) -> list[Any]:
        # What surrounds the whole list says nothing about one entry, even where the list has only one.
        within = takewhile(lambda one: one.tag not in _LISTS, anchor.iterancestors())
        return list(islice(within, _NEAR))
