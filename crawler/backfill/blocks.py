"""Fetch the pages of an order host by host, and read and ingest them block by block in their order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from crawler.backfill.desk import Desk
from crawler.backfill.fetcher import Fetcher, Halted
from crawler.backfill.halt import Halt
from crawler.backfill.progress import Display, Tally
from crawler.backfill.reading import Sheet, read_sheets
from crawler.backfill.requests import Alerting, Block, Claim, Entry, Kept, Missed, Postponed
from crawler.backfill.ways.way import Ask, Way
from crawler.backfill.window import Window
from crawler.fetching.pace import HostHeld
from crawler.ingest import Ingest
from crawler.workers import Workers
from state import backfill_items, pages
from state.backfill_items import Claimed, Item
from state.database import open_reader
from state.errors import FetchError, ReadError

_log = structlog.get_logger("yuewatch.backfill")


@dataclass(frozen=True, slots=True)
class Blocks:
    """Do the work list of one backfill over the network."""

    backfill: str
    desk: Desk
    way: Way
    fetcher: Fetcher
    workers: Workers
    ingest: Ingest
    window: Window
    alert: Alerting
    halt: Halt
    tally: Tally
    display: Display
    state: Path
    _settled: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Work until all is ingested or the halt is called; what is under way then is finished."""
        with open_reader(self.state) as db:
            hosts = backfill_items.hosts(db, self.backfill)
        async with asyncio.TaskGroup() as group:
            fetching = [group.create_task(self._fetch_all(host)) for host in hosts]
            group.create_task(self._ingest_all(fetching))

    async def _fetch_all(self, host: str) -> None:
        try:
            while not self.halt.is_called():
                claimed: Claimed = await self.desk.do("claim", Claim(self.backfill, host))
                if claimed.item is not None:
                    await self._fetch(claimed.item)
                elif claimed.until is not None:
                    await self.halt.sleep_until(claimed.until)
                else:
                    return
        finally:
            self._settled.set()

    async def _fetch(self, item: Item) -> None:
        try:
            page = await self.fetcher.get(Ask(item.address), item.lead.source_id)
            if page.status >= 300:
                again = page.status >= 500 or page.status == 429
                await self._missed(item, f"{item.address} answered HTTP {page.status}", again=again)
                return
            page = self.way.restored(item, page)
        except Halted:
            return
        except HostHeld as held:
            _log.warning("waiting", host=item.host, until=held.until.isoformat())
            request = Postponed(self.backfill, item.lead.key, item.host, held.until, str(held))
            await self.desk.do("postpone", request)
            await self.halt.sleep_until(held.until)
        except (FetchError, ReadError) as error:
            await self._missed(item, str(error), again=error.retryable)
        else:
            await self.desk.do("keep", Kept(self.backfill, page, item.lead))
            self.tally.fetched += 1
        self._settled.set()
        self.display.refresh()

    async def _missed(self, item: Item, why: str, *, again: bool) -> None:
        _log.warning("page not fetched", url=item.address, error=why)
        retried = await self.desk.do("miss", Missed(self.backfill, item.lead.key, why, again))
        if not retried:
            self.tally.failed += 1
            self.tally.settled += 1
        self._settled.set()

    async def _ingest_all(self, fetching: Sequence[asyncio.Task[None]]) -> None:
        while True:
            self._settled.clear()
            over = all(task.done() for task in fetching)
            with open_reader(self.state) as db:
                block = backfill_items.block(db, self.backfill)
            if block:
                await self._ingest(block)
            elif block is not None or over:
                return
            else:
                await self._settled.wait()

    async def _ingest(self, block: list[Item]) -> None:
        entries = await read_sheets(self._sheets(block), self.workers, self.ingest, self.window, self.state)
        outcomes = await self.desk.do("ingest", Block(self.backfill, self.alert, tuple(entries)))
        self.tally.add(outcomes)
        self.tally.settled += len(block)
        self.display.refresh()

    def _sheets(self, block: list[Item]) -> list[Sheet | Entry]:
        sheets: list[Sheet | Entry] = []
        with open_reader(self.state) as db:
            for item in block:
                stored = pages.load(db, item.lead.key)
                if stored is None:
                    why = f"{item.lead.url}: its page is no longer stored"
                    sheets.append(Entry(item.lead.key, item.lead.url, why=why, failed=True))
                else:
                    sheets.append(Sheet(stored[0], item.lead, archived=item.captured is not None))
        return sheets
