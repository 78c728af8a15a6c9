"""Lend a crawl's engine to somebody who looks at a site from the command line: nothing is stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from crawler.backfill.turns import SharedPace
from crawler.configuration.load import Configuration
from crawler.fetching.browser import Browser
from crawler.fetching.guard import GuardedResolver
from crawler.fetching.manners import Manners
from crawler.probing.asking import Asker
from crawler.station import crawl_runner
from crawler.workers import Workers
from state.addresses import parse_networks
from state.database import open_reader
from state.lock import holder_of
from state.sources import held_hosts

T = TypeVar("T")


async def visit(configuration: Configuration, look: Callable[[Asker], Awaitable[T]]) -> T:
    """Run `look` with an asker that fetches as the daemon does: address guard, robots.txt, pace, limits, workers.

    Hosts that asked for patience are left alone, and beside a running daemon its turns are shared. Must run on the
    reactor's loop; raises what `look` raises.
    """
    reading = configuration.settings.reading
    manners = _manners(configuration)
    workers = Workers(reading.workers, reading.deadline, reading.memory)
    outcome: list[T] = []
    failure: list[BaseException] = []

    async def errands(fetch: Any) -> None:
        try:
            outcome.append(await look(Asker(fetch, manners, workers)))
        except BaseException as error:  # noqa: BLE001 - Scrapy would log it and go on; it is raised below
            failure.append(error)

    runner = crawl_runner(configuration)
    try:
        await runner.crawl(runner.create_crawler("errands"), errands=errands, manners=manners)
    finally:
        await manners.browser.close()
        workers.close()
    if failure:
        raise failure[0]
    return outcome[0]


def _manners(configuration: Configuration) -> Manners:
    from twisted.internet import reactor  # noqa: PLC0415 - importing it installs it, so `reactor.run` must come first

    guard = GuardedResolver(reactor, parse_networks(configuration.fetching.allow_addresses))
    guard.install_on_reactor()
    state = configuration.state
    pace = SharedPace(configuration.fetching.delay, state, lambda: holder_of(state) is not None)
    if state.exists():
        with open_reader(state) as db:
            pace.holds.update(held_hosts(db, datetime.now(UTC)))
    return Manners(pace=pace, guard=guard, browser=Browser(configuration.fetching.browser))
