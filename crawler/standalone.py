"""Serve `scrapy crawl KIND -a source=ID`: look at one source, write nothing, give articles as items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from crawler.configuration.load import load_configuration
from crawler.fetching.manners import AGENT, Manners
from crawler.fetching.pace import Pace
from crawler.leads.leads import Leads
from crawler.leads.read import read_leads
from crawler.reading.page import read_page
from crawler.rounds import Ledger, Listing, Round
from crawler.shapes import article_shape
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

    async def keep_page(self, page: Page, lead: Lead, origin: Origin) -> Sequence[Any]:
        """Give the article of a page as an item."""
        try:
            article = read_page(page, self.source, lead).article
        except ReadError as error:
            _log.warning("unreadable", url=page.url, origin=origin, error=str(error))
            return ()
        return (article_shape(article),)

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


def open_round(kind: str, source_id: str | None, config: str | None) -> tuple[Round, Ledger, Manners]:
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
    round_ = Round(source.host, polls=((source, SourceState(source.id, datetime.now(UTC))),))
    manners = Manners(pace=Pace(configuration.fetching.delay), agent=AGENT)
    return round_, Onlooker(source), manners
