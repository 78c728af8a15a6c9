"""Read the pages of one block side by side, all with what was known of their hosts before the block."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.backfill.requests import Entry
from crawler.backfill.window import Window
from crawler.ingest import Ingest, host_of
from crawler.reading.apart import read_page_apart
from crawler.reading.furniture import SeenPage, host_furniture
from crawler.reading.readpage import ReadPage
from crawler.workers import WorkerKilled, Workers
from state import furniture
from state.database import open_reader
from state.errors import ReadError
from state.pages import MAX_READINGS
from state.records import Lead, Page


@dataclass(frozen=True, slots=True)
class Sheet:
    """Hold one page to read. `archived` pages keep their furniture apart: it is that of another year."""

    page: Page
    lead: Lead
    archived: bool
    place: str = ""

    @property
    def shelf(self) -> str:
        """Name where the furniture of its host is remembered."""
        host = host_of(self.page.final_url)
        return f"archive {host}" if self.archived else host


async def read_sheets(
    sheets: Sequence[Sheet | Entry], workers: Workers, ingest: Ingest, window: Window, state: Path
) -> list[Entry]:
    """Read the pages of a block in workers and give its entries in the same order; what is an entry already stays."""
    shelves = {sheet.shelf for sheet in sheets if isinstance(sheet, Sheet)}
    recurring: dict[str, frozenset[str]] = {}
    with open_reader(state) as db:
        for shelf in shelves:
            recurring[shelf] = host_furniture([SeenPage(*seen) for seen in furniture.pages_of(db, shelf)])

    async def read(sheet: Sheet | Entry) -> Entry:
        if isinstance(sheet, Entry):
            return sheet
        return await _read(sheet, workers, ingest, window, recurring[sheet.shelf])

    return list(await asyncio.gather(*(read(sheet) for sheet in sheets)))


async def _read(
    sheet: Sheet, workers: Workers, ingest: Ingest, window: Window, recurring: frozenset[str]
) -> Entry:
    page, key = sheet.page, sheet.lead.key
    place = sheet.place or page.url
    source = ingest.source_of(sheet.lead.source_id)
    for again in reversed(range(MAX_READINGS)):
        try:
            reading = await workers.run(read_page_apart, page, source, sheet.lead, recurring)
        except ReadError as error:
            if isinstance(error, WorkerKilled) and again:
                continue
            return Entry(key, place, why=str(error), failed=True)
        return entry_of(reading, key, place, page, window, sheet.shelf)
    raise AssertionError("the last try returns")


def entry_of(reading: ReadPage, key: str, place: str, page: Page, window: Window, shelf: str | None) -> Entry:
    """Make the entry of a page that was read, if it belongs to the range."""
    why = window.refusal(reading.article, page.fetched_at)
    if why is not None:
        return Entry(key, place, why=f"{page.final_url}: {why}")
    return Entry(key, place, reading, page.final_url, shelf)
