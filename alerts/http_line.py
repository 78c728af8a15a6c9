"""Speak HTTP over a connection that a dial opens, to an address that was checked to be one."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from urllib.parse import SplitResult, urlsplit, urlunsplit

from alerts.dial import Dial
from state.addresses import Network
from state.errors import AddressRefused, ConfigurationError


def checked_url(where: str, url: str) -> SplitResult:
    """Take an address apart; raise ConfigurationError, naming `where` and never the address, for one that is none."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isascii() or any(character.isspace() for character in url):
        raise ConfigurationError("this is not an address like https://host/path", where=where)
    return parts


def refused(
    method: str,
    url: str,
    allowed: Sequence[Network],
    seconds: float,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> str | None:
    """Send one small request; give why it failed, by kind alone, or None where the answer was 2xx.

    It takes at most so many seconds in all, follows no redirect, and goes in clear to listed addresses only.
    """
    parts = urlsplit(url)
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    try:
        tls = ssl.create_default_context() if parts.scheme == "https" else None
        port = parts.port or (443 if tls else 80)
        with Dial(allowed, seconds) as dial, closing(HttpLine(parts.hostname or "", port, dial, tls)) as line:
            line.request(method, target, body, {"user-agent": "yuewatch", **(headers or {})})
            status = line.getresponse().status
    except AddressRefused as error:
        return str(error)
    except (HTTPException, OSError, ValueError) as error:
        return type(error).__name__
    return None if 200 <= status < 300 else f"HTTP {status}"


class HttpLine(HTTPConnection):
    """Hold one HTTP connection for one delivery; with `tls` None it is spoken in clear, which only listed addresses get."""

    def __init__(self, host: str, port: int, dial: Dial, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port)
        self.default_port = 443 if tls else 80
        self._tls = tls
        self._dial = dial

    def connect(self) -> None:
        """Connect as the dial allows."""
        line = self._dial.connect(self.host, self.port, in_clear=self._tls is None)
        self.sock = self._tls.wrap_socket(line, server_hostname=self.host) if self._tls else line
