"""Refuse connections to addresses that are not public, at the moment of connecting.

Twisted's endpoints connect to exactly the addresses that the reactor's name resolver hands out, literal addresses
included, so a resolver that drops the refused ones cannot be talked round by redirects or by changing DNS answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer, provider

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
        guard = self

        @provider(IResolutionReceiver)
        class Sieve:
            @staticmethod
            def resolutionBegan(resolution: IHostResolution) -> None:  # noqa: N802 - Twisted's interface
                resolutionReceiver.resolutionBegan(resolution)

            @staticmethod
            def addressResolved(address: Any) -> None:  # noqa: N802 - Twisted's interface
                reason = refusal(address.host, guard._allowed)
                if reason is None:
                    resolutionReceiver.addressResolved(address)
                else:
                    guard.remember(hostName, f"{address.host} is {reason}")

            @staticmethod
            def resolutionComplete() -> None:  # noqa: N802 - Twisted's interface
                resolutionReceiver.resolutionComplete()

        return self._inner.resolveHostName(Sieve, hostName, portNumber, addressTypes, transportSemantics)  # type: ignore[no-any-return]  # Twisted's interface is untyped

    def remember(self, host: str, reason: str) -> None:
        """Keep why a host was refused, so that the failure can say so."""
        if len(self.refused) >= _REMEMBERED:
            self.refused.clear()
        self.refused[host] = reason
