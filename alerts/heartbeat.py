"""Tell an outside monitor that all is well: a GET of its address, with `/fail` behind it where something is not.

This is what healthchecks.io and its like take (https://healthchecks.io/docs/http_api/). When the beats end, the monitor
tells the operator, who otherwise would take a dead daemon's silence for calm.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.parse import urlsplit, urlunsplit

from alerts.dial import Dial
from alerts.http_line import HttpLine, checked_url
from state.addresses import Network
from state.errors import AddressRefused

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
        path = (parts.path.rstrip("/") or "") + ("" if well else "/fail")
        target = urlunsplit(("", "", path or "/", parts.query, ""))
        try:
            tls = ssl.create_default_context() if parts.scheme == "https" else None
            port = parts.port or (443 if tls else 80)
            with (
                Dial(self.allowed, SECONDS) as dial,
                closing(HttpLine(parts.hostname or "", port, dial, tls)) as line,
            ):
                line.request("GET", target, headers={"user-agent": "yuewatch"})
                status = line.getresponse().status
        except AddressRefused as error:
            return str(error)
        except (HTTPException, OSError, ValueError) as error:
            return type(error).__name__
        return None if 200 <= status < 300 else f"HTTP {status}"


def open_heartbeat(where: str, url: str, allowed: Sequence[Network]) -> Heartbeat:
    """Make a heartbeat ready; raise ConfigurationError for an address that is none. Connects nowhere."""
    checked_url(where, url)
    return Heartbeat(url, tuple(allowed))
