"""Let the command line change the state while the daemon holds it, through a socket that only its user can open.

A change is a name and JSON arguments. Where nobody holds the state, the command line makes the change itself; where a
daemon does, it asks the daemon, which makes the same change on its writing thread.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from crawler import people
from state import destinations, outbox, pages, sources, standing, stories, verdicts
from state.errors import StateError, StateLocked
from state.standing import Mute, MuteKind
from state.writer import Writer

Change = Callable[..., Any]
# Serves a request that is more than one change, such as lending a host's turn: arguments in, a JSON result out.
Service = Callable[[Any, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]]

# What may be changed from outside, by name; each takes the database first and gives something JSON can hold.
CHANGES: Mapping[str, Change] = {
    "alerts.retry": lambda db, **which: outbox.retry(db, datetime.now(UTC), **which),
    "alerts.drop": lambda db, **which: outbox.drop(db, datetime.now(UTC), **which),
    "alerts.send_instead": lambda db, **which: outbox.send_instead(db, datetime.now(UTC), **which),
    "alerts.judge": lambda db, **said: verdicts.judge(db, now=datetime.now(UTC), **said),
    "alerts.mute": lambda db, **said: standing.mute(db, _mute(**said)),
    "alerts.unmute": standing.unmute,
    "destinations.enable": destinations.enable,
    "stories.merge": lambda db, **which: stories.merge(
        db, evidence="joined by hand", now=datetime.now(UTC), **which
    ),
    "stories.split": lambda db, url: stories.split(db, url, datetime.now(UTC)),
    "articles.retry": pages.retry_all,
    "sources.block": sources.block_host,
    "sources.unblock": lambda db, host: sources.unblock_host(db, host, datetime.now(UTC)),
    "subscribers.add": lambda db, **wish: people.add(db, now=datetime.now(UTC), **wish),
    "subscribers.confirm": lambda db, token, within: people.confirm(
        db, token, timedelta(seconds=within), datetime.now(UTC)
    ),
    "subscribers.unsubscribe": lambda db, token: people.unsubscribe(db, token, datetime.now(UTC)),
    "subscribers.erase": people.erase,
}


_PATIENCE = 30
# A page of 16 MiB, in base64 and with room around it.
_MAX_REQUEST = 32 * 2**20
# asyncio holds the reader of a client's connection only weakly, and a task only through what it waits for: a task that
# waits for an answer, and that Scrapy holds weakly too, would be collected as garbage together with its reader.
_awaited: set[asyncio.StreamReader] = set()
_log = structlog.get_logger("yuewatch.control")


def change(state: Path, name: str, **arguments: Any) -> Any:
    """Make one change, ourselves or by asking the daemon that holds the state; give its result.

    Raises StateError where the change is refused or the holder does not answer.
    """
    try:
        with Writer(state) as writer:
            return writer.run_now(CHANGES[name], **arguments)
    except StateLocked as locked:
        return _ask(state, name, arguments, locked)


def _mute(kind: MuteKind, value: str, until: str, comment: str) -> Mute:
    return Mute(kind, value, datetime.fromisoformat(until), comment, datetime.now(UTC))


def _ask(state: Path, name: str, arguments: Mapping[str, Any], locked: StateLocked) -> Any:
    try:
        with _short_path(state) as path, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_PATIENCE)
            connection.connect(path)
            connection.sendall(json.dumps({"change": name, "arguments": arguments}).encode() + b"\n")
            answer = json.loads(connection.makefile("rb").readline(_MAX_REQUEST))
    except (OSError, ValueError) as error:
        raise StateError(f"{locked} Asking that process to make the change failed too ({error}).") from error
    if "error" in answer:
        raise StateError(f"the running process refused: {answer['error']}")
    return answer["result"]


def ask_to_hand_over(state: Path) -> bool:
    """Ask whoever holds the state to leave it to a daemon that starts; a backfill does, a daemon does not."""
    try:
        with _short_path(state) as path, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_PATIENCE)
            connection.connect(path)
            connection.sendall(b'{"service": "hand over", "arguments": {}}\n')
            return bool(json.loads(connection.makefile("rb").readline(_MAX_REQUEST)).get("result"))
    except (OSError, ValueError):
        return False


@asynccontextmanager
async def converse(
    state: Path, service: str, arguments: Any
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Ask the process that holds the state for a service, and keep the line open for the length of the block.

    Raises OSError where nobody listens.
    """
    with _short_path(state) as path:
        reader, writer = await asyncio.open_unix_connection(path, limit=_MAX_REQUEST)
    _awaited.add(reader)
    try:
        writer.write(json.dumps({"service": service, "arguments": arguments}).encode() + b"\n")
        await writer.drain()
        yield reader, writer
    finally:
        _awaited.discard(reader)
        writer.close()


class Control:
    """Serve changes to the command line for as long as the daemon runs; `changed` hears of each one made.

    `services` are what else may be asked for, by name.
    """

    def __init__(
        self, writer: Writer, changed: Callable[[str], None], services: Mapping[str, Service] | None = None
    ) -> None:
        self._writer = writer
        self._changed = changed
        self._services = services or {}
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen beside the state file, for the same user only."""
        place = _place(self._writer.path)
        # A socket left by a killed daemon; the write lock proves that nobody listens on it.
        place.unlink(missing_ok=True)
        with _short_path(self._writer.path) as path:
            before = os.umask(0o177)
            try:
                self._server = await asyncio.start_unix_server(self._serve, path, limit=_MAX_REQUEST)
            finally:
                os.umask(before)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = json.loads(await asyncio.wait_for(reader.readline(), _PATIENCE))
            answer = {"result": await self._answer(request, reader, writer)}
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a request is the asker's to hear
            answer = {"error": f"{type(error).__name__}: {error}"}
        with suppress(OSError):
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def _answer(self, request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        if "service" in request:
            return await self._services[request["service"]](request["arguments"], reader, writer)
        name = request["change"]
        result = await self._writer.run(CHANGES[name], **request["arguments"])
        _log.info("changed from the command line", change=name, result=result)
        self._changed(name)
        return result

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            _place(self._writer.path).unlink(missing_ok=True)


def _place(state: Path) -> Path:
    return state.absolute().with_name(state.name + ".sock")


@contextmanager
def _short_path(state: Path) -> Any:
    """Give a path of a few characters to the socket: the kernel allows 107, folders may be deeper than that."""
    place = _place(state)
    folder = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{place.name}"
    finally:
        os.close(folder)
