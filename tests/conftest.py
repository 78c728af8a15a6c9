"""Aids for all tests: nothing leaves this machine, sites on loopback, and yuewatch as its user meets it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PATIENCE = 60
"""Seconds until a subprocess that should have ended counts as hanging."""


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch):
    """Fail whatever tries to connect to another machine from inside the test process."""

    def guarded(connect):
        def guard(self, address):
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                host = str(address[0]).split("%")[0]
                if host != "localhost" and not ip_address(host).is_loopback:
                    pytest.fail(f"a test tried to connect to {address}")
            return connect(self, address)

        return guard

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))


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
        self.asked: list[Asked] = []

    def site(self, pages: dict[str, Answer], **kwargs: Any) -> str:
        """Open one more site; give its address, such as `http://127.0.0.1:40123`."""
        listener = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if "ssl" in kwargs else "http"
        url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
                server.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

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


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """Open sites on 127.0.0.1."""
    served = Loopback()
    yield served
    served.close()


@pytest.fixture(name="answer")
def answer_() -> Callable[..., bytes]:
    """Write a whole HTTP answer."""
    return http


@pytest.fixture(name="slowly")
def slowly_() -> Callable[..., AsyncIterator[bytes]]:
    """Send the pieces of an answer with a pause after each."""
    return slowly


@dataclass(frozen=True)
class Outcome:
    """Hold what a verb left behind: exit code, output, and the log lines it wrote on standard error."""

    code: int
    out: str
    err: str

    @property
    def log(self) -> list[dict[str, Any]]:
        """Give the structured log lines."""
        return [json.loads(line) for line in self.err.splitlines() if line.startswith("{")]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Read standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class Desk:
    """Keep a folder with one configuration, and run yuewatch there as its user does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "yuewatch.yaml"
        self.state = folder / "state.db"
        self.processes: list[subprocess.Popen[str]] = []

    def write(self, **configuration: Any) -> None:
        """Write the configuration: loopback may be read, there is hardly a delay, and only the sources named count."""
        fetching = {"delay": "10ms", "deadline": "5s", "allow_addresses": ["127.0.0.1"]}
        fetching |= configuration.pop("fetching", {})
        whole = {"state": "state.db", "pack_sources": False, "log": {"format": "json"}, "fetching": fetching}
        self.file.write_text(yaml.safe_dump(whole | configuration, allow_unicode=True), "utf-8")

    def run(self, *words: str | Path, given: str | None = None, patience: float = PATIENCE) -> Outcome:
        """Run one verb to its end."""
        done = subprocess.run(
            self.command(*words),
            cwd=self.folder,
            env=self.environment(),
            input=given,
            stdin=None if given is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """Start a verb that goes on, such as `run`; its log goes to `daemon.log`."""
        with (self.folder / "daemon.log").open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                self.command(*words),
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                text=True,
            )
        self.processes.append(process)
        return process

    def daemon(self) -> subprocess.Popen[str]:
        """Start the daemon and wait until it says that it is running."""
        process = self.start("run")
        self.until(lambda: self.told("running"), process)
        return process

    def told(self, event: str) -> list[dict[str, Any]]:
        """Give the daemon's log lines of one event."""
        lines = (self.folder / "daemon.log").read_text("utf-8").splitlines()
        return [row for row in map(_json_or_none, lines) if row is not None and row.get("event") == event]

    def until(self, condition: Callable[[], Any], process: subprocess.Popen[str] | None = None) -> Any:
        """Wait until something holds, and give it; fail with the daemon's log where it never does."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and (process is None or process.poll() is None):
            found = condition()
            if found:
                return found
            time.sleep(0.05)
        log = self.folder / "daemon.log"
        return pytest.fail(f"waited in vain; the log says\n{log.read_text('utf-8') if log.exists() else ''}")

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """Run a verb in this process, and give its JSON lines."""
        return self.here(*words).rows

    def here(self, *words: str | Path, given: bytes | None = None) -> Outcome:
        """Run a verb that needs no event loop of its own in this process, which saves seconds of start-up."""
        from click.testing import CliRunner

        from crawler.cli.main import main

        before = Path.cwd()
        os.chdir(self.folder)
        try:
            result = CliRunner().invoke(main, ["--config", str(self.file), *map(str, words)], input=given)
        finally:
            os.chdir(before)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    def command(self, *words: str | Path) -> list[str]:
        """Give the command line, with our configuration."""
        return [str(Path(sys.executable).with_name("yuewatch")), "--config", str(self.file), *map(str, words)]

    def environment(self) -> dict[str, str]:
        """Give the test's environment without what could lead yuewatch to other files."""
        ours = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("YUEWATCH_") and name not in {"NOTIFY_SOCKET", "WATCHDOG_USEC"}
        }
        return ours | {"XDG_CONFIG_HOME": str(self.folder), "COLUMNS": "200"}

    def close(self) -> None:
        """End what still runs."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait(10)


def _json_or_none(line: str) -> dict[str, Any] | None:
    return json.loads(line) if line.startswith("{") else None


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give a folder to run yuewatch in."""
    opened = Desk(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Put back the process's logging, which every verb sets up for itself."""
    import logging

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


async def slowly(*pieces: bytes, pause: float = 0.2) -> AsyncIterator[bytes]:
    """Send pieces with a pause after each."""
    for piece in pieces:
        yield piece
        await asyncio.sleep(pause)
