"""Walk the listings of an order, each lane by itself, and put what they lead to in order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import structlog

from crawler.backfill.desk import Desk
from crawler.backfill.fetcher import Fetcher, Halted
from crawler.backfill.halt import Halt
from crawler.backfill.progress import Display, Tally
from crawler.backfill.requests import Listed, Ordered, Unlisted
from crawler.backfill.ways.way import Findings, Way
from crawler.fetching.pace import HostHeld
from state import articles, backfill_items
from state.backfill_items import Step
from state.database import open_reader
from state.errors import FetchError, ReadError
from state.records import Page

_TRIES = 3
_PAUSE = 5.0
_log = structlog.get_logger("yuewatch.backfill")


@dataclass(frozen=True, slots=True)
class Planning:
    """Find out what there is to fetch.

    `work` is the state that holds the work list, `state` the one that knows what is held already; a dry run keeps the
    two apart.
    """

    backfill: str
    desk: Desk
    way: Way
    fetcher: Fetcher
    halt: Halt
    tally: Tally
    display: Display
    work: Path
    state: Path

    async def run(self) -> None:
        """Walk all lanes, then leave out what is held and order the rest; stop early where the halt is called."""
        lanes = self.way.lanes()
        async with asyncio.TaskGroup() as group:
            for lane in lanes:
                group.create_task(self._walk(lane))
        if not self.halt.is_called():
            held = _held(self.state, self._keys())
            await self.desk.do("ordered", Ordered(self.backfill, held))

    def _keys(self) -> list[str]:
        with open_reader(self.work) as db:
            return backfill_items.keys(db, self.backfill)

    async def _walk(self, lane: str) -> None:
        seen: set[str] = set(self._keys())
        while not self.halt.is_called():
            with open_reader(self.work) as db:
                step = backfill_items.next_step(db, self.backfill, lane)
            if step is None:
                return
            try:
                page = await self._get(lane, step)
                findings = await self._read(lane, step, page, seen)
            except Halted:
                return
            except (FetchError, ReadError) as error:
                _log.warning("listing not used", url=step.url, error=str(error))
                await self.desk.do("unlisted", Unlisted(self.backfill, lane, step, str(error)))
                continue
            seen.update(item.lead.key for item in findings.items)
            listed = Listed(
                self.backfill, lane, step, findings.items, findings.more, findings.files, len(page.body)
            )
            self.tally.todo += await self.desk.do("listed", listed)
            self.display.refresh()

    async def _get(self, lane: str, step: Step) -> Page:
        """Fetch a listing, again after a pause where that may help."""
        tries = 0
        while True:
            try:
                page = await self.fetcher.get(self.way.ask(lane, step), lane)
                if page.status < 500:
                    return page
                raise FetchError(f"{step.url} answered HTTP {page.status}")  # noqa: TRY301 - tried again like the others
            except HostHeld as held:
                _log.warning("waiting", host=step.url, until=held.until.isoformat())
                await self.halt.sleep_until(held.until)
            except FetchError as error:
                tries += 1
                if not error.retryable or tries >= _TRIES or isinstance(error, Halted):
                    raise
                await self.halt.sleep(_PAUSE * tries)

    async def _read(self, lane: str, step: Step, page: Page, seen: set[str]) -> Findings:
        if page.status >= 400:
            if self.way.ends_at(step, page.status):
                return Findings()
            raise FetchError(f"{step.url} answered HTTP {page.status}")
        return await self.way.read(lane, step, page, seen)


def _held(state: Path, keys: list[str]) -> tuple[str, ...]:
    """Give those documents of which an article is stored already."""
    if not state.exists():
        return ()
    with open_reader(state) as db:
        return tuple(key for key in keys if articles.with_key(db, key) is not None)
