"""Tell an outside monitor that all is well: a GET of its address, with `/fail` behind it where something is not.

This is what healthchecks.io and its like take (https://healthchecks.io/docs/http_api/). When the beats end, the monitor
tells the operator, who otherwise would take a dead daemon's silence for calm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from alerts.http_line import checked_url, refused
from state.addresses import Network

SECONDS = 10.0
"""How long one beat may take in all."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Hold the address of a monitor, which is a secret: who knows it can beat in our place."""

    url: str = field(repr=False)
    allowed: tuple[Network, ...] = ()

    def beat(self, *, well: bool) -> str | None:
        """Send one beat; give why it failed, by kind alone, or None where it was heard."""
        parts = urlsplit(self.url)
        path = parts.path.rstrip("/") + ("" if well else "/fail")
        return refused("GET", urlunsplit(parts._replace(path=path)), self.allowed, SECONDS)


def open_heartbeat(where: str, url: str, allowed: Sequence[Network]) -> Heartbeat:
    """Make a heartbeat ready; raise ConfigurationError for an address that is none. Connects nowhere."""
    checked_url(where, url)
    return Heartbeat(url, tuple(allowed))
