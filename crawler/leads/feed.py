"""Read RSS 0.9x-2.0, RDF and Atom through feedparser, and JSON Feed through our own reader."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.sax import SAXException

import feedparser

from crawler.leads.hub import hub_of
from crawler.leads.json_feed import read_json_feed
from crawler.leads.leads import Found, Leads, gather
from crawler.leads.unreadable import describe, unreadable
from crawler.reading.charset import decode
from state.records import Source

MAX_PARSED = 2000
"""Items of one feed that are parsed; of a longer one the first and last halves of this number, the rest is counted."""

_WANTED = "a feed (RSS, Atom or JSON Feed)"
_ITEM = re.compile(r"<(?:\w{1,20}:)?(item|entry)[\s>/]")
_ITEM_END = re.compile(r"</(?:\w{1,20}:)?(?:item|entry)\s*>")
_ROOT_WITHIN = 5000
_ROOT = re.compile(r"<(?:rss|feed|(?:\w{1,20}:)?rdf|channel)[\s>/:]", re.IGNORECASE)
# feedparser looks for e-mail addresses in people's names with a quadratic pattern (its issue 562): a name of 40 kB
# takes seven seconds. We use no authors of feeds, so these elements get names that feedparser knows nothing of.
_PERSON = re.compile(
    r"<(/?)((?:\w{1,20}:)?)(author|creator|contributor|publisher|managingEditor|webMaster|owner)(?=[\s/>])",
    re.IGNORECASE,
)
# Asked of the plain dict, because feedparser's own `get` passes `published` off as `updated`, with a warning.
_TIMES = ("published", "updated", "created")
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
        return read_json_feed(body, text, source, url, headers)
    if not _ROOT.search(text[:_ROOT_WITHIN]) and not _ITEM.search(text):
        raise unreadable(source, url, _WANTED, describe(body, text, headers))
    shorter, unseen = _shortened(_PERSON.sub(r"<\1\2unread-\3", text))
    try:
        parsed = _parse(shorter, url)
    except Exception as error:
        # feedparser's own code trips over some garbage; whatever it raises means that it could not read this.
        raise unreadable(source, url, _WANTED, f"its reader gave up ({_line(error)})") from error
    # Other reasons for `bozo`, such as a charset that is not the declared one, say nothing about the items.
    reason = parsed.get("bozo_exception")
    broken = _line(reason) if isinstance(reason, SAXException) else ""
    if broken and not parsed.entries:
        raise unreadable(source, url, _WANTED, f"it breaks off before its first item ({broken})")
    remarks: tuple[str, ...] = ()
    if broken:
        remarks += (f"not well-formed XML ({broken}); {len(parsed.entries)} items were still read",)
    if unseen:
        remarks += (f"{unseen} items from the middle of a very long feed were counted, not read",)
    ttl = _time_to_live(parsed.feed)
    hub = hub_of(headers.get("link"), parsed.feed.get("links", ()), url)
    found = gather(_items(parsed.entries), source, url, unseen=unseen, ttl=ttl, remarks=remarks)
    return replace(found, hub=hub)


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
            published=next(filter(None, (dict.get(entry, name) for name in _TIMES)), None),
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


def _shortened(text: str) -> tuple[str, int]:
    """Cut the middle out of a feed of more than `MAX_PARSED` items; give the rest and how many went."""
    starts = [found.start() for found in _ITEM.finditer(text)]
    if len(starts) <= MAX_PARSED:
        return text, 0
    head, tail = starts[MAX_PARSED // 2], starts[-MAX_PARSED // 2]
    return text[:head] + text[tail:], len(starts) - MAX_PARSED


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:160]
