"""Keep at most one connection per host open, over all crawls of one process."""

from __future__ import annotations

from typing import Any

IDLE = 30
"""Seconds after which a connection that nobody uses is closed."""


class Connections:
    """Lend one pool of connections to every crawl of the process, so that crawls which meet on a host share its connection.

    What is idle is closed when the last crawl ends.
    """

    def __init__(self) -> None:
        self._pool: Any = None
        self._users = 0

    def lend(self, fresh: Any) -> Any:
        """Give the pool that all use; `fresh`, the pool of a crawl's own, becomes it where there is none."""
        if self._pool is None:
            fresh.cachedConnectionTimeout = IDLE
            self._pool = fresh
        self._users += 1
        return self._pool

    def give_back(self) -> bool:
        """Note that a crawl has ended; tell whether it was the last, which has to close what is idle."""
        self._users -= 1
        return self._users == 0
