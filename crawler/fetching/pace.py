"""Keep the pace that each host is owed, over all crawls of one process."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from state.errors import FetchError
from state.records import host_of
from state.sources import FOR_GOOD

LONGEST_HOLD = timedelta(hours=24)
LONGEST_CRAWL_DELAY = timedelta(minutes=2)


class HostHeld(FetchError):  # noqa: N818 - named for what it tells
    """Report that a host asked us to stay away until `until`."""

    grade = "busy"

    def __init__(self, host: str, until: datetime) -> None:
        if until >= FOR_GOOD:
            line = f"{host} is blocked; `yuewatch sources unblock {host}` lets it be asked again"
            super().__init__(line, grade="blocked")
        else:
            super().__init__(
                f"{host} asked us to stay away until {until.isoformat(timespec='seconds')}; asking again then"
            )
        self.until = until


class Pace:
    """Grant turns: one request at a time per host, and at least the host's delay between two starts.

    One object serves every crawl of the process, so that two crawls that meet on a host share its pace.
    """

    def __init__(self, delay: timedelta) -> None:
        self._default = delay.total_seconds()
        self._delays: dict[str, float] = {}
        self._asked: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self._begun = float("-inf")
        self._last_start: dict[str, float] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.holds: dict[str, datetime] = {}

    def set_crawl_delay(self, host: str, seconds: float, site: str = "") -> None:
        """Take over a Crawl-delay from a robots.txt; it can only slow us down, by two minutes at most.

        http and https have one each, so that a host has two `site`s, of which the longer delay holds. Without a `site` it
        is what another process knows of the host, until we know better.
        """
        asked = self._asked[host]
        asked.pop("", None)
        asked[site] = seconds
        self._delays[host] = max(self._default, min(max(asked.values()), LONGEST_CRAWL_DELAY.total_seconds()))

    def delay_of(self, host: str) -> timedelta:
        """Give the least time between two requests to a host."""
        return timedelta(seconds=self._delays.get(host, self._default))

    def hold(self, host: str, until: datetime) -> datetime:
        """Stay away from a host until a time, 24 hours from now at most; give the time that holds."""
        until = min(until, datetime.now(UTC) + LONGEST_HOLD)
        self.holds[host] = max(until, self.holds.get(host, until))
        return self.holds[host]

    def resume(self, crawl_delays: Mapping[str, float]) -> None:
        """Let every host wait for its delay once, as a process before this one may have asked it a moment ago.

        `crawl_delays` are the seconds that sites were known to ask for.
        """
        self._begun = time.monotonic()
        for site, seconds in crawl_delays.items():
            self.set_crawl_delay(host_of(site), seconds, site)

    def count_from_now(self, host: str) -> None:
        """Let the delay of a host begin anew: a request reaches it later than its turn began, the more so when we are busy."""
        self._last_start[host] = time.monotonic()

    def raise_if_held(self, host: str) -> None:
        """Raise HostHeld while a host has asked for patience."""
        until = self.holds.get(host)
        if until is None:
            return
        if until > datetime.now(UTC):
            raise HostHeld(host, until)
        del self.holds[host]

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for the next turn on `host` and keep it for the length of the block."""
        self.raise_if_held(host)
        async with self._turns[host]:
            self.raise_if_held(host)
            wait = (
                self._last_start.get(host, self._begun)
                + self._delays.get(host, self._default)
                - time.monotonic()
            )
            if wait > 0:
                await asyncio.sleep(wait)
            self._last_start[host] = time.monotonic()
            yield
