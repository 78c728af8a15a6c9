"""Keep the feed files of all subscriptions up to date, one Atom and one JSON Feed each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

import structlog
from sqlite_utils import Database

from alerts.feeds import FORMATS, Format, make_feed, write_feed
from alerts.subscription import Subscription
from crawler.configuration.load import Configuration
from crawler.ingest import Ingested
from crawler.naming import reader_names
from state.database import open_reader
from state.deliveries import latest_stories
from state.errors import StateError

_REST = 1.0
"""Seconds between two rounds of writing: a burst of alerts is written once."""
_log = structlog.get_logger("yuewatch.feeds")


class FeedDesk:
    """Write the feeds whose subscriptions had new alerts, beside everything else, until told to stop."""

    def __init__(self) -> None:
        self._stale: set[str] = set()
        self._wake = asyncio.Event()

    def note(self, ingested: Ingested) -> None:
        """Hear of a transaction that may have raised alerts."""
        if ingested.raised:
            self.renew(ingested.raised)

    def renew(self, subscriptions: Iterable[str]) -> None:
        """Have the feeds of some subscriptions written anew."""
        self._stale.update(subscriptions)
        self._wake.set()

    async def run(self, configuration: Callable[[], Configuration]) -> None:
        """Write what is stale, until cancelled; a file that cannot be written is told of, and tried at the next alert."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            stale, self._stale = self._stale, set()
            await asyncio.to_thread(write_feeds, configuration(), stale)
            await asyncio.sleep(_REST)


def write_feeds(configuration: Configuration, chosen: Iterable[str]) -> None:
    """Write the feed files of some subscriptions, each whole or not at all; what has not changed is left alone."""
    folder = configuration.feeds_folder
    if folder is None:
        return
    wanted = set(chosen)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open_reader(configuration.state) as database:
            for subscription in configuration.subscriptions:
                if subscription.id in wanted:
                    for kind in FORMATS:
                        content = feed_of(database, configuration, subscription, kind)
                        _replace(folder / file_name(subscription.id, kind), content)
    except (OSError, StateError) as error:
        _log.warning("feeds not written", folder=str(folder), error=str(error))


def feed_of(
    database: Database, configuration: Configuration, subscription: Subscription, kind: Format
) -> bytes:
    """Give the feed of one subscription."""
    settings = configuration.settings.feeds
    base = settings.url.rstrip("/") if settings.url else None
    return write_feed(
        make_feed(
            subscription,
            latest_stories(database, subscription.id, settings.entries),
            reader_names(configuration),
            f"{base}/{file_name(subscription.id, kind)}" if base else None,
        ),
        kind,
    )


def file_name(subscription: str, kind: Format) -> str:
    """Name the file of a feed: `policy-desk.atom`, `policy-desk.json`."""
    return f"{subscription}.{kind}"


def _replace(file: Path, content: bytes) -> None:
    if file.exists() and file.read_bytes() == content:
        return
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(file)
