"""Write a subscription's latest alerts as a feed: Atom (RFC 4287) and JSON Feed 1.1 (https://jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from alerts.safe_text import one_line
from alerts.subscription import Subscription
from alerts.view import Names, StoryView, view_story
from alerts.wording import WORDINGS, Wording
from state.deliveries import AlertContents

Format = Literal["atom", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2) allows in no document, escaped or not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one story of a feed; `id` stays the same whatever becomes of the story."""

    id: str
    story: StoryView
    first: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """Hold a feed ready to be written; `address` is where the feed itself is served, where that is known."""

    id: str
    subscription: Subscription
    entries: tuple[Entry, ...]
    address: str | None = None

    @property
    def updated(self) -> datetime | None:
        """Give the time of the latest alert."""
        return max((entry.latest for entry in self.entries), default=None)


def make_feed(
    subscription: Subscription,
    stories: Sequence[Sequence[AlertContents]],
    names: Names,
    address: str | None = None,
) -> Feed:
    """Make a feed of stories, the latest first; each is one entry, by however many rules it was found."""
    entries = tuple(
        Entry(
            id=_identity(subscription.id, group[0].alert.story_id),
            story=view_story(group, WORDINGS[subscription.lang], names),
            first=group[0].alert.created,
            latest=group[-1].alert.created,
        )
        for group in stories
    )
    return Feed(_identity(subscription.id), subscription, entries, address)


def write_feed(feed: Feed, kind: Format) -> bytes:
    """Give the bytes of a feed file; nothing a page said becomes markup in it."""
    return _atom(feed) if kind == "atom" else _json(feed)


def _identity(*parts: str) -> str:
    """Give a name that no other feed or entry has and that is the same on every machine."""
    return uuid.uuid5(uuid.NAMESPACE_URL, "yuewatch/" + "/".join(parts)).urn


def _atom(feed: Feed) -> bytes:
    rendered = (
        _templates()
        .get_template("feed.atom.j2")
        .render(
            feed=feed,
            title=_title(feed),
            updated=(feed.updated or datetime.fromisoformat("1970-01-01T00:00:00+00:00")).isoformat(),
            entries=[(entry, _content(feed, entry)) for entry in feed.entries],
        )
    )
    return _NOT_XML.sub("", rendered).encode("utf-8")


def _json(feed: Feed) -> bytes:
    written: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(feed),
        "language": feed.subscription.lang,
        "authors": [{"name": "yuewatch"}],
        "items": [_item(feed, entry) for entry in feed.entries],
    }
    if feed.address:
        written["feed_url"] = feed.address
    return (json.dumps(written, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _item(feed: Feed, entry: Entry) -> dict[str, Any]:
    story = entry.story
    item: dict[str, Any] = {
        "id": entry.id,
        "title": story.headline,
        "content_html": _content(feed, entry),
        "date_published": entry.first.isoformat(),
        "date_modified": entry.latest.isoformat(),
        "authors": [{"name": story.publisher}],
        "tags": list(story.kinds),
    }
    if story.link:
        item["url"] = story.link
    if story.lang:
        item["language"] = story.lang
    return item


def _content(feed: Feed, entry: Entry) -> str:
    words: Wording = WORDINGS[feed.subscription.lang]
    return _templates().get_template("feed_entry.html.j2").render(story=entry.story, words=words)


def _title(feed: Feed) -> str:
    return one_line(f"yuewatch: {feed.subscription.name}")


def _templates() -> Environment:
    """Open our templates; everything that is put into them is escaped, for XML as for HTML."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
