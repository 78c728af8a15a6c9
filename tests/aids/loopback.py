"""Sites on loopback, well-behaved or not, written byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from hanging_up import settle, stop_listening


@dataclass(frozen=True)
class Asked:
    """Hold one request as the server saw it; `at` is on the monotonic clock."""

    site: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float
    until: list[float] = field(default_factory=list)


Answer = bytes | Callable[[Asked], Any]


def http(
    body: bytes | str = b"",
    status: int | str = 200,
    content_type: str = "text/html; charset=utf-8",
    **headers: str,
) -> bytes:
    """Write a whole HTTP answer; `Last_Modified=…` becomes the header Last-Modified."""
    body = body.encode() if isinstance(body, str) else body
    lines = [
        f"HTTP/1.1 {status} -",
        f"Content-Type: {content_type}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + body


class Loopback:
    """Serve any number of sites on 127.0.0.1, each with a port (so a host) of its own, well-behaved or not.

    An answer is the bytes to send, or a function of the request that gives bytes, an async iterator of bytes, or
    RESET. What no page answers is 404, robots.txt included.
    """

    RESET = object()

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self.asked: list[Asked] = []

    def site(self, pages: dict[str, Answer], **kwargs: Any) -> str:
        """Open one more site; give its address, such as `http://127.0.0.1:40123`."""
        listener = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if "ssl" in kwargs else "http"
        url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.add(writer)
            # A client that gives up, and the end of the test, end an answer early.
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(url, pages, reader, writer)
            writer.close()

        server = self._call(asyncio.start_server(serve, sock=listener, **kwargs))
        self._servers.append(server)
        return url

    async def _serve(
        self,
        site: str,
        pages: dict[str, Answer],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        asked = await _read_request(site, reader)
        self.asked.append(asked)
        answer = pages.get(asked.path, pages.get(asked.path.split("?")[0], pages.get("*", http(status=404))))
        if callable(answer):
            answer = answer(asked)
        if isinstance(answer, Awaitable):
            answer = await answer
        if answer is self.RESET:
            _reset_on_close(writer)
        elif isinstance(answer, bytes):
            writer.write(answer)
        else:
            async for piece in answer:
                writer.write(piece)
                await writer.drain()
        asked.until.append(time.monotonic())
        if answer is not self.RESET:
            await writer.drain()

    def paths(self, site: str = "") -> list[str]:
        """Give the paths that were asked for, in order, robots.txt left out."""
        return [
            asked.path for asked in self.asked if asked.site.startswith(site) and asked.path != "/robots.txt"
        ]

    def of(self, path: str) -> list[Asked]:
        """Give the requests for one path."""
        return [asked for asked in self.asked if asked.path == path]

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def close(self) -> None:
        """Stop serving."""

        async def stop() -> None:
            for server in self._servers:
                await stop_listening(server)
            for writer in self._writers:
                writer.transport.abort()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await settle()  # so that every aborted connection closes its socket

        self._call(stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


async def _read_request(site: str, reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *rest = head.split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest) if name
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(site, method, path, headers, body, time.monotonic())


def _reset_on_close(writer: asyncio.StreamWriter) -> None:
    """Make closing send RST instead of FIN, as a crashed server or a firewall does."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def slowly(*pieces: bytes, pause: float = 0.2) -> AsyncIterator[bytes]:
    """Send pieces with a pause after each."""
    for piece in pieces:
        yield piece
        await asyncio.sleep(pause)
