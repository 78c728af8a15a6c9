"""Measure delivery: delay from commit to receiver, a dead endpoint among a hundred, a backlog, header fuzz, signatures.

Run `python tests/bench/alerts.py [PART …] [--cases N] [--seed N] [--js FOLDER]`; parts are latency, dead, backlog, fuzz and
signatures, all without any. Receivers are a process of their own on loopback. `--js` names a folder in which
`npm install standardwebhooks` was run; without it only the Python verifier is asked.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import multiprocessing as mp
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from multiprocessing.connection import Connection
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import structlog  # noqa: E402 - the checkout must be importable first
from standardwebhooks import Webhook  # noqa: E402 - as above

from alerts.channels.webhook import WebhookSettings, open_webhook  # noqa: E402 - as above
from alerts.credentials import Surroundings  # noqa: E402 - as above
from alerts.destination import Destination  # noqa: E402 - as above
from alerts.dispatcher import Dispatcher  # noqa: E402 - as above
from alerts.letter import write_letter  # noqa: E402 - as above
from alerts.message import Message  # noqa: E402 - as above
from alerts.payload import as_json  # noqa: E402 - as above
from alerts.rendering import Renderer  # noqa: E402 - as above
from alerts.retry import WEBHOOK  # noqa: E402 - as above
from alerts.view import Names  # noqa: E402 - as above
from state import articles, matches, outbox, stories  # noqa: E402 - as above
from state.addresses import parse_networks  # noqa: E402 - as above
from state.records import Alert, Article, Delivery, Evidence, Match, Placement  # noqa: E402 - as above
from state.writer import Writer  # noqa: E402 - as above

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


def show(label: str, delays: list[float]) -> None:
    print(
        f"{label:44} n={len(delays):5}  p50 {statistics.median(delays) * 1000:7.1f} ms"
        f"  p99 {percentile(delays, 0.99) * 1000:7.1f} ms  max {max(delays) * 1000:7.1f} ms"
    )


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


def latency() -> None:
    """Row A10: commit to first byte at the receiver, idle and at 50 alerts a second."""
    with Receivers() as receivers:
        delays = asyncio.run(_delays(receivers, {"hook": receivers.well}, 60, 5, 1))
    show("one endpoint, idle (5 a second)", list(delays.values()))
    with Receivers() as receivers:
        ports = {f"d{number}": receivers.well for number in range(10)}
        delays = asyncio.run(_delays(receivers, ports, 100, 5, 10))
    show("ten endpoints, 50 alerts a second", list(delays.values()))


def dead(rounds: int = 4) -> None:
    """Row A9: one dead endpoint among a hundred; what it changes for the others. Cases take turns, so load is shared."""
    delays: dict[str, list[float]] = {"all well": [], "one dead": []}
    for case in [*delays] * rounds:
        with Receivers() as receivers:
            ports = {f"d{number}": receivers.well for number in range(99)}
            ports |= {"dead": receivers.dead} if case == "one dead" else {"d99": receivers.well}
            found = asyncio.run(_delays(receivers, ports, 100, 5, 10))
        delays[case] += [delay for id_, delay in found.items() if not id_.endswith("_d99")]
    for case, measured in delays.items():
        show(f"99 endpoints, 50 a second, {case}", measured)
    change = percentile(delays["one dead"], 0.99) / percentile(delays["all well"], 0.99) - 1
    print(f"    p99 changes by {100 * change:+.1f} %")


def backlog(count: int = 10_000, endpoints: int = 10) -> None:
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
    print(
        f"backlog of {count}: first after {min(arrived.values()) - began:.2f} s, all but {left} after {took:.1f} s"
        f" ({len(arrived) / took:.0f} a second)"
    )


# Pieces that break mail software; the same as the tests', at random and in numbers.
PIECES = [
    *(chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))),
    *("\r\n", "\r\n ", "\n\n", "\u2028", "\u202e", "\u200b", "\ufeff", "\ud800", "=?", "?=", "=?x?q?"),
    *("=?utf-8?q?a=0D=0ABcc:_x=40evil?=", "=?utf-8?b?DQpCY2M6IHhAZXZpbA==?=", "=?utf-16?b?AA0ACg==?="),
    *(
        "Bcc: x@evil.example",
        "Subject:",
        ",",
        ";",
        "<",
        ">",
        '"',
        "\\",
        "(",
        ")",
        "a" * 300,
        "长" * 200,
        "🚀",
    ),
]


def fuzz(cases: int, seed: int) -> None:
    """Row C1: random headlines and sender names; headers beyond ours, lines beyond 998 octets."""
    dice = random.Random(seed)
    ours = [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "References",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
    ]
    extra = long = plain = 0
    began = time.monotonic()
    for number in range(cases):
        foreign = "".join(dice.choices(PIECES, k=dice.randint(1, 12)))
        message = Message("dl_1", now(), foreign, "text", "<p>html</p>", thread="st_1")
        written = write_letter(message, sender="a@x.example", sender_name=foreign, to="b@y.example")
        read = message_from_bytes(written)
        extra += sorted(read.keys()) != sorted(ours)
        long += any(len(line) > 998 for line in written.split(b"\r\n"))
        plain += read["Subject"] == "yuewatch dl_1"
        if number % 1000 == 999:
            print(f"\r    {number + 1} cases", end="", flush=True)
    print(
        f"\rheader fuzz, {cases} cases: {extra} with other headers, {long} with long lines,"
        f" {plain} needed the plain subject ({time.monotonic() - began:.0f} s)"
    )


VERIFY_JS = """
const { Webhook } = require("standardwebhooks");
const lines = require("fs").readFileSync(process.argv[2], "utf8").trim().split("\\n");
let good = 0, forged = 0;
for (const line of lines) {
  const { body, headers, changed } = JSON.parse(line);
  const raw = Buffer.from(body, "base64");
  try { new Webhook(process.argv[3]).verify(raw, headers); good++; } catch (error) {}
  try { new Webhook(process.argv[3]).verify(Buffer.from(changed, "base64"), headers); forged++; } catch (error) {}
}
console.log(JSON.stringify({ good, forged }));
"""


def signatures(cases: int, js: Path | None) -> None:
    """Row B1: bodies of all kinds, signed as ours are, verified by the standard's own libraries; one bit flipped."""
    import base64

    from alerts.channels.webhook import _headers, _signers

    dice = random.Random(7)
    signers = _signers("bench", SECRET)
    lines, good, forged = [], 0, 0
    for number in range(cases):
        text = "".join(
            dice.choices(
                [*'abc {}"\\', "粤", "🚀", "\u2028", "\u0000", "e\u0301", "\ud800"], k=dice.randint(0, 400)
            )
        )
        body = as_json({"text": text, "number": number})
        headers = _headers(f"dl_{number}", body, signers)
        raw = body.encode()
        place = dice.randrange(len(raw) * 8)
        changed = bytearray(raw)
        changed[place // 8] ^= 1 << place % 8
        good += _verifies(raw, headers)
        forged += _verifies(bytes(changed), headers)
        encoded = {"body": base64.b64encode(raw).decode(), "changed": base64.b64encode(changed).decode()}
        lines.append(json.dumps(encoded | {"headers": headers}))
    print(f"signatures, Python: {good} of {cases} verified, {forged} with a flipped bit accepted")
    if js is not None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "cases").write_text("\n".join(lines))
            script = js / "verify.cjs"
            script.write_text(VERIFY_JS)
            told = subprocess.run(
                ["node", script, Path(folder) / "cases", SECRET], cwd=js, capture_output=True, check=True
            )
        print(f"signatures, JavaScript: {told.stdout.decode().strip()} of {cases}")


def _verifies(body: bytes, headers: dict[str, str]) -> bool:
    try:
        Webhook(SECRET).verify(body, headers, json_parse=False)
    except Exception:  # noqa: BLE001 - whatever it objects to, it did not accept
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", default=["latency", "dead", "backlog", "fuzz", "signatures"])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=6, help="of the header fuzz")
    parser.add_argument("--js", type=Path)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    for part in asked.parts:
        match part:
            case "fuzz":
                fuzz(asked.cases, asked.seed)
            case "signatures":
                signatures(asked.cases, asked.js)
            case _:
                {"latency": latency, "dead": dead, "backlog": backlog}[part]()


if __name__ == "__main__":
    main()
