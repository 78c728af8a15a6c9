"""Receivers for the benchmarks, in a process of their own: one that answers, and ones that are sick."""

from __future__ import annotations

import asyncio
import multiprocessing as mp
import time
from collections.abc import Coroutine
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, Self

from receivers import closed_port


class Arrivals(NamedTuple):
    """Tell when each delivery's connection was accepted, and how many the sick receivers had open at most."""

    at: dict[str, float]
    most_open: int


def _receive(pipe: Connection) -> None:
    asyncio.run(_serve(pipe))


async def _serve(pipe: Connection) -> None:
    arrived: dict[str, float] = {}
    sick: set[asyncio.StreamWriter] = set()
    most_open = 0

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

    async def suffer(writer: asyncio.StreamWriter, until_gone: Coroutine[Any, Any, Any]) -> None:
        nonlocal most_open
        sick.add(writer)
        most_open = max(most_open, len(sick))
        with suppress(asyncio.CancelledError, OSError):  # at the end of the process
            await until_gone
        sick.discard(writer)
        writer.close()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await suffer(writer, reader.read())

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await suffer(writer, _drip(reader, writer))

    ports = {"refuses": closed_port()}
    for name, meet in {"well": answer, "hangs": hang, "drips": drip}.items():
        server = await asyncio.start_server(meet, "127.0.0.1", 0, backlog=1000)
        ports[name] = server.sockets[0].getsockname()[1]
    pipe.send(ports)
    while await asyncio.to_thread(pipe.recv) == "report":
        pipe.send(Arrivals(arrived, most_open))


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one byte a second, until nobody listens any more."""
    gone = asyncio.ensure_future(reader.read())
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000:
        writer.write(bytes([byte]))
        await asyncio.wait([gone], timeout=1)
        if gone.done():
            return


class Receivers:
    """Run the receivers' process; `ports` are those of who is `well`, `hangs`, `drips` and `refuses`."""

    def __enter__(self) -> Self:
        self._pipe, theirs = mp.Pipe()
        self._process = mp.get_context("spawn").Process(target=_receive, args=(theirs,), daemon=True)
        self._process.start()
        self.ports: dict[str, int] = self._pipe.recv()
        return self

    def report(self) -> Arrivals:
        """Ask what has arrived so far."""
        self._pipe.send("report")
        return self._pipe.recv()

    def __exit__(self, *_: object) -> None:
        self._pipe.send("stop")
        self._process.join(5)
