"""Describe one round: a visit to the sources of one host, and who keeps what it brings home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from crawler.leads.leads import Leads
from state.errors import YuewatchError
from state.records import Lead, Origin, Page, Source
from state.sources import SourceState


@dataclass(frozen=True, slots=True)
class Round:
    """Hold what one crawl is to do: sources of one host to poll, and leads of theirs that still wait.

    `by_browser` are the ids of those whose pages need a browser.
    """

    host: str
    polls: tuple[tuple[Source, SourceState], ...] = ()
    leads: tuple[tuple[Lead, Origin], ...] = ()
    by_browser: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Listing:
    """Report one successful look at a source: what it held, or that it was unchanged.

    `fresh_for` is how long its answer says that it holds (Cache-Control),
    `final_url` is where redirects led.
    """

    source: Source
    before: SourceState
    status: int
    leads: Leads | None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    fresh_for: timedelta | None = None
    final_url: str = ""


class Ledger(Protocol):
    """Keep what a spider brings home; the daemon's ledger writes the state, the one for `scrapy crawl` nothing."""

    async def read_listing(self, source: Source, page: Page) -> Leads:
        """Turn the bytes of a listing into leads; raise ReadError where they say nothing usable."""
        ...

    async def keep_listing(self, listing: Listing) -> Sequence[tuple[Lead, Origin]]:
        """Store a good poll and its leads together; give the leads that were not known."""
        ...

    async def wants_page(self, listing: Listing) -> bool:
        """Tell whether the whole page of a listing is wanted, to find out how it can be read again."""
        ...

    async def seek_repair(self, source: Source, page: Page) -> None:
        """Find out from its page how a listing that drifted can be read again, and keep that for the operator."""
        ...

    async def keep_page(self, page: Page, lead: Lead, origin: Origin) -> Sequence[Any]:
        """Store a page and walk it to its article; give items for Scrapy's own exporters, if any."""
        ...

    async def poll_failed(
        self, source: Source, before: SourceState, error: YuewatchError, status: int | None
    ) -> None:
        """Note that a source could not be polled."""
        ...

    async def lead_failed(self, lead: Lead, error: YuewatchError, status: int | None) -> None:
        """Note that a lead could not be fetched."""
        ...
