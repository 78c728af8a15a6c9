"""Take turns on hosts together with the process that holds the state, be it a daemon or another backfill."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from crawler.control import converse
from crawler.fetching.pace import HostHeld, Pace


class SharedPace(Pace):
    """Grant a turn when our own pace allows it and the holder of the state, if that is somebody else, lends it.

    Where the holder is gone our own pace alone counts: it knows at least what we asked ourselves.
    """

    def __init__(self, delay: timedelta, state: Path, held_by_others: Callable[[], bool]) -> None:
        super().__init__(delay)
        self._state = state
        self._held_by_others = held_by_others

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for the next turn on `host`, here and with the holder, and keep it for the length of the block."""
        async with super().turn(host), AsyncExitStack() as stack:
            if self._held_by_others():
                with suppress(OSError):
                    await stack.enter_async_context(self._borrowed(host))
            yield

    def delay(self, host: str) -> timedelta:
        """Give the least time between two requests to a host, as far as it is known."""
        return timedelta(seconds=self._delays.get(host, self._default))

    @asynccontextmanager
    async def _borrowed(self, host: str) -> AsyncIterator[None]:
        """Keep the holder's turn; hanging up gives it back, however this process ends."""
        asked = {"host": host, "crawl_delay": self._delays.get(host)}
        async with converse(self._state, "turn", asked) as (reader, writer):
            answer = json.loads(await reader.readline() or b"{}")
            held_until = (answer.get("result") or {}).get("held_until")
            if held_until is not None:
                raise HostHeld(host, self.hold(host, datetime.fromisoformat(held_until)))
            yield
            until = self.holds.get(host)
            told = {"hold_until": until.isoformat() if until is not None else None}
            with suppress(OSError):
                writer.write(json.dumps(told).encode() + b"\n")
                await writer.drain()
