"""Serve `scrapy crawl KIND -a source=ID`: look at one source, write nothing, give articles as items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from crawler.configuration.load import load_configuration
from crawler.fetching.browser import Browser
from crawler.fetching.guard import GuardedResolver
from crawler.fetching.manners import AGENT, Manners
from crawler.fetching.pace import Pace
from crawler.fetching.settings import configured
from crawler.leads.leads import Leads
from crawler.leads.read import read_leads
from crawler.reading.apart import read_page_apart
from crawler.rounds import Ledger, Listing, Round
from crawler.shapes import article_shape
from state.addresses import Network, parse_networks
from state.errors import ConfigurationError, ReadError, YuewatchError
from state.records import Lead, Origin, Page, Source
from state.sources import SourceState

_log = structlog.get_logger("yuewatch.scrapy")


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Read what a source brings in this very process and keep nothing."""

    source: Source

    async def read_listing(self, source: Source, page: Page) -> Leads:
        """Turn a listing into leads."""
        return read_leads(page.body, source, page.final_url, page.headers)

    async def keep_listing(self, listing: Listing) -> Sequence[tuple[Lead, Origin]]:
        """Follow every lead; nothing is known from before."""
        return [(lead, "live") for lead in (listing.leads.items if listing.leads is not None else ())]

    async def wants_page(self, listing: Listing) -> bool:  # noqa: ARG002 - the ledger's signature
        """Want none: nothing is known of how the source was."""
        return False

    async def seek_repair(self, source: Source, page: Page) -> None:
        """Seek nothing."""

    async def keep_page(self, page: Page, lead: Lead, origin: Origin) -> Sequence[Any]:
        """Give the article of a page as an item."""
        try:
            article = read_page_apart(page, self.source, lead).article
        except ReadError as error:
            _log.warning("unreadable", url=page.url, origin=origin, error=str(error))
            return ()
        return (article_shape(replace(article, url=page.final_url)),)

    async def poll_failed(
        self, source: Source, before: SourceState, error: YuewatchError, status: int | None
    ) -> None:
        """Say that the source could not be polled."""
        _log.error(
            "poll failed", source=source.id, status=status, failures=before.failures + 1, error=str(error)
        )

    async def lead_failed(self, lead: Lead, error: YuewatchError, status: int | None) -> None:
        """Say that a page could not be fetched."""
        _log.warning("fetch failed", url=lead.url, status=status, error=str(error))


@dataclass(frozen=True, slots=True)
class Glance:
    """Hold what `scrapy crawl` needs to look at one source: as the daemon would, but keeping nothing.

    `settings` are Scrapy's as the configuration decides them.
    """

    round: Round
    ledger: Ledger
    manners: Manners
    settings: Mapping[str, Any]
    allowed: tuple[Network, ...]

    def guarded_manners(self) -> Manners:
        """Give the manners with the guard that Scrapy has put on the running reactor, told what the configuration allows."""
        from twisted.internet import reactor  # noqa: PLC0415 - importing it installs it, so Scrapy must come first

        guard: Any = reactor.nameResolver
        if not isinstance(guard, GuardedResolver):
            return self.manners
        guard.allow(self.allowed)
        return replace(self.manners, guard=guard)


def open_glance(kind: str, source_id: str | None, config: str | None) -> Glance:
    """Build what a spider needs from the configuration; raise ConfigurationError for an unknown source."""
    configuration = load_configuration(Path(config) if config else None)
    if source_id is None:
        raise ConfigurationError(
            f"which source? run `scrapy crawl {kind} -a source=ID`; `yuewatch sources list` shows the ids"
        )
    source = configuration.sources.get(source_id)
    if source is None:
        raise ConfigurationError(f"there is no source {source_id!r}; `yuewatch sources list` shows the ids")
    if kind not in {source.kind, "host"}:
        raise ConfigurationError(
            f"source {source_id} is of kind {source.kind}; run `scrapy crawl {source.kind} -a source={source_id}`"
        )
    fetching = configuration.fetching
    return Glance(
        round=Round(
            source.host,
            polls=((source, SourceState(source.id, datetime.now(UTC))),),
            by_browser=frozenset({source.id} if source.browser else ()),
        ),
        ledger=Onlooker(source),
        manners=Manners(pace=Pace(fetching.delay), agent=AGENT, browser=Browser(fetching.browser)),
        settings=configured(fetching),
        allowed=parse_networks(fetching.allow_addresses),
    )
