"""Speak HTTP over a connection that a dial opens, to an address that was checked to be one."""

from __future__ import annotations

import ssl
from http.client import HTTPConnection
from urllib.parse import SplitResult, urlsplit

from alerts.dial import Dial
from state.errors import ConfigurationError


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
