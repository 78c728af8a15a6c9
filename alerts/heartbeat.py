"""Tell an outside monitor that all is well: a GET of its address, with `/fail` behind it where something is not.

This is what healthchecks.io and its like take (https://healthchecks.io/docs/http_api/). When the beats end, the monitor
tells the operator, who otherwise would take a dead daemon's silence for calm.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit, urlunsplit

from alerts.dial import Dial
from state.addresses import Network
from state.errors import AddressRefused, ConfigurationError

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
            with (
                Dial(self.allowed, SECONDS) as dial,
                closing(
                    _Line(parts.hostname or "", parts.port, dial, secure=parts.scheme == "https")
                ) as line,
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
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isascii() or any(character.isspace() for character in url):
        raise ConfigurationError("this is not an address like https://host/path", where=where)
    return Heartbeat(url, tuple(allowed))


class _Line(HTTPConnection):
    """Speak HTTP over a connection that a dial opens, with TLS unless the address is listed."""

    def __init__(self, host: str, port: int | None, dial: Dial, *, secure: bool) -> None:
        super().__init__(host, port or (443 if secure else 80))
        self.default_port = 443 if secure else 80
        self._dial = dial
        self._tls = ssl.create_default_context() if secure else None

    def connect(self) -> None:
        """Connect as the dial allows."""
        line = self._dial.connect(self.host, self.port, in_clear=self._tls is None)
        self.sock = self._tls.wrap_socket(line, server_hostname=self.host) if self._tls else line
