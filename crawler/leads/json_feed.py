"""Read JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from crawler.leads.hub import hub_of
from crawler.leads.leads import Found, Leads, gather
from crawler.leads.unreadable import describe, unreadable
from state.records import Source

_WANTED = "a feed (RSS, Atom or JSON Feed)"


def read_json_feed(body: bytes, text: str, source: Source, url: str, headers: Mapping[str, str]) -> Leads:
    """Read the items of a JSON Feed.

    Raises:
        UnreadableListing: The text is not JSON, or JSON without a list of items.
    """
    try:
        feed = json.loads(text.lstrip("\ufeff"), strict=False)
    except (ValueError, RecursionError) as error:
        raise unreadable(source, url, _WANTED, f"JSON came that does not parse ({error})") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise unreadable(source, url, _WANTED, f"{describe(body, text, headers)}, without a list of items")
    found = gather(_items(items, _text(feed.get("language"))), source, url)
    return replace(found, hub=hub_of(headers.get("link"), _links(feed), url))


def _links(feed: dict[str, Any]) -> list[dict[str, Any]]:
    """Give what JSON Feed says of hubs (version 1.1, `hubs` and `feed_url`) as links."""
    hubs = feed.get("hubs")
    offered = [one for one in hubs if isinstance(one, dict)] if isinstance(hubs, list) else []
    named = [{"rel": "hub", "href": one.get("url")} for one in offered if one.get("type") == "WebSub"]
    return [*named, {"rel": "self", "href": feed.get("feed_url")}]


def _items(items: list[Any], lang: str | None) -> Iterator[Found]:
    for item in items:
        if not isinstance(item, dict):
            continue
        yield Found(
            href=_text(item.get("url")) or _text(item.get("external_url")) or _linked_id(item) or "",
            title=_text(item.get("title")),
            published=_text(item.get("date_published")) or _text(item.get("date_modified")),
            summary=_text(item.get("summary")),
            content=_text(item.get("content_html")) or _text(item.get("content_text")),
            lang=_text(item.get("language")) or lang,
        )


def _linked_id(item: dict[str, Any]) -> str | None:
    """Use the id where it is an address, as the specification suggests it be."""
    identity = _text(item.get("id"))
    return identity if identity and identity.startswith(("http://", "https://")) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
