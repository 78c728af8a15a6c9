"""Bring due deliveries to their destinations: claim under a lease, render, send, record what came of it.

Every destination has a lane of its own in which one delivery is under way at a time; lanes share a bounded number of
threads. So a destination that hangs holds one thread and delays nobody else. Whatever happens to this process between
a claim and its record, the lease runs out and the delivery is claimed again, under the same id.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog

from alerts.destination import Destination
from alerts.outcome import Outcome, Refused, RetryLater
from alerts.rendering import Renderer
from alerts.settlement import agenda, claim_next, fallbacks_of, outcome_name, settle
from state import outbox
from state.deliveries import Contents
from state.writer import Writer

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]

MOST_LANES = 32
_LEASE_MARGIN = timedelta(seconds=30)
_REST = timedelta(seconds=1)
"""How long to wait before asking a state again that could not be read or written."""
_POLL = timedelta(seconds=30)
"""How often to look without being told; only a clock that was set needs it."""

_RECENT = timedelta(days=7)
"""What waited longer for its destination is old news: it stays parked, in sight."""
_MOST_NAMED = 10


class Dispatcher:
    """Deliver what the outbox holds, until told to stop.

    `destinations` are the opened ones by id; `clock` gives the aware present time; `operators` names the destinations
    that hear of one being disabled.
    """

    def __init__(
        self,
        writer: Writer,
        destinations: Mapping[str, Destination],
        clock: Clock,
        renderer: Renderer,
        *,
        most_lanes: int = MOST_LANES,
        operators: Sequence[str] = (),
    ) -> None:
        self._writer = writer
        self._destinations = dict(destinations)
        self._clock = clock
        self._renderer = renderer
        self._operators = tuple(operators)
        self._slots = asyncio.Semaphore(most_lanes)
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()
        self._running = False
        self._revived_for: Mapping[str, Destination] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def notify(self) -> None:
        """Say that there may be something new to deliver; safe from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    def reconfigure(
        self, destinations: Mapping[str, Destination], renderer: Renderer, operators: Sequence[str] = ()
    ) -> None:
        """Use other destinations from the next delivery on; deliveries under way finish as they began."""
        self._destinations = dict(destinations)
        self._renderer = renderer
        self._operators = tuple(operators)
        self.notify()

    async def run(self, stop: asyncio.Event, grace: timedelta = timedelta(seconds=5)) -> None:
        """Deliver until `stop` is set; deliveries then under way get `grace` to finish, or are repeated later."""
        self._loop = asyncio.get_running_loop()
        self._ended.clear()
        self._running = True
        ending = asyncio.create_task(self._end_on(stop))
        try:
            await self._writer.run(outbox.release_leases, self._clock())
            while not self._ended.is_set():
                self._wake.clear()
                try:
                    pause = await self._open_lanes()
                except Exception as error:  # noqa: BLE001 - a full disk must not end delivery for good
                    log.error("outbox unreadable", error=type(error).__name__)  # noqa: TRY400 - a traceback may hold secrets
                    pause = _REST
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), pause.total_seconds())
        finally:
            self._running = False
            self._ended.set()
            ending.cancel()
            await self._finish_lanes(grace)

    async def drain(self, deadline: datetime) -> int:
        """Deliver until nothing is due before `deadline`, or it has passed; return how many deliveries stay open.

        Works alone, as well as beside `run`.
        """
        stop = asyncio.Event()
        own_run = None
        if not self._running:
            await self._writer.run(outbox.release_leases, self._clock())
            own_run = asyncio.create_task(self.run(stop))
        try:
            while self._clock() < deadline:
                coming = await self._coming(self._clock())
                if not self._lanes and all(moment >= deadline for moment in coming.values()):
                    break
                await asyncio.sleep(0.05)
        finally:
            stop.set()
            if own_run is not None:
                await own_run
        return await self._writer.run(outbox.count_open)

    async def _end_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._ended.set()
        self._wake.set()

    async def _open_lanes(self) -> timedelta:
        """Start a lane for every destination with something due; return the time until the next is."""
        now = self._clock()
        coming = await self._coming(now)
        if any(moment <= now and name not in self._destinations for name, moment in coming.items()):
            await self._park_strays(now)
        pause = _POLL
        for destination, moment in coming.items():
            if destination in self._lanes or destination not in self._destinations:
                continue
            if moment <= now:
                self._lanes[destination] = asyncio.create_task(self._serve(destination))
            else:
                pause = min(pause, moment - now)
        return pause

    async def _coming(self, now: datetime) -> dict[str, datetime]:
        """Tell when each destination is to be served next."""
        known = self._destinations
        if self._revived_for is not known:
            await self._revive_strays(known, now)
            self._revived_for = known
        return await self._writer.run(agenda, fallbacks_of(self._destinations.values()), now)

    async def _revive_strays(self, known: Mapping[str, Destination], now: datetime) -> None:
        """Send again what only lacked a destination that the configuration has again."""
        number = await self._writer.run(outbox.revive_strays, list(known), now - _RECENT, now)
        if number:
            log.info("destination back", number=number)

    async def _park_strays(self, now: datetime) -> None:
        """Park what no destination is configured for, and say so: a new name for an old destination does this."""
        parked = await self._writer.run(outbox.park_strays, list(self._destinations), now)
        if parked:
            names = sorted(parked)
            log.warning("destination unknown", destinations=names[:_MOST_NAMED], number=sum(parked.values()))

    async def _serve(self, destination: str) -> None:
        """Deliver what is due at one destination, one after the other."""
        try:
            while not self._ended.is_set():
                async with self._slots:
                    if not await self._deliver_next(destination):
                        return
                await self._keep_distance(destination)
        except Exception as error:  # noqa: BLE001 - the state cannot be written; leases bring back what was under way
            log.error("delivery failed", destination=destination, error=type(error).__name__)  # noqa: TRY400 - a traceback may hold secrets
            await asyncio.sleep(_REST.total_seconds())
        finally:
            del self._lanes[destination]
            self._wake.set()

    async def _keep_distance(self, name: str) -> None:
        """Wait as long as a destination wants between two messages, but no longer than we run."""
        destination = self._destinations.get(name)
        if destination is not None and destination.interval:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), destination.interval.total_seconds())

    async def _deliver_next(self, name: str) -> bool:
        destination = self._destinations.get(name)
        if destination is None:
            return False
        lease = destination.patience + _LEASE_MARGIN
        contents = await self._writer.run(claim_next, destination, self._clock(), lease)
        if contents is None:
            return False
        began, at = time.monotonic(), self._clock()
        outcome = await _in_thread(partial(self._send, destination, contents))
        took = timedelta(seconds=time.monotonic() - began)
        state = await self._writer.run(
            settle, destination, contents.delivery, outcome, at, took, self._clock(), self._operators
        )
        log.info(
            "delivery tried",
            delivery=contents.delivery.id,
            destination=name,
            outcome=outcome_name(outcome),
            state=state,
            attempt=contents.delivery.attempts,
        )
        return True

    def _send(self, destination: Destination, contents: Contents) -> Outcome:
        """Render and send; whatever is raised counts as a failure to be retried, named by its type alone."""
        try:
            if not contents.alerts and contents.notice is None:
                return Refused("nothing of what it told is stored any more")
            return destination.send(self._renderer.render(contents))
        except Exception as error:  # noqa: BLE001 - a channel may raise anything, and its message may hold secrets
            return RetryLater(type(error).__name__)

    async def _finish_lanes(self, grace: timedelta) -> None:
        lanes = list(self._lanes.values())
        if lanes:
            await asyncio.wait(lanes, timeout=grace.total_seconds())
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)


def _in_thread(work: Callable[[], Outcome]) -> asyncio.Future[Outcome]:
    """Run `work` in a daemon thread of its own, which keeps no process from ending, however long it hangs."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Outcome] = loop.create_future()

    def resolve(outcome: Outcome) -> None:
        if not future.done():
            future.set_result(outcome)

    def run() -> None:
        outcome = work()
        with suppress(RuntimeError):  # the loop has ended; the lease will bring the delivery back
            loop.call_soon_threadsafe(resolve, outcome)

    threading.Thread(target=run, name="delivery", daemon=True).start()
    return future
