"""Run for years: rounds when they are due, deliveries at all times, signals, and the watchdog."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from crawler.backfill.holding import services
from crawler.configuration.load import Configuration, load_configuration
from crawler.control import Control, Service
from crawler.feeds import FeedDesk
from crawler.notify import tell_systemd, watchdog_interval
from crawler.operator import Watchman
from crawler.station import Station
from crawler.websub.bell import Bell
from rules.matcher import failing_examples
from state import held
from state.database import sqlite_report
from state.errors import ConfigurationError, StateError

STOP_WITHIN = timedelta(seconds=6)
_REST = timedelta(milliseconds=200)
_REST_IN_TROUBLE = timedelta(seconds=30)
_LEFT_BEHIND = timedelta(minutes=5)
_SETTLED = timedelta(minutes=1)
_log = structlog.get_logger("yuewatch.daemon")


class Daemon:
    """Keep a station working until told to stop.

    `reload` gives the configuration anew on SIGHUP and may raise ConfigurationError.
    """

    def __init__(
        self, station: Station, reload: Callable[[], Configuration], feeds: FeedDesk | None = None
    ) -> None:
        self._station = station
        self._reload = reload
        self._feeds = feeds or FeedDesk()
        self._bell = Bell(station.writer, lambda: station.configuration, self._rung)
        self._watchman = Watchman(station.writer, lambda: station.configuration)
        self._stop = asyncio.Event()
        self._rounds: set[asyncio.Task[None]] = set()
        self._visited: set[str] = set()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT; what is under way then is finished or left for the next start."""
        self._listen_to_signals()
        control = Control(self._station.writer, self._changed, self._services())
        await control.open()
        await self._bell.open()
        await self._let_go()
        dispatching = asyncio.create_task(self._station.dispatcher.run(self._stop))
        recovering = asyncio.create_task(self._recover())
        feeding = asyncio.create_task(self._feeds.run(lambda: self._station.configuration))
        self._renew_feeds()
        interval = watchdog_interval()
        if interval is not None:
            self._scheduler.add_job(
                self._alive, IntervalTrigger(seconds=interval.total_seconds()), id="watchdog"
            )
        self._scheduler.add_job(self._tidy, IntervalTrigger(minutes=5), id="tidy")
        self._scheduler.add_job(
            self._station.share_budget,
            IntervalTrigger(hours=6),
            id="budget",
            next_run_time=datetime.now(UTC) + _SETTLED,
        )
        self._scheduler.add_job(
            self._prune,
            IntervalTrigger(hours=6),
            id="prune",
            next_run_time=datetime.now(UTC) + _SETTLED,  # who is restarted daily must forget, too
        )
        self._scheduler.add_job(self._report, IntervalTrigger(minutes=1), id="report")
        self._scheduler.add_job(self._renew_bell, IntervalTrigger(seconds=10), id="websub")
        self._plan_heartbeat()
        self._scheduler.start()
        await self._plan_all()
        tell_systemd("READY=1")
        _log.info(
            "running",
            state=str(self._station.configuration.state),
            sources=len(self._station.configuration.sources),
        )
        await self._stop.wait()
        tell_systemd("STOPPING=1")
        self._scheduler.pause()
        feeding.cancel()
        await self._bell.close()
        await self._finish(dispatching, recovering, feeding)
        self._scheduler.shutdown(wait=False)
        await control.close()
        _log.info("stopped")

    def _services(self) -> Mapping[str, Service]:
        """Serve the backfills that run beside this daemon: it writes for them, and shares its turns on hosts."""
        station = self._station
        return services(
            station.writer,
            lambda: station.pipeline.ingest,
            station.manners.pace,
            station.dispatcher.notify,
        )

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload_configuration)

    def _changed(self, name: str) -> None:
        """Act at once on a change made from the command line."""
        self._station.dispatcher.notify()
        if name.startswith("subscribers."):
            self._keep(asyncio.ensure_future(self._learn_of_people(erased=name == "subscribers.erase")))
        if name.startswith("stories."):
            self._renew_feeds()
        if name == "articles.retry":
            self._keep(asyncio.ensure_future(self._recover()))
        if name in {"sources.block", "sources.unblock"}:
            self._keep(asyncio.ensure_future(self._heed_holds()))

    async def _heed_holds(self) -> None:
        await self._station.heed_holds()
        await self._plan_all()

    async def _learn_of_people(self, *, erased: bool) -> None:
        await self._station.welcome()
        if erased:
            await self._station.writer.fold()

    def _plan_heartbeat(self) -> None:
        """Beat at once and then as often as the configuration says."""
        every = self._station.configuration.settings.heartbeat.every
        self._scheduler.add_job(
            self._beat,
            IntervalTrigger(seconds=every.total_seconds()),
            id="heartbeat",
            replace_existing=True,
            next_run_time=datetime.now(UTC),
        )

    async def _beat(self) -> None:
        await self._watchman.beat()

    async def _report(self) -> None:
        try:
            if await self._watchman.report():
                self._station.dispatcher.notify()
        except StateError as error:
            _log.error("report not written", error=str(error))

    def _rung(self) -> None:
        self._keep(asyncio.ensure_future(self._plan_all()))

    async def _renew_bell(self) -> None:
        try:
            await self._bell.renew()
        except StateError as error:
            _log.error("hubs not asked", error=str(error))

    def _renew_feeds(self) -> None:
        self._feeds.renew(one.id for one in self._station.configuration.subscriptions)

    def _keep(self, task: asyncio.Task[None]) -> None:
        """Hold on to a task until it is done: the loop itself does not."""
        self._rounds.add(task)
        task.add_done_callback(self._rounds.discard)

    async def _recover(self) -> None:
        number = await self._station.recover()
        if number:
            _log.info("recovered", pages=number)

    async def _tidy(self) -> None:
        """Read the pages that a full disk or another mishap left behind, and plan what was not."""
        number = await self._station.recover(datetime.now(UTC) - _LEFT_BEHIND)
        if number:
            _log.info("recovered", pages=number)
        await self._plan_forgotten()

    async def _plan_forgotten(self) -> None:
        """Plan a visit to every host that has none: there should be no such host, and its silence would be ours."""
        due = await self._station.agenda.due_times()
        planned = {job.id.removeprefix("host ") for job in self._scheduler.get_jobs()} | self._visited
        for host in due.keys() - planned:
            _log.error("no visit was planned, planned now", host=host)
            self._plan(host, due[host])

    async def _prune(self) -> None:
        articles, rows = await self._station.prune(), await self._station.forget()
        _log.info("pruned", articles=articles, rows=rows)

    async def _plan_all(self) -> None:
        due = await self._station.agenda.due_times()
        for host, moment in due.items():
            self._plan(host, moment)
        for job in self._scheduler.get_jobs():
            if job.id.startswith("host ") and job.id.removeprefix("host ") not in due:
                job.remove()

    def _plan(self, host: str, moment: datetime) -> None:
        if host in self._visited:
            return  # its round plans the next one at its end
        # A moment that has passed means now; APScheduler would drop a job whose only run lies in the past.
        self._scheduler.add_job(
            self._visit,
            DateTrigger(max(moment, datetime.now(UTC))),
            args=[host],
            id=f"host {host}",
            replace_existing=True,
        )

    async def _visit(self, host: str) -> None:
        """Begin a round, which plans the next visit at its end, and end at once.

        A job that is due while an earlier one of its name is at work is skipped by APScheduler: for good, as it has one
        date only. Its bookkeeping lags behind a busy loop, so no job here may last.
        """
        if host not in self._visited:
            self._visited.add(host)
            self._keep(asyncio.ensure_future(self._round(host)))

    async def _round(self, host: str) -> None:
        try:
            round_ = await self._station.visit(host)
            _log.info("round", host=host, sources=len(round_.polls), leads=len(round_.leads))
        except StateError as error:
            _log.error("round broke off", host=host, error=str(error))
        except Exception:  # noqa: BLE001 - one host's trouble must not stop the others
            _log.exception("round failed", host=host)
        if not self._stop.is_set():
            try:
                due = await self._next_due(host)
            finally:
                self._visited.discard(host)
            if due is not None:
                self._plan(host, due)

    async def _next_due(self, host: str) -> datetime | None:
        """Give when a host that was just visited is to be visited again, None for one with no source any more."""
        now = datetime.now(UTC)
        try:
            due = (await self._station.agenda.due_times()).get(host)
        except StateError as error:
            _log.error("due times not read, trying again", host=host, error=str(error))
            return now + _REST_IN_TROUBLE
        rest = _REST_IN_TROUBLE if self._station.writer.trouble is not None else _REST
        return None if due is None else max(due, now + rest)

    async def _finish(self, *others: asyncio.Task[None]) -> None:
        """Let rounds and sends end by themselves for a while; whatever does not is taken up by the next start."""
        # A crawl stops when its last download has ended, which may be never.
        stopping = asyncio.ensure_future(self._station.runner.stop())
        pending = {stopping, *self._rounds, *others}
        _, late = await asyncio.wait(pending, timeout=STOP_WITHIN.total_seconds())
        for task in late:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*late, return_exceptions=True)

    async def _alive(self) -> None:
        """Report being alive only when the writer's thread answers too, not just this loop."""
        await self._station.writer.run(lambda _: None)
        tell_systemd("WATCHDOG=1")

    def _reload_configuration(self) -> None:
        tell_systemd("RELOADING=1")
        try:
            configuration = self._reload()
            self._station.reconfigure(configuration)
        except ConfigurationError as error:
            _log.error("configuration refused, the old one stays in use", error=str(error))
        else:
            self._renew_feeds()
            self._plan_heartbeat()
            self._keep(asyncio.ensure_future(self._replan()))
            self._keep(asyncio.ensure_future(self._let_go()))
            self._keep(asyncio.ensure_future(self._learn_of_people(erased=False)))
            _log.info(
                "configuration reloaded",
                sources=len(configuration.sources),
                rules=len(configuration.pack.rules),
            )
        tell_systemd("READY=1")

    async def _let_go(self) -> None:
        """Drop what is held for subscriptions that the configuration no longer has."""
        station = self._station
        known = [one.id for one in station.configuration.subscriptions]
        dropped = await station.writer.run(held.drop_strays, known, datetime.now(UTC))
        for subscription, number in dropped.items():
            _log.warning("held messages dropped", subscription=subscription, number=number)

    async def _replan(self) -> None:
        await self._station.agenda.register(datetime.now(UTC))
        await self._plan_all()


def load_proven(config: Path | None, state: Path | None) -> Configuration:
    """Load the configuration for a reload; raise ConfigurationError also where a rule fails its examples."""
    configuration = load_configuration(config, state)
    failing = failing_examples(configuration.pack)
    if failing:
        raise ConfigurationError("\n".join(failing))
    return configuration


async def run_daemon(config: Path | None, state: Path | None) -> None:
    """Load the configuration, open the station and run until stopped."""
    configuration = load_configuration(config, state)
    version, affected = sqlite_report()
    _log.info(
        "starting",
        sqlite=version,
        sqlite_wal_bug="affected; one connection does all writing" if affected else "no",
    )
    feeds = FeedDesk()
    configuration.open_heartbeat()
    station = await Station.open(configuration, feeds.note)
    try:
        await Daemon(station, lambda: load_proven(config, state), feeds).run()
    finally:
        await station.close()
