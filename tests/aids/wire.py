"""Hosts on loopback that keep connections open, and note what crosses the wire: requests, bytes, connections at once."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import formatdate

from hanging_up import settle, stop_listening


@dataclass(frozen=True)
class Crossing:
    """Hold one exchange as the server saw it: times on the monotonic clock, bytes of head and body both ways."""

    path: str
    headers: dict[str, str]
    at: float
    until: float
    status: int
    received: int
    sent: int

    @property
    def bytes(self) -> int:
        """Give what it cost in all."""
        return self.received + self.sent


@dataclass(frozen=True)
class Reply:
    """Hold an answer: its length, date and connection are written by the server."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


class Host:
    """Keep one host's port and its books; `answer` is given path and headers (names in lower case) of each request."""

    def __init__(self, answer: Callable[[str, dict[str, str]], Reply]) -> None:
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.name = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.crossings: list[Crossing] = []
        self.open = self.most_open = self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer on one connection until the other side hangs up."""
        self.open += 1
        self.connections += 1
        self.most_open = max(self.most_open, self.open)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    await self._exchange(reader, writer)
        finally:
            self.open -= 1
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        at = time.monotonic()
        first, *rest = head.decode("latin-1").split("\r\n")
        split = (line.partition(":") for line in rest if line)
        headers = {name.lower(): value.strip() for name, _, value in split}
        path = first.split(" ")[1]
        reply = self.answer(path, headers)
        answer = _written(reply)
        writer.write(answer)
        await writer.drain()
        self.crossings.append(
            Crossing(path, headers, at, time.monotonic(), reply.status, len(head), len(answer))
        )


def _written(reply: Reply) -> bytes:
    own = [("Server", "nginx/1.24.0"), ("Date", formatdate(usegmt=True)), ("Connection", "keep-alive")]
    if reply.status != 304:
        own.append(("Content-Length", str(len(reply.body))))
    lines = [f"HTTP/1.1 {reply.status} -", *(f"{name}: {value}" for name, value in (*own, *reply.headers))]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + reply.body


@contextlib.contextmanager
def serving(hosts: Iterable[Host]):
    """Serve all hosts for the length of the block, in one thread of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> list[asyncio.Server]:
        return [await asyncio.start_server(host.serve, sock=host.listener) for host in hosts]

    servers = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(_hang_up(servers), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _hang_up(servers: list[asyncio.Server]) -> None:
    for server in servers:
        await stop_listening(server)
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await settle()
