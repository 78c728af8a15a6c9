"""Let a browser reach the web through one door, where the address guard stands.

A browser resolves names and loads what pages name by itself, out of the guard's sight. So it is told to take everything
through this HTTP proxy on loopback (RFC 9110 section 9.3.6 for CONNECT, RFC 9112 section 3.2.2 for whole addresses),
which resolves each host with the guard and connects to exactly the address that was judged. Whoever has no pass of a
page that is being read gets nothing, the browser's own errands included.
"""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from state.records import host_of

MOST_BYTES = 32 * 2**20
"""What one page may load and send in all, its own document left out."""
MOST_CONNECTIONS = 100
"""How many connections one page may open in all."""
_MOST_HEAD = 2**16
_MOST_WAITING = 200
_HEAD_WITHIN = 10.0
_CONNECT_WITHIN = 10.0
_CHUNK = 2**16
# Headers between two neighbours, which are not handed on; and one request a connection keeps the door simple.
_NOT_HANDED_ON = {
    b"connection",
    b"keep-alive",
    b"proxy-authorization",
    b"proxy-connection",
    b"te",
    b"upgrade",
}

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host that may be connected to, none where it may not."""


class _Refused(Exception):  # noqa: N818 - named for what it tells
    """Turn a request away with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass(slots=True, eq=False)
class Pass:
    """Let one page through the gate, within its bounds, until it is revoked."""

    name: str
    password: str
    may_reach: Callable[[str], bool]
    left: int = MOST_BYTES
    connections: int = 0
    valid: bool = True
    lines: set[asyncio.Task[None]] = field(default_factory=set)

    def spend(self, size: int) -> None:
        """Count bytes that pass; revoke the pass where they are too many."""
        self.left -= size
        if self.left < 0:
            self.revoke()

    def revoke(self) -> None:
        """Hang up whatever is open and let nothing through any more."""
        self.valid = False
        for line in self.lines:
            line.cancel()


@dataclass(frozen=True, slots=True)
class _Asked:
    """Hold the head of a request."""

    method: bytes
    target: str
    headers: tuple[tuple[bytes, bytes], ...]

    def header(self, name: bytes) -> bytes:
        """Give a header's value, empty where it is missing."""
        return next((value for key, value in self.headers if key.lower() == name), b"")


class Gate:
    """Serve the proxy on a port of 127.0.0.1 that the kernel chooses."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._passes: dict[bytes, Pass] = {}
        self._server: asyncio.Server | None = None
        self._waiting: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, resolve: Resolve) -> Self:
        """Begin to listen."""
        gate = cls(resolve)
        gate._server = await asyncio.start_server(gate._receive, "127.0.0.1", 0, limit=_MOST_HEAD)
        return gate

    @property
    def port(self) -> int:
        """Give the port."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @contextmanager
    def admit(self, may_reach: Callable[[str], bool] = lambda _: True) -> Iterator[Pass]:
        """Issue a pass for the length of the block, to the hosts (`gd.example:8080`) for which `may_reach` is true."""
        issued = Pass(secrets.token_hex(8), secrets.token_hex(16), may_reach)
        key = b"Basic " + b64encode(f"{issued.name}:{issued.password}".encode())
        self._passes[key] = issued
        try:
            yield issued
        finally:
            del self._passes[key]
            issued.revoke()

    async def close(self) -> None:
        """Stop listening and hang up."""
        if self._server is not None:
            self._server.close()
        open_ones = (*self._waiting, *(line for one in self._passes.values() for line in one.lines))
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._waiting) >= _MOST_WAITING:
            writer.transport.abort()
            return
        self._waiting.add(task)
        try:
            await self._answer(reader, writer, task)
        except _Refused as refused:
            with suppress(OSError):
                writer.write(_refusal(refused.status))
                await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError, asyncio.CancelledError):
            # The line broke, took too long, or was hung up by us: asyncio would log the last as an error.
            writer.transport.abort()
        finally:
            self._waiting.discard(task)
            writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, task: asyncio.Task[None]
    ) -> None:
        async with asyncio.timeout(_HEAD_WITHIN):
            asked = _read_head(await reader.readuntil(b"\r\n\r\n"))
        # The key holds 128 random bits and is looked up by its hash, so that timing tells nothing of it.
        pass_ = self._passes.get(asked.header(b"proxy-authorization"))
        if pass_ is None:
            raise _Refused(407)
        pass_.connections += 1
        if not pass_.valid or pass_.connections > MOST_CONNECTIONS:
            raise _Refused(403)
        self._waiting.discard(task)
        pass_.lines.add(task)
        try:
            await self._lead_through(asked, pass_, reader, writer)
        finally:
            pass_.lines.discard(task)

    async def _lead_through(
        self, asked: _Asked, pass_: Pass, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        tunnel = asked.method == b"CONNECT"
        host, port, name = _destination(asked.target, tunnel=tunnel)
        length = None if tunnel else _length(asked)
        if not pass_.may_reach(name):
            raise _Refused(403)
        async with self._connection(host, port) as (far_reader, far_writer):
            if tunnel:
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                far_writer.write(_head(asked))
            await _both(_pour(reader, far_writer, pass_, length), _pour(far_reader, writer, pass_))

    @asynccontextmanager
    async def _connection(
        self, host: str, port: int
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        addresses = await self._resolve(host, port)
        if not addresses:
            raise _Refused(403)
        writer = None
        for address in addresses:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(_CONNECT_WITHIN):
                    reader, writer = await asyncio.open_connection(address, port)
                break
        if writer is None:
            raise _Refused(502)
        try:
            yield reader, writer
        finally:
            writer.close()


def _read_head(head: bytes) -> _Asked:
    first, *rest = head[:-4].split(b"\r\n")
    parts = first.split(b" ")
    headers = tuple(
        (name, value.strip()) for name, colon, value in (line.partition(b":") for line in rest) if colon
    )
    if len(parts) != 3 or not parts[1].isascii():
        raise _Refused(400)
    return _Asked(parts[0], parts[1].decode(), headers)


def _destination(target: str, *, tunnel: bool) -> tuple[str, int, str]:
    """Give host, port, and both as `host_of` writes them; only http goes through without a tunnel."""
    try:
        parts = urlsplit(f"https://{target}" if tunnel else target)
        port = parts.port or (443 if tunnel else 80)
        name = host_of(parts.geturl())
    except ValueError as error:
        raise _Refused(400) from error
    if not parts.hostname or "@" in parts.netloc or (parts.scheme != "http" and not tunnel):
        raise _Refused(400)
    return parts.hostname, port, name


def _head(asked: _Asked) -> bytes:
    parts = urlsplit(asked.target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [asked.method + b" " + path.encode() + b" HTTP/1.1", b"Host: " + parts.netloc.encode()]
    unwanted = _NOT_HANDED_ON | {b"host"}
    lines += [name + b": " + value for name, value in asked.headers if name.lower() not in unwanted]
    return b"\r\n".join([*lines, b"Connection: close", b"", b""])


def _length(asked: _Asked) -> int:
    said = asked.header(b"content-length") or b"0"
    if asked.header(b"transfer-encoding") or not said.isdigit() or len(said) > 12:
        raise _Refused(411)
    return int(said)


async def _pour(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pass_: Pass, length: int | None = None
) -> None:
    """Hand on what comes until it ends; of a request that has a length, so much, and what comes after it ends the line."""
    while data := await reader.read(_CHUNK):
        if length is not None:
            if len(data) > length:
                writer.transport.abort()
                return
            length -= len(data)
        pass_.spend(len(data))
        writer.write(data)
        await writer.drain()
    if length is None and writer.can_write_eof():
        writer.write_eof()


async def _both(sending: Awaitable[None], answering: Awaitable[None]) -> None:
    """Pour both ways until the answer has come."""
    way_out = asyncio.ensure_future(sending)
    try:
        await answering
    finally:
        way_out.cancel()
        await asyncio.gather(way_out, return_exceptions=True)


def _refusal(status: int) -> bytes:
    asks = "Proxy-Authenticate: Basic realm=yuewatch\r\n" if status == 407 else ""
    return f"HTTP/1.1 {status} -\r\n{asks}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
