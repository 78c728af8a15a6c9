"""Stop in order: by a signal, at a deadline, or when a budget is used up."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime
from time import monotonic


class Halt:
    """Hold whether and why a backfill is to stop; whatever waits in `sleep` wakes when it is."""

    def __init__(self, deadline: float | None = None) -> None:
        self.reason: str | None = None
        self._stopped = asyncio.Event()
        self._deadline = None if deadline is None else monotonic() + deadline

    def stop(self, reason: str) -> None:
        """Stop for a reason; the first one given stands."""
        self.reason = self.reason or reason
        self._stopped.set()

    def is_called(self) -> bool:
        """Tell whether to stop, looking at the clock too."""
        if self._deadline is not None and monotonic() >= self._deadline:
            self.stop("the deadline is reached")
        return self._stopped.is_set()

    async def sleep(self, seconds: float) -> None:
        """Sleep, unless it is time to stop."""
        if self._deadline is not None:
            seconds = min(seconds, max(0.0, self._deadline - monotonic()))
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._stopped.wait()
        except TimeoutError:
            self.is_called()

    async def sleep_until(self, moment: datetime) -> None:
        """Sleep until a time, unless it is time to stop."""
        await self.sleep((moment - datetime.now(UTC)).total_seconds())

    def heed_signals(self) -> None:
        """Stop in order at the first SIGINT or SIGTERM, and at once at the second: what is stored is stored."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._signalled)

    def _signalled(self) -> None:
        if self._stopped.is_set():
            os.write(2, b"stopped at once; --resume goes on where it was\n")
            # The kernel frees the lock and the workers end with their pipe; there is nothing left to put in order.
            os._exit(1)
        self.stop("it was interrupted")
