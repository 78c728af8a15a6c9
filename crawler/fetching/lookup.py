"""Ask the reactor's guarded resolver for addresses from a coroutine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from twisted.internet.interfaces import IHostResolution, IResolutionReceiver
from zope.interface import implementer

from crawler.fetching.guard import GuardedResolver


async def public_addresses(host: str, port: int) -> Sequence[str]:
    """Give the addresses of a host that may be connected to, judged now; raise RuntimeError where no guard stands."""
    from twisted.internet import reactor as module  # noqa: PLC0415 - importing it installs it

    reactor: Any = module  # what the name holds is the reactor, whatever its type stubs say
    return await addresses_of(reactor.nameResolver, host, port)


async def addresses_of(guard: Any, host: str, port: int) -> Sequence[str]:
    """Give what a guard hands out for a host."""
    if not isinstance(guard, GuardedResolver):
        raise RuntimeError(  # noqa: TRY004 - no argument of the wrong type, but a process set up wrongly
            "no address guard stands before the reactor's resolver, so nothing is connected to"
        )
    receiver: Any = _Receiver()
    guard.resolveHostName(receiver, host, port)
    await receiver.complete
    return tuple(receiver.addresses)


@implementer(IResolutionReceiver)
class _Receiver:
    """Gather addresses until they are complete."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.complete: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:  # noqa: N802, N803 - Twisted's interface
        """Wait."""

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's interface
        """Take one."""
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's interface
        """Tell who waits."""
        if not self.complete.done():
            self.complete.set_result(None)
