"""Measure how long deliveries take: idle, at 50 alerts a second, beside a dead endpoint, out of a backlog."""

from __future__ import annotations

import asyncio
import multiprocessing as mp
import random
import statistics
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

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

from .table import Row

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SENTENCE = "The province will build three computing hubs for artificial intelligence by 2028."
MATCH = Match("gd-policy", "policy", "event", "normal", (Evidence(SENTENCE, 0, len(SENTENCE)),))


def now() -> datetime:
    return datetime.now(UTC)


# The receivers' process: one port that answers, one that accepts and never answers.


def receive(pipe: Connection) -> None:
    asyncio.run(_receive(pipe))


async def _receive(pipe: Connection) -> None:
    arrived: dict[str, float] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at = time.time()
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        fields = {name.lower(): value for name, value in fields.items()}
        await reader.readexactly(int(fields["content-length"]))
        arrived.setdefault(fields["webhook-id"], at)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError):  # at the end of the process
            await reader.read()
        writer.close()

    well = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1000)
    dead = await asyncio.start_server(hang, "127.0.0.1", 0)
    pipe.send((well.sockets[0].getsockname()[1], dead.sockets[0].getsockname()[1]))
    while await asyncio.to_thread(pipe.recv) == "report":
        pipe.send(arrived)


class Receivers:
    """Run the receivers' process; `arrived()` tells when each delivery's connection was accepted."""

    def __enter__(self):
        self.pipe, theirs = mp.Pipe()
        self.process = mp.get_context("spawn").Process(target=receive, args=(theirs,), daemon=True)
        self.process.start()
        self.well, self.dead = self.pipe.recv()
        return self

    def arrived(self) -> dict[str, float]:
        self.pipe.send("report")
        return self.pipe.recv()

    def __exit__(self, *_):
        self.pipe.send("stop")
        self.process.join(5)


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


def _shown(delays: list[float]) -> str:
    middle, last = statistics.median(delays), percentile(delays, 0.99)
    return f"p50 {middle * 1000:.0f} ms, p99 {last * 1000:.0f} ms (n = {len(delays)})"


async def _delays(
    receivers: Receivers, ports: dict[str, int], count: int, per_second: float, at_once: int
) -> dict[str, float]:
    """Publish stories at a pace, each to `at_once` destinations, the last always among them.

    Gives each delivery's delay from commit to connection in seconds, without those to a destination called `dead`.
    """
    *others, last = ports
    dice = random.Random(8)
    committed: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, Writer(Path(folder) / "state.db") as writer:
        opened = {name: destination(name, port) for name, port in ports.items()}
        dispatcher = Dispatcher(writer, opened, now, Renderer(Names(), {}))
        stop = asyncio.Event()
        run = asyncio.create_task(dispatcher.run(stop))
        await asyncio.sleep(0.3)
        began = time.monotonic()
        for number in range(count):
            await asyncio.sleep(max(0, began + number / per_second - time.monotonic()))
            names = [*dice.sample(others, at_once - 1), last]
            for id_ in await writer.run(publish, number, names):
                committed[id_] = time.time()
            dispatcher.notify()
        deadline = time.monotonic() + 60
        expected = {id_ for id_ in committed if not id_.endswith("_dead")}
        while time.monotonic() < deadline and not expected <= receivers.arrived().keys():  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(0.1)
        stop.set()
        await run
    arrived = receivers.arrived()
    print(f"    {len(expected - arrived.keys())} of {len(expected)} did not arrive")
    return {id_: max(0.0, arrived[id_] - committed[id_]) for id_ in expected if id_ in arrived}


def latency() -> list[Row]:
    """Row A10: commit to first byte at the receiver, idle and at 50 alerts a second."""
    with Receivers() as receivers:
        idle = asyncio.run(_delays(receivers, {"hook": receivers.well}, 100, 5, 1))
    with Receivers() as receivers:
        ports = {f"d{number}": receivers.well for number in range(10)}
        busy = asyncio.run(_delays(receivers, ports, 100, 5, 10))
    asked = "p50 ≤ 500 ms, p99 ≤ 2,000 ms"
    return [
        Row("commit to first byte, idle", asked, _shown(list(idle.values()))),
        Row("commit to first byte, 50 alerts a second", asked, _shown(list(busy.values()))),
    ]


def dead(rounds: int = 4) -> list[Row]:
    """Row A9: one dead endpoint among a hundred; what it changes for the others. Cases take turns, so load is shared."""
    delays: dict[str, list[float]] = {"all well": [], "one dead": []}
    for case in [*delays] * rounds:
        with Receivers() as receivers:
            ports = {f"d{number}": receivers.well for number in range(99)}
            ports |= {"dead": receivers.dead} if case == "one dead" else {"d99": receivers.well}
            found = asyncio.run(_delays(receivers, ports, 100, 5, 10))
        delays[case] += [delay for id_, delay in found.items() if not id_.endswith("_d99")]
    change = percentile(delays["one dead"], 0.99) / percentile(delays["all well"], 0.99) - 1
    cases = "; ".join(f"{case}: {_shown(measured)}" for case, measured in delays.items())
    return [
        Row(
            "one dead endpoint among 100, the others' p99",
            "changes < 5 %",
            f"{100 * change:+.1f} % ({cases})",
        )
    ]


def backlog(count: int = 10_000, endpoints: int = 10) -> list[Row]:
    """Row A11: a backlog of ten thousand, found at the start of a process."""
    with Receivers() as receivers, tempfile.TemporaryDirectory() as folder:
        names = [f"d{number}" for number in range(endpoints)]
        state = Path(folder) / "state.db"
        with Writer(state) as writer:
            writer.run_now(lambda db: [publish(db, number, names) for number in range(count // endpoints)])
        began = time.time()
        with Writer(state) as writer:
            opened = {name: destination(name, receivers.well) for name in names}
            dispatcher = Dispatcher(writer, opened, now, Renderer(Names(), {}))
            left = asyncio.run(dispatcher.drain(now() + timedelta(minutes=10)))
        took, arrived = time.time() - began, receivers.arrived()
    found = f"first after {min(arrived.values()) - began:.2f} s, all but {left} after {took:.0f} s ({len(arrived) / took:.0f} a second)"
    return [Row(f"backlog of {count:,} to {endpoints} endpoints", "-", found)]
