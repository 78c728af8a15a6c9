"""Measure how long deliveries take: idle, at 50 alerts a second, out of a backlog."""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from alerts.channels.webhook import WebhookSettings, open_webhook
from alerts.credentials import Surroundings
from alerts.destination import Destination
from alerts.dispatcher import Dispatcher
from alerts.rendering import Renderer
from alerts.retry import WEBHOOK
from alerts.view import Names
from state import articles, matches, outbox, stories
from state.addresses import parse_networks
from state.records import Alert, Article, Delivery, Evidence, Match, Placement
from state.writer import Writer

from .endpoints import Receivers
from .table import Row

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SENTENCE = "The province will build three computing hubs for artificial intelligence by 2028."
MATCH = Match("gd-policy", "policy", "event", "normal", (Evidence(SENTENCE, 0, len(SENTENCE)),))


def now() -> datetime:
    return datetime.now(UTC)


def destination(name: str, port: int) -> Destination:
    settings = WebhookSettings(type="webhook", url=f"http://127.0.0.1:{port}/hook", secret_env="S")
    surroundings = Surroundings(environ={"S": SECRET})
    send = open_webhook(name, settings, surroundings, parse_networks(["127.0.0.1"]))
    return Destination(name, "webhook", send, WEBHOOK, timedelta(seconds=20))


def publish(db, number: int, names: list[str]) -> list[str]:
    """Store one story and a delivery of it to each destination, as the pipeline does; give the deliveries' ids."""
    at, url, story = now(), f"https://news.example/{number}", f"st_{number}"
    articles.insert(db, Article(url, f"Plan {number} for computing hubs", SENTENCE, "en"), "live", at)
    stories.place(db, url, Placement(story), at)
    matches.store(db, url, story, (MATCH,), at)
    alert = Alert(f"al_{number}", story, "gd-policy", "desk", at, "new", url)
    deliveries = [Delivery(f"dl_{number}_{name}", name, "desk", (alert.id,), "due", at, at) for name in names]
    return [delivery.id for delivery in outbox.store(db, [alert], deliveries, at)]


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def shown(delays: list[float]) -> str:
    middle, last = statistics.median(delays), percentile(delays, 0.99)
    return f"p50 {middle * 1000:.0f} ms, p99 {last * 1000:.0f} ms (n = {len(delays)})"


class World(NamedTuple):
    """Hold a set of destinations that knows nothing of others; for its last, `waiting` stories wait from before."""

    opened: dict[str, Destination]
    waiting: int = 0


class Load(NamedTuple):
    """Say how many stories are published, at what pace, and to how many destinations each; the last is always one.

    The delays of the destination `left_out` are not looked at, nor those of the first stories, when `warming_up`.
    """

    stories: int
    per_second: float
    destinations: int
    left_out: str = ""
    warming_up: int = 0


Delays = list[list[float]]
"""The delays of each story's deliveries in seconds from commit to connection, story by story."""


async def delays(receivers: Receivers, load: Load, *worlds: World) -> list[Delays]:
    """Publish stories at a pace to worlds that take turns, story by story; give the delays, world by world.

    So whatever else the machine does, it does to all worlds, and none delivers while another begins to.
    """
    dice = random.Random(8)
    committed: list[list[dict[str, float]]] = [[] for _ in worlds]
    async with AsyncExitStack() as stack:
        running = [await stack.enter_async_context(_running(world)) for world in worlds]
        began = time.monotonic()
        for number in range(load.stories):
            *others, last = worlds[0].opened
            names = [*dice.sample(others, load.destinations - 1), last]
            for which, (writer, dispatcher) in enumerate(running):
                begins = began + (number + which / len(worlds)) / load.per_second
                await asyncio.sleep(max(0, begins - time.monotonic()))
                ids = await writer.run(publish, number * len(worlds) + which, names)
                committed[which].append(dict.fromkeys(ids, time.time()))
                dispatcher.notify()
        looked_at = [stories[load.warming_up :] for stories in committed]
        expected = {id_ for id_ in _ids(looked_at) if not id_.endswith(f"_{load.left_out}")}
        arrived = await _all_of(expected, receivers)
    if missing := expected - arrived.keys():
        print(f"    {len(missing)} of {len(expected)} did not arrive")
    there = expected & arrived.keys()
    return [
        [[max(0.0, arrived[id_] - at) for id_, at in story.items() if id_ in there] for story in stories]
        for stories in looked_at
    ]


def _ids(committed: list[list[dict[str, float]]]) -> Iterator[str]:
    return chain.from_iterable(chain.from_iterable(committed))


@asynccontextmanager
async def _running(world: World) -> AsyncIterator[tuple[Writer, Dispatcher]]:
    """Give a world's writer and dispatcher, at work on a state of their own."""
    *_, last = world.opened
    with tempfile.TemporaryDirectory() as folder, Writer(Path(folder) / "state.db") as writer:
        await writer.run(lambda db: [publish(db, -number, [last]) for number in range(1, world.waiting + 1)])
        dispatcher = Dispatcher(writer, world.opened, now, Renderer(Names(), {}))
        stop = asyncio.Event()
        run = asyncio.create_task(dispatcher.run(stop, timedelta(0)))
        await asyncio.sleep(0.3)
        yield writer, dispatcher
        stop.set()
        await run


async def _all_of(expected: set[str], receivers: Receivers) -> dict[str, float]:
    """Wait a minute at most until all have arrived; give what has."""
    deadline = time.monotonic() + 60
    while True:
        arrived = receivers.report().at
        if expected <= arrived.keys() or time.monotonic() > deadline:
            return arrived
        await asyncio.sleep(0.1)


def latency(stories: int = 100) -> list[Row]:
    """Row A10: commit to first byte at the receiver, idle and at 50 alerts a second."""
    asked = "p50 ≤ 500 ms, p99 ≤ 2,000 ms"
    rows = []
    for what, endpoints in {"idle": 1, "50 alerts a second": 10}.items():
        with Receivers() as receivers:
            opened = {
                f"d{number}": destination(f"d{number}", receivers.ports["well"])
                for number in range(endpoints)
            }
            (found,) = asyncio.run(delays(receivers, Load(stories, 5, endpoints), World(opened)))
        rows.append(Row(f"commit to first byte, {what}", asked, shown([*chain.from_iterable(found)])))
    return rows


def backlog(count: int, endpoints: int = 10) -> list[Row]:
    """Row A11: a backlog of ten thousand, found at the start of a process."""
    with Receivers() as receivers, tempfile.TemporaryDirectory() as folder:
        names = [f"d{number}" for number in range(endpoints)]
        state = Path(folder) / "state.db"
        with Writer(state) as writer:
            writer.run_now(lambda db: [publish(db, number, names) for number in range(count // endpoints)])
        began = time.time()
        with Writer(state) as writer:
            opened = {name: destination(name, receivers.ports["well"]) for name in names}
            dispatcher = Dispatcher(writer, opened, now, Renderer(Names(), {}))
            left = asyncio.run(dispatcher.drain(now() + timedelta(minutes=10)))
        took, arrived = time.time() - began, receivers.report().at
    found = f"first after {min(arrived.values()) - began:.2f} s, all but {left} after {took:.0f} s ({len(arrived) / took:.0f} a second)"
    return [Row(f"backlog of {count:,} to {endpoints} endpoints", "10,000 in ≤ 5 min", found)]
