"""Keep one Chromium for all crawls of the process: started when a page first needs it, closed when it has been idle."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import structlog

from crawler.fetching.gate import Gate, Pass
from crawler.fetching.lookup import public_addresses
from state.errors import FetchError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What is looked for where the configuration names no program."""
IDLE = 300.0
"""Seconds after which a browser that nobody uses is closed."""
_AT_ONCE = 2
_END_WITHIN = 3.0
# The browser knows one name, that of the gate, and asks nobody for any other; `.invalid` never exists (RFC 2606).
_GATE = "gate.invalid"
_OPTIONS = (
    f"--host-resolver-rules=MAP {_GATE} 127.0.0.1, MAP * ~NOTFOUND",
    "--proxy-bypass-list=<-loopback>",
    # What would go past a proxy: QUIC, and WebRTC over UDP.
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    # Errands of its own.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-domain-reliability",
    "--no-pings",
    "--no-first-run",
    "--js-flags=--max-old-space-size=512",
)
_log = structlog.get_logger("yuewatch.browser")


def missing(program: Path | None) -> str | None:
    """Say what has to be installed before a page can be shown in a browser; None where nothing is missing."""
    if find_spec("scrapy_playwright") is None:
        return "the extra `browser` is not installed; run pip install 'yuewatch[browser]'"
    if program is not None and shutil.which(program) is None:
        return f"fetching.browser names {program}, which is no program that can be run"
    if _program(program) is None:
        return (
            "there is no Chromium; install it (apt install chromium), or name its program as fetching.browser"
        )
    return None


def _program(configured: Path | None) -> str | None:
    names = PROGRAMS if configured is None else (str(configured),)
    return next((found for name in names if (found := shutil.which(name))), None)


class Browser:
    """Lend a Chromium, and a pass of the gate that it reaches the web by, to whoever has a page to show.

    Nothing is imported and nothing started before the first page. A browser that died is replaced at the next page.
    """

    def __init__(self, program: Path | None = None) -> None:
        self._configured = program
        self._driver: Any = None
        self._chromium: Any = None
        self._gate: Gate | None = None
        self._users = 0
        self._resting: asyncio.TimerHandle | None = None
        self._starting = asyncio.Lock()
        self._seats = asyncio.Semaphore(_AT_ONCE)
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def use(self, may_reach: Callable[[str], bool]) -> AsyncIterator[Pass]:
        """Keep the browser up for the length of the block, and give a pass for one page; two pages are shown at once.

        Raises FetchError where something has to be installed, or no browser starts.
        """
        lacking = missing(self._configured)
        if lacking is not None:
            raise FetchError(f"its pages need a browser (`browser: true`), but {lacking}", grade="browser")
        async with self._seats:
            self._users += 1
            if self._resting is not None:
                self._resting.cancel()
            try:
                await self.running()
                assert self._gate is not None
                with self._gate.admit(may_reach) as issued:
                    yield issued
            finally:
                self._users -= 1
                if not self._users:
                    self._resting = asyncio.get_running_loop().call_later(IDLE, self._rest)

    @property
    def proxy(self) -> str:
        """Give the address of the gate, as the browser knows it."""
        assert self._gate is not None
        return f"http://{_GATE}:{self._gate.port}"

    async def running(self) -> Any:
        """Give Playwright's browser, started where none runs; raise FetchError where it does not start."""
        async with self._starting:
            if self._chromium is None or not self._chromium.is_connected():
                try:
                    await self._start()
                except Exception as error:
                    await self._end()
                    line = " ".join(str(error).split())[:300]
                    raise FetchError(
                        f"its pages need a browser, which did not start: {line}", grade="browser"
                    ) from error
            return self._chromium

    async def _start(self) -> None:
        from playwright.async_api import async_playwright  # noqa: PLC0415 - an extra, and for pages that need it only

        await self._end()
        self._gate = await Gate.open(public_addresses)
        self._driver = await async_playwright().start()
        as_root = os.geteuid() == 0
        self._chromium = await self._driver.chromium.launch(
            executable_path=_program(self._configured),
            proxy={"server": self.proxy},
            args=list(_OPTIONS),
            chromium_sandbox=not as_root,  # it refuses to sandbox for root
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )
        _log.info("browser started", version=self._chromium.version, sandbox=not as_root)

    def _rest(self) -> None:
        """Close a browser that has been idle; it needs memory that the next hours may not pay for."""
        task = asyncio.ensure_future(self.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """End the browser, if one runs; pages that are being shown fail."""
        if self._resting is not None:
            self._resting.cancel()
        async with self._starting:
            await self._end()

    async def _end(self) -> None:
        chromium, driver, gate = self._chromium, self._driver, self._gate
        self._chromium = self._driver = self._gate = None
        for ending in (chromium and chromium.close, driver and driver.stop):
            if ending is not None:
                # What hangs here is killed with the driver, or has died already.
                with suppress(Exception):
                    async with asyncio.timeout(_END_WITHIN):
                        await ending()
        if gate is not None:
            await gate.close()
        if chromium is not None:
            _log.info("browser closed")
