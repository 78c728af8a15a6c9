"""Wire the parts together: everything that `run`, `crawl` and `import` share is built here and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Self

import structlog
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings as ScrapySettings
from sqlite_utils import Database

from alerts.dispatcher import Dispatcher
from alerts.rendering import Renderer
from crawler.agenda import Agenda
from crawler.configuration.load import Configuration
from crawler.configuration.settings import Settings
from crawler.fetching import settings as scrapy_settings
from crawler.fetching.browser import Browser
from crawler.fetching.guard import GuardedResolver
from crawler.fetching.manners import Manners
from crawler.fetching.pace import Pace
from crawler.ingest import Ingest, Ingested
from crawler.naming import reader_names
from crawler.people import NOBODY, Audience, audience, invite, with_people
from crawler.pipeline import Pipeline
from crawler.rounds import Round
from crawler.schedule import next_poll_after_failure
from crawler.stories.dictionary import Dictionary, open_dictionary
from crawler.timetable import Timetable
from crawler.workers import Workers
from rules.matcher import Matcher
from state import health, pages, retention, rhythms, sketches, sources
from state.addresses import parse_networks
from state.errors import ConfigurationError
from state.retention import Limits
from state.sources import Poll
from state.writer import Writer, touch

_AT_ONCE = 16
"""Rounds, and pages read again after a crash, that are under way together: hosts wait, memory does not grow."""
_RECENT = timedelta(days=30)
"""How long headlines and facts are compared; words are, for as long as the configured horizon."""
ROUND_DEADLINE = timedelta(minutes=30)
_LAST_WORDS = timedelta(seconds=1)
_log = structlog.get_logger("yuewatch.station")


def build_ingest(configuration: Configuration) -> Ingest:
    """Build the walk's transaction from a configuration; raise ConfigurationError for a dictionary that is missing."""
    return Ingest(
        matcher=Matcher(configuration.pack),
        sources=configuration.sources,
        subscriptions=configuration.subscriptions,
        max_age=configuration.settings.alerting.max_age,
        roles=configuration.roles,
        dictionary=_dictionary(configuration) if configuration.settings.stories.dictionary else None,
    )


def _dictionary(configuration: Configuration) -> Dictionary:
    dictionary = _open_dictionary()
    if dictionary is None:
        raise ConfigurationError(
            "the dictionary is not installed; run pip install 'yuewatch[dictionary]', or leave this out",
            where=configuration.lines.where(("stories", "dictionary")),
        )
    return dictionary


@cache
def _open_dictionary() -> Dictionary | None:
    """Read the dictionary once in a process, reloads included."""
    return open_dictionary()


@dataclass(slots=True)
class Station:
    """Hold the running parts of one process that crawls.

    Must be opened on the reactor's event loop; `close` leaves nothing behind.
    """

    configuration: Configuration
    writer: Writer
    workers: Workers
    manners: Manners
    runner: AsyncCrawlerRunner
    pipeline: Pipeline
    agenda: Agenda
    dispatcher: Dispatcher
    audience: Audience = NOBODY
    lanes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    @classmethod
    async def open(
        cls, configuration: Configuration, told: Callable[[Ingested], None] = lambda _: None
    ) -> Self:
        """Open the state, start the workers, install the address guard; raise StateError where the state is taken."""
        destinations = configuration.open_destinations()
        writer = Writer(configuration.state)
        reading = configuration.settings.reading
        workers = Workers(reading.workers, reading.deadline, reading.memory)
        manners = _manners(configuration, writer)
        now = datetime.now(UTC)
        manners.pace.holds.update(await writer.run(sources.held_hosts, now))
        if await writer.run(sources.may_have_been_asked):
            manners.pace.resume(await writer.run(sources.crawl_delays))
        dispatcher = Dispatcher(
            writer,
            destinations,
            _now,
            _renderer(configuration),
            operators=configuration.settings.operator.destinations,
        )

        def spread(ingested: Ingested) -> None:
            if ingested.alerts:
                dispatcher.notify()
            told(ingested)

        timetable = Timetable.of(configuration.sources.values(), manners.pace.delay_of)
        pipeline = Pipeline(writer, workers, build_ingest(configuration), spread, timetable)
        agenda = Agenda(writer, configuration.sources)
        await agenda.register(now)
        station = cls(
            configuration, writer, workers, manners, crawl_runner(configuration), pipeline, agenda, dispatcher
        )
        await station.welcome()
        return station

    def reconfigure(self, configuration: Configuration) -> None:
        """Take over sources, rules, subscriptions and destinations; rounds under way finish with the old ones.

        Raises ConfigurationError, changing nothing, where a destination's secret is missing or unfit.
        """
        destinations = configuration.open_destinations() | configuration.open_mailboxes(self.audience)
        configuration.open_heartbeat()
        timetable = Timetable.of(configuration.sources.values(), self.manners.pace.delay_of)
        self.pipeline = replace(self.pipeline, ingest=build_ingest(configuration), timetable=timetable)
        self._address(configuration)
        self.agenda = Agenda(self.writer, configuration.sources)
        self.dispatcher.reconfigure(
            destinations, _renderer(configuration), configuration.settings.operator.destinations
        )
        self.configuration = configuration

    def _address(self, configuration: Configuration) -> None:
        """Route to the people who confirmed, too."""
        subscriptions = with_people(configuration.subscriptions, self.audience.people)
        self.pipeline = replace(
            self.pipeline, ingest=replace(self.pipeline.ingest, subscriptions=subscriptions)
        )

    async def welcome(self) -> None:
        """Learn who has subscribed or left by command, and write to those who have to confirm."""
        self.audience = await self.writer.run(audience)
        configuration = self.configuration  # that of now: a reload may have come while we waited
        self._address(configuration)
        self.dispatcher.reconfigure(
            configuration.open_destinations() | configuration.open_mailboxes(self.audience),
            _renderer(configuration),
            configuration.settings.operator.destinations,
        )
        if configuration.settings.subscribers.through is not None:
            await self.writer.run(
                invite, {one.id: one for one in configuration.subscriptions}, datetime.now(UTC)
            )
        self.dispatcher.notify()

    async def recover(self, stored_before: datetime | None = None) -> int:
        """Read the pages that were stored (before a time, where given) but not read yet; give their number."""
        keys = await self.writer.run(pages.waiting, stored_before)
        for start in range(0, len(keys), _AT_ONCE):
            await asyncio.gather(*(self._read_again(key) for key in keys[start : start + _AT_ONCE]))
        return len(keys)

    async def _read_again(self, key: str) -> None:
        stored = await self.writer.run(pages.load, key)
        if stored is not None:
            await self.pipeline.walk(*stored)

    async def visit(self, host: str, only: Sequence[str] | None = None) -> Round:
        """Make one round over a host: what is due, or the sources named in `only`; give what it was."""
        async with self.lanes:
            return await self._visit(host, only)

    async def _visit(self, host: str, only: Sequence[str] | None) -> Round:
        if self.writer.trouble is not None:
            # Nothing that is fetched could be kept: find out before anybody is asked for anything.
            await self.writer.run(touch)
        started = datetime.now(UTC)
        round_ = await self.agenda.claim(host, started, only)
        if not round_.polls and not round_.leads:
            return round_
        crawl = self.runner.create_crawler("host")
        task = self.runner.crawl(crawl, round_=round_, ledger=self.pipeline, manners=self.manners)
        try:
            async with asyncio.timeout(ROUND_DEADLINE.total_seconds()):
                # A cancelled round must not tear a transaction's caller apart, so the crawl itself is only asked to stop.
                await asyncio.shield(task)
        except TimeoutError:
            await crawl.stop_async()
            await task
        await self._settle(round_, started)
        return round_

    async def _settle(self, round_: Round, started: datetime) -> None:
        """Note a failure for every source that the round left without an outcome, so that it is not due at once again."""
        states = await self.writer.run(sources.all_states)
        now = datetime.now(UTC)
        for source, before in round_.polls:
            last_poll = states[source.id].last_poll
            if last_poll is None or last_poll < started:
                due = next_poll_after_failure(source, before.failures + 1, now)
                why = "the round ended before this source was read"
                await self.writer.run(
                    sources.record_poll, Poll(source.id, now, due, error=why, asked=before.asked)
                )

    async def prune(self) -> int:
        """Drop from the indexes of stories what is too old to be compared with, in steps that let others write; give the number."""
        horizon = self.configuration.settings.stories.horizon
        touched = 0
        while step := await self.writer.run(sketches.prune, datetime.now(UTC), horizon, _RECENT):
            touched += step
        return touched

    async def forget(self) -> int:
        """Delete what has been kept as long as the configuration says; give the number of rows."""
        return await self.writer.run(forget, self.configuration.settings, datetime.now(UTC))

    async def heed_holds(self) -> None:
        """Take over which hosts are held and blocked, as the state has it."""
        held = await self.writer.run(sources.held_hosts, datetime.now(UTC))
        self.manners.pace.holds.clear()
        self.manners.pace.holds.update(held)

    async def share_budget(self) -> None:
        """Spread the polls that all sources may take together by what each has shown of its rhythm."""
        known = await self.writer.run(rhythms.load_all)
        chosen = list(self.configuration.sources.values())
        await asyncio.to_thread(self.pipeline.timetable.share_budget, chosen, known, datetime.now(UTC))

    async def close(self) -> None:
        """Stop crawls, keep what they brought, and close the state; a download that hangs is left for another time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS.total_seconds()):
                await self.runner.stop()
                await self.runner.join()
        await self.manners.browser.close()
        self.workers.close()
        self.writer.close()


def forget(db: Database, settings: Settings, now: datetime) -> int:
    """Delete what is finished and older than its limit; give the number of rows."""
    kept = settings.retention
    limits = Limits(kept.attempts, kept.notices, kept.subscribers, settings.subscribers.confirm_within)
    return retention.prune(db, limits, now) + health.prune(db, now)


def _now() -> datetime:
    return datetime.now(UTC)


def _renderer(configuration: Configuration) -> Renderer:
    subscriptions = {item.id: item for item in configuration.subscriptions}
    return Renderer(reader_names(configuration), subscriptions)


def _manners(configuration: Configuration, writer: Writer) -> Manners:
    from twisted.internet import reactor  # noqa: PLC0415 - importing it installs it, so `reactor.run` must come first

    guard = GuardedResolver(reactor, parse_networks(configuration.fetching.allow_addresses))
    guard.install_on_reactor()
    tasks: set[asyncio.Task[Any]] = set()

    def keep(change: Callable[..., None], *arguments: Any) -> None:
        task = asyncio.ensure_future(writer.run(change, *arguments))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def keep_hold(host: str, until: datetime, reason: str) -> None:
        keep(sources.hold_host, host, until, reason)
        _log.warning("host held", host=host, until=until.isoformat(), reason=reason)

    def keep_crawl_delay(site: str, seconds: float | None) -> None:
        keep(sources.keep_crawl_delay, site, seconds)

    return Manners(
        pace=Pace(configuration.fetching.delay),
        guard=guard,
        on_hold=keep_hold,
        on_crawl_delay=keep_crawl_delay,
        browser=Browser(configuration.fetching.browser),
    )


def crawl_runner(configuration: Configuration) -> AsyncCrawlerRunner:
    """Build what runs crawls, with our own settings under the configured ones."""
    ours = scrapy_settings.as_mapping() | scrapy_settings.configured(configuration.fetching)
    return AsyncCrawlerRunner(ScrapySettings(ours, priority="project"))
