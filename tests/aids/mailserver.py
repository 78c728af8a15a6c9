"""A real SMTP server on a thread of its own, which hangs up on everybody when it stops."""

from __future__ import annotations

import asyncio
from typing import Any

from aiosmtpd import controller

PATIENCE = 10


class Controller(controller.Controller):
    """Run aiosmtpd's server; aiosmtpd itself leaves connections open for the garbage collector to complain of."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._spoken_to: list[Any] = []
        super().__init__(*args, **kwargs)

    def _factory_invoker(self) -> Any:
        protocol = super()._factory_invoker()
        self._spoken_to.append(protocol)
        return protocol

    def stop(self, no_assert: bool = False) -> None:  # noqa: FBT001, FBT002 - aiosmtpd's signature
        if self._thread is not None:
            asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(PATIENCE)
        super().stop(no_assert=no_assert)

    async def _hang_up(self) -> None:
        if self.server is not None:
            self.server.close()
        await _settle()  # so that a connection that was just accepted is known
        for protocol in self._spoken_to:
            transport = getattr(protocol, "transport", None)
            if transport is not None:
                transport.abort()
        await _settle()  # so that aborted connections close their sockets


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
