"""A real SMTP server on a thread of its own, which hangs up on everybody when it stops."""

from __future__ import annotations

import asyncio
from typing import Any

from aiosmtpd import controller
from hanging_up import settle, stop_listening

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
            await stop_listening(self.server)
        for protocol in self._spoken_to:
            transport = getattr(protocol, "transport", None)
            if transport is not None:
                transport.abort()
        await settle()  # so that aborted connections close their sockets
