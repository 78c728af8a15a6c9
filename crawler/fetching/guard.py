"""Refuse connections to addresses that are not public, at the moment of connecting.

Twisted's endpoints connect to exactly the addresses that the reactor's name resolver hands out, literal addresses
included, so a resolver that drops the refused ones cannot be talked round by redirects or by changing DNS answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer

from state.addresses import Network, parse_networks, refusal

_REMEMBERED = 1000


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolve names like the reactor's own resolver, but hand out only addresses that may be connected to."""

    def __init__(self, reactor: Any, allowed: Sequence[Network]) -> None:
        self._reactor = reactor
        self._inner: Any = reactor.nameResolver
        self._allowed = tuple(allowed)
        self.refused: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> GuardedResolver:
        """Build from Scrapy settings, for `scrapy crawl` from a checkout."""
        return cls(reactor, parse_networks(crawler.settings.getlist("YUEWATCH_ALLOW_ADDRESSES")))

    def allow(self, networks: Sequence[Network]) -> None:
        """Let through addresses of these networks too."""
        self._allowed = (*self._allowed, *networks)

    def install_on_reactor(self) -> None:
        """Make this the resolver of every connection the reactor opens."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 - Twisted's interface
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803 - Twisted's interface
        hostName: str,  # noqa: N803 - Twisted's interface
        portNumber: int = 0,  # noqa: N803 - Twisted's interface
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803 - Twisted's interface
        transportSemantics: str = "TCP",  # noqa: N803 - Twisted's interface
    ) -> IHostResolution:
        """Resolve `hostName`, passing on only the addresses that are not refused."""
        self.refused.pop(hostName, None)
        sieve: Any = _Sieve(resolutionReceiver, hostName, self)
        return self._inner.resolveHostName(sieve, hostName, portNumber, addressTypes, transportSemantics)  # type: ignore[no-any-return]  # Twisted's reactor is untyped here

    def refuse(self, host: str, address: str) -> str | None:
        """Judge one address of `host`, keeping the reason of a refusal so that the failure can say so."""
        reason = refusal(address, self._allowed)
        if reason is None:
            return None
        if len(self.refused) >= _REMEMBERED:
            self.refused.clear()
        self.refused[host] = f"{address} is {reason}"
        return reason


@implementer(IResolutionReceiver)
class _Sieve:
    """Pass on to the receiver behind it only the addresses that the guard lets through."""

    def __init__(self, receiver: Any, host: str, guard: GuardedResolver) -> None:
        self._receiver = receiver
        self._host = host
        self._guard = guard

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:  # noqa: N802, N803 - Twisted's interface
        """Pass on."""
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's interface
        """Pass on an address that may be connected to."""
        if self._guard.refuse(self._host, address.host) is None:
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's interface
        """Pass on."""
        self._receiver.resolutionComplete()
