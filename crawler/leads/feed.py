"""Read RSS 0.9x-2.0, RDF and Atom through feedparser, and JSON Feed through our own reader."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from xml.sax import SAXException

import feedparser

from crawler.leads.json_feed import read_json_feed
from crawler.leads.leads import Found, Leads, gather
from crawler.leads.unreadable import describe, unreadable
from crawler.reading.charset import decode
from state.records import Source

MAX_PARSED = 2000
"""Items of one feed that are parsed; of a longer one the first and last halves of this number, the rest is counted."""

_ITEM = re.compile(r"<(?:\w{1,20}:)?(item|entry)[\s>/]")
_ITEM_END = re.compile(r"</(?:\w{1,20}:)?(?:item|entry)\s*>")
_ROOT = re.compile(r"<(?:rss|feed|(?:\w{1,20}:)?rdf|channel)[\s>/:]", re.IGNORECASE)
# feedparser looks for e-mail addresses in these with a quadratic pattern (its issue 562): 40 kB of name take
# seven seconds. A person's name is short, so a longer one is dropped before feedparser sees it.
_AUTHOR = re.compile(
    r"<((?:\w{1,20}:)?(?:author|creator|contributor|publisher|managingEditor|webMaster|owner|name|email))\b[^>]{0,500}>"
)
_MAX_AUTHOR = 500
_UPDATE_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720}
_LONGEST_TTL = timedelta(days=7)


def read_feed(body: bytes, source: Source, url: str, headers: Mapping[str, str]) -> Leads:
    """Read the items of a feed.

    `bozo`, feedparser's word for "not well-formed", is no failure: half the feeds of the world are, and their items
    are still good. An empty feed is valid. Bodies inside the feed are kept as they are (HTML, not sanitised).

    Args:
        body: The bytes as fetched.
        source: The source, for its zone, charset, cap and pattern.
        url: The address the bytes came from, after redirects; relative links refer to it.
        headers: Response headers, names in lower case.

    Raises:
        UnreadableListing: The body is no feed, or breaks off before its first item.
    """
    text = decode(body, headers, source.charset).text
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return read_json_feed(text, source, url, headers)
    shorter, unseen = _shortened(_without_long_authors(text))
    parsed = _parse(shorter, url)
    entries = parsed.entries
    if not entries and not _ROOT.search(text[:5000]):
        raise unreadable(source, url, "a feed (RSS, Atom or JSON Feed)", describe(text, headers))
    broken = isinstance(parsed.get("bozo_exception"), SAXException)
    if not entries and broken:
        came = f"it breaks off before its first item ({parsed.bozo_exception})"
        raise unreadable(source, url, "a feed (RSS, Atom or JSON Feed)", came)
    remarks = []
    if broken:
        remarks.append(
            f"not well-formed XML ({_line(parsed.bozo_exception)}); {len(entries)} items were still read"
        )
    if unseen:
        remarks.append(f"{unseen} items from the middle of a very long feed were counted, not read")
    return gather(
        _items(entries), source, url, unseen=unseen, ttl=_time_to_live(parsed.feed), remarks=tuple(remarks)
    )


def _parse(text: str, url: str) -> Any:
    # The text is decoded by evidence already, so feedparser is told so and its own guessing stays out of the way.
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    return feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _items(entries: list[Any]) -> Iterator[Found]:
    for entry in entries:
        content = max((part.get("value") or "" for part in entry.get("content", ())), key=len, default=None)
        yield Found(
            href=_address(entry),
            title=entry.get("title"),
            published=entry.get("published") or entry.get("updated") or entry.get("created"),
            summary=entry.get("summary"),
            content=content,
            lang=_language(entry),
        )


def _address(entry: Any) -> str:
    """Prefer the address behind a feed service's redirect to the redirect itself."""
    return entry.get("feedburner_origlink") or entry.get("link") or ""


def _language(entry: Any) -> str | None:
    return (entry.get("title_detail") or {}).get("language") or None


def _time_to_live(feed: Any) -> timedelta | None:
    """Read `<ttl>` (minutes) or the syndication module's period; nonsense and a week and more are ignored."""
    try:
        if feed.get("ttl"):
            asked = timedelta(minutes=float(feed["ttl"]))
        elif hours := _UPDATE_PERIODS.get(str(feed.get("sy_updateperiod", "")).strip().lower()):
            asked = timedelta(hours=hours / max(1.0, float(feed.get("sy_updatefrequency") or 1)))
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return asked if timedelta(0) < asked <= _LONGEST_TTL else None


def _without_long_authors(text: str) -> str:
    kept: list[str] = []
    at = 0
    for opening in _AUTHOR.finditer(text):
        if opening.start() < at or text[opening.end() - 2] == "/":
            continue
        end = text.find(f"</{opening[1]}", opening.end())
        end = len(text) if end < 0 else end
        if end - opening.end() > _MAX_AUTHOR and "<" not in text[opening.end() : opening.end() + _MAX_AUTHOR]:
            kept.append(text[at : opening.end()])
            at = end
    kept.append(text[at:])
    return "".join(kept)


def _shortened(text: str) -> tuple[str, int]:
    """Cut the middle out of a feed of more than `MAX_PARSED` items; give the rest and how many went."""
    starts = [found.start() for found in _ITEM.finditer(text)]
    if len(starts) <= MAX_PARSED:
        return text, 0
    head, tail = starts[MAX_PARSED // 2], starts[-MAX_PARSED // 2]
    return text[:head] + text[tail:], len(starts) - MAX_PARSED


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:160]
