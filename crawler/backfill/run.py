"""Run one backfill from its order to its report."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from crawler.backfill.blocks import Blocks
from crawler.backfill.captures import Wanted
from crawler.backfill.desk import Desk
from crawler.backfill.estimate import Estimate, estimate
from crawler.backfill.fetcher import Fetcher
from crawler.backfill.files import Files
from crawler.backfill.halt import Halt
from crawler.backfill.order import Order
from crawler.backfill.planning import Planning
from crawler.backfill.progress import Display, Tally
from crawler.backfill.report import Report, make_report
from crawler.backfill.requests import Begin, Ended
from crawler.backfill.spool import Spool
from crawler.backfill.turns import SharedPace
from crawler.backfill.ways.commoncrawl import COMMON_CRAWL, CommonCrawlWay
from crawler.backfill.ways.site import SiteWay
from crawler.backfill.ways.way import Way
from crawler.backfill.ways.wayback import WAYBACK, WaybackWay
from crawler.configuration.load import Configuration
from crawler.fetching.guard import GuardedResolver
from crawler.fetching.manners import Manners
from crawler.station import build_ingest, crawl_runner
from crawler.workers import Workers
from state import backfill_results, backfills
from state.addresses import parse_networks
from state.backfills import Backfill
from state.database import open_reader
from state.errors import YuewatchError
from state.lock import holder_of
from state.records import Source

Fetch = Callable[[Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Terms:
    """Hold how a backfill is to be run, apart from what it is to bring."""

    dry: bool = False
    anew: bool = False
    again: bool = False
    budget: int | None = None
    deadline: timedelta | None = None


@dataclass(slots=True)
class Run:
    """Hold the parts of one running backfill."""

    configuration: Configuration
    order: Order
    terms: Terms
    tally: Tally
    display: Display
    halt: Halt
    desk: Desk
    pace: SharedPace
    workers: Workers
    work: Path

    async def go(self) -> Estimate | Report:
        """Plan, then fetch, read and ingest; give the plan of a dry run, else the report."""
        self.halt.heed_signals()
        begun: Backfill = await self.desk.do("begin", self._beginning())
        try:
            if self.order.over_network:
                await self._over_network(begun)
            elif not self.terms.dry:
                await self._files(None).run()
        except* YuewatchError as group:
            await self._end(str(group.exceptions[0]))
            raise _first(group) from None
        if self.terms.dry:
            return await self._estimate()
        await self._end(self.halt.reason)
        return make_report(self.configuration.state, self.order.id, self.order)

    async def _estimate(self) -> Estimate:
        in_files = await self._files(None).count() if self.order.files else (0, 0)
        state, order = self.configuration.state, self.order
        return estimate(self.work, state, order.id, order.sources, self.pace.delay, in_files)

    def _beginning(self) -> Begin:
        now = datetime.now(UTC)
        backfill = Backfill(self.order.id, self.order.written(), "planning", now, now)
        files = tuple((name, _size(name)) for name in self.order.files)
        self.tally.todo = sum(size for _, size in files)
        lanes = self._way().lanes() if self.order.over_network else {}
        return Begin(backfill, lanes, files, self.terms.anew, self.terms.again)

    def _way(self) -> Way:
        order, sources = self.order, self._sources()
        if order.via == "wayback":
            return WaybackWay(sources, order.window, order.archive or WAYBACK)
        if order.via == "commoncrawl":
            return CommonCrawlWay(order.window, order.archive or COMMON_CRAWL)
        via = order.via if order.via in {"sitemap", "listing"} else None
        return SiteWay(sources, order.window, self.workers, cast("Any", via))

    def _sources(self) -> dict[str, Source]:
        return {name: self.configuration.sources[name] for name in self.order.sources}

    async def _over_network(self, begun: Backfill) -> None:
        """Lend the crawl's engine to the work, with the manners of every crawl."""
        manners = self._manners()

        async def errands(fetch: Fetch) -> None:
            fetcher = Fetcher(fetch, manners, self.halt, self.tally, self.terms.budget)
            try:
                await self._work(begun, fetcher)
            except BaseException as error:  # noqa: BLE001 - Scrapy would log it and go on; it is raised below
                failure.append(error)

        failure: list[BaseException] = []
        runner = crawl_runner(self.configuration)
        await runner.crawl(runner.create_crawler("errands"), errands=errands, manners=manners)
        if failure:
            raise failure[0]

    def _manners(self) -> Manners:
        from twisted.internet import reactor  # noqa: PLC0415 - importing it installs it, so `reactor.run` must come first

        guard = GuardedResolver(reactor, parse_networks(self.configuration.fetching.allow_addresses))
        guard.install_on_reactor()
        return Manners(pace=self.pace, guard=guard)

    async def _work(self, begun: Backfill, fetcher: Fetcher) -> None:
        way = self._way()
        if begun.state == "planning":
            planning = Planning(
                self.order.id,
                self.desk,
                way,
                fetcher,
                self.halt,
                self.tally,
                self.display,
                self.work,
                self.configuration.state,
            )
            await planning.run()
        if self.halt.is_called() or self.terms.dry:
            return
        self._count_what_is_there()
        if self.order.via == "commoncrawl":
            await self._files(fetcher).run()
            return
        blocks = Blocks(
            self.order.id,
            self.desk,
            way,
            fetcher,
            self.workers,
            build_ingest(self.configuration),
            self.order.window,
            self.order.alert,
            self.halt,
            self.tally,
            self.display,
            self.configuration.state,
        )
        await blocks.run()

    def _count_what_is_there(self) -> None:
        """Begin the display where an earlier run ended."""
        with open_reader(self.work) as db:
            counts = backfill_results.counts(db, self.order.id)
        self.tally.phase = "working"
        self.tally.held = counts.pop("held", 0)
        self.tally.todo = sum(counts.values())
        self.tally.settled = sum(counts.get(state, 0) for state in ("done", "failed", "skipped"))

    def _files(self, fetcher: Fetcher | None) -> Files:
        sources = self._sources()
        return Files(
            self.order.id,
            self.desk,
            self.workers,
            build_ingest(self.configuration),
            Wanted(sources or self.configuration.sources, self.order.window, closed=bool(sources)),
            self.order.alert,
            self.halt,
            self.tally,
            self.display,
            self.work,
            self.configuration.state,
            Spool.beside(self.configuration.state, fetcher, self.halt) if fetcher is not None else None,
            rows=self.order.via == "jsonl",
        )

    async def _end(self, note: str | None) -> None:
        """Note how it ended; a failure to note it must not hide the failure it notes."""
        with open_reader(self.work) as db:
            stored = backfills.find(db, self.order.id)
        if stored is None or self.terms.dry:
            return
        state: backfills.BackfillState = stored.state if note is not None else "done"
        ended = Ended(self.order.id, state, note, digest=self.order.alert == "digest")
        self.tally.alerts += await self.desk.do("end", ended)


async def run_backfill(
    configuration: Configuration, order: Order, terms: Terms, tally: Tally, display: Display
) -> Estimate | Report:
    """Run a backfill on the reactor's loop; a dry run keeps its work list in a folder that vanishes."""
    halt = Halt(terms.deadline.total_seconds() if terms.deadline is not None else None)
    reading = configuration.settings.reading
    ingest = build_ingest(configuration)
    with tempfile.TemporaryDirectory(prefix="yuewatch-") as folder:
        work = Path(folder) / "dry.db" if terms.dry else configuration.state
        desk = Desk(work, ingest)

        def held_by_others() -> bool:
            if terms.dry:
                return holder_of(configuration.state) not in {None, os.getpid()}
            return not desk.is_holder

        pace = SharedPace(configuration.fetching.delay, configuration.state, held_by_others)
        await desk.open(pace)
        workers = Workers(reading.workers, reading.deadline, reading.memory)
        try:
            run = Run(configuration, order, terms, tally, display, halt, desk, pace, workers, work)
            return await run.go()
        finally:
            workers.close()
            await desk.close()


def _first(group: BaseExceptionGroup[YuewatchError]) -> BaseException:
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


def _size(name: str) -> int:
    path = Path(name)
    return path.stat().st_size if path.is_file() else 0
