"""Bring due deliveries to their destinations: claim under a lease, render, send, record what came of it.

Every destination has a lane of its own in which one delivery is under way at a time; lanes share a bounded number of
threads. So a destination that hangs holds one thread and delays nobody else. Whatever happens to this process between
a claim and its record, the lease runs out and the delivery is claimed again, under the same id.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlite_utils import Database

from alerts import breaker
from alerts.destination import Destination
from alerts.outcome import Delivered, Gone, Outcome, Refused, RetryLater
from alerts.rendering import Renderer
from alerts.retry import next_pause
from state import destinations as conditions
from state import outbox
from state.deliveries import Contents, Notice, load_delivery
from state.records import Delivery, DeliveryState
from state.writer import Writer

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]

MOST_LANES = 32
_LEASE_MARGIN = timedelta(seconds=30)
_POLL = timedelta(seconds=30)
"""How often to look without being told; only a clock that was set needs it."""


class Dispatcher:
    """Deliver what the outbox holds, until told to stop.

    `destinations` are the opened ones by id; `clock` gives the aware present time.
    """

    def __init__(
        self,
        writer: Writer,
        destinations: Mapping[str, Destination],
        clock: Clock,
        renderer: Renderer,
        *,
        most_lanes: int = MOST_LANES,
    ) -> None:
        self._writer = writer
        self._destinations = dict(destinations)
        self._clock = clock
        self._renderer = renderer
        self._slots = asyncio.Semaphore(most_lanes)
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()
        self._running = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def notify(self) -> None:
        """Say that there may be something new to deliver; safe from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    def reconfigure(self, destinations: Mapping[str, Destination], renderer: Renderer) -> None:
        """Use other destinations from the next delivery on; deliveries under way finish as they began."""
        self._destinations = dict(destinations)
        self._renderer = renderer
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
                pause = await self._open_lanes()
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
                agenda = await self._writer.run(
                    _agenda, _fallbacks(self._destinations.values()), self._clock()
                )
                if not self._lanes and all(moment >= deadline for moment in agenda.values()):
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
        agenda = await self._writer.run(_agenda, _fallbacks(self._destinations.values()), now)
        if not agenda.keys() <= self._destinations.keys():
            await self._writer.run(outbox.park_strays, self._destinations, now)
        pause = _POLL
        for destination, moment in agenda.items():
            if destination in self._lanes or destination not in self._destinations:
                continue
            if moment <= now:
                self._lanes[destination] = asyncio.create_task(self._serve(destination))
            else:
                pause = min(pause, moment - now)
        return pause

    async def _serve(self, destination: str) -> None:
        """Deliver what is due at one destination, one after the other."""
        try:
            while not self._ended.is_set():
                async with self._slots:
                    if not await self._deliver_next(destination):
                        return
                await self._keep_distance(destination)
        except Exception as error:  # noqa: BLE001 - the state cannot be written; leases bring back what was under way
            log.error("delivery.failed", destination=destination, error=type(error).__name__)  # noqa: TRY400 - a traceback may hold secrets
            await asyncio.sleep(1)
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
        contents = await self._writer.run(_claim_next, name, self._clock(), lease)
        if contents is None:
            return False
        began, at = time.monotonic(), self._clock()
        outcome = await _in_thread(partial(self._send, destination, contents))
        took = timedelta(seconds=time.monotonic() - began)
        state = await self._writer.run(
            _record, destination, contents.delivery, outcome, at, took, self._clock()
        )
        log.info(
            "delivery.tried",
            delivery=contents.delivery.id,
            destination=name,
            outcome=_name(outcome),
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


def _agenda(db: Database, fallbacks: Mapping[str, str], now: datetime) -> dict[str, datetime]:
    """Tell when each destination is to be served next, after what waits for disabled ones is settled."""
    conditions.settle_disabled(db, fallbacks, now)
    return outbox.agenda(db)


def _claim_next(db: Database, destination: str, now: datetime, lease: timedelta) -> Contents | None:
    claimed = outbox.claim(db, now, lease, 1, destination=destination)
    return load_delivery(db, claimed[0].id) if claimed else None


def _record(
    db: Database,
    destination: Destination,
    delivery: Delivery,
    outcome: Outcome,
    at: datetime,
    took: timedelta,
    now: datetime,
) -> DeliveryState:
    """Store an outcome and what follows from it for the delivery and for its destination."""
    state, due_at = _next_state(destination, delivery, outcome, now)
    if _name(outcome) == "ambiguous" and outbox.tried(db, delivery.id, "ambiguous"):
        state, due_at = (
            "parked",
            now,
        )  # it most likely is there already; somebody should look before a third copy
    attempt = outbox.Attempt(delivery.id, at, _name(outcome), outcome.why, took)
    outbox.record(db, attempt, state, due_at)
    before = conditions.health(db, destination.id)
    condition = breaker.after(before, outcome, destination.schedule, now)
    if condition != before:
        conditions.keep(db, condition)
    if condition.disabled_at and not before.disabled_at:
        log.warning("destination.disabled", destination=destination.id, why=condition.why)
        if destination.fallback is not None:
            outbox.notify(db, destination.fallback, _farewell(condition, destination.fallback), now)
            outbox.pass_on(db, delivery, destination.fallback, now)
    return state


def _fallbacks(destinations: Iterable[Destination]) -> dict[str, str]:
    return {one.id: one.fallback for one in destinations if one.fallback is not None}


def _farewell(condition: conditions.Health, fallback: str) -> Notice:
    return Notice(
        key=f"disabled {condition.id} {condition.disabled_at}",
        title=f"The destination {condition.id} is disabled",
        lines=(
            f"Why: {condition.why}.",
            f"What waits for it is parked, and comes to {fallback} from now on.",
            f"Once it is mended, `yuewatch alerts retry --destination {condition.id}` enables it and sends what is parked.",
        ),
    )


def _next_state(
    destination: Destination, delivery: Delivery, outcome: Outcome, now: datetime
) -> tuple[DeliveryState, datetime]:
    match outcome:
        case Delivered():
            return "delivered", now
        case Refused() | Gone():
            return "parked", now
        case RetryLater():
            pause = next_pause(
                destination.schedule,
                delivery_id=delivery.id,
                attempts=delivery.attempts,
                elapsed=now - (delivery.since or now),
                wished=outcome.after,
            )
            return ("parked", now) if pause is None else ("due", now + pause)


def _name(outcome: Outcome) -> outbox.OutcomeName:
    match outcome:
        case Delivered():
            return "delivered"
        case RetryLater(ambiguous=True):
            return "ambiguous"
        case RetryLater():
            return "retry_later"
        case Refused():
            return "refused"
        case Gone():
            return "gone"


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
