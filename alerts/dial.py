"""Connect to an address we may connect to, and hang up when the time is over, whatever the other side is doing.

A socket's own timeout starts anew with every byte, so a receiver that sends one byte a second would hold us for ever.
Here a timer shuts the connection down under the reader instead; it holds a duplicate of the descriptor, so it works
through TLS too.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self

from state.addresses import Network, refusal
from state.errors import AddressRefused

_CONNECT_SECONDS = 10.0


class Dial:
    """Open connections for one delivery within `seconds` in all; use as a context around the whole exchange.

    Only public addresses are connected to, and those in `allowed`. The name is resolved once and the very address that
    was judged is connected to, so a name that changes its mind in between gains nothing.
    """

    def __init__(self, allowed: Sequence[Network], seconds: float) -> None:
        self._allowed = allowed
        self._end = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._hang_up)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._lines: list[socket.socket] = []
        self._over = False

    def connect(self, host: str, port: int, *, in_clear: bool = False) -> socket.socket:
        """Give a connected socket; raise AddressRefused before a single packet leaves for a forbidden address.

        `in_clear` says that no TLS will follow: then only addresses that the configuration lists will do.
        """
        refused: list[str] = []
        failure: OSError = OSError("the name has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            why = self._objection(str(address[0]), in_clear=in_clear)
            if why is not None:
                refused.append(why)
                continue
            line = socket.socket(family, kind, protocol)
            try:
                self._reach(line, address)
            except OSError as error:
                line.close()
                failure = error
                refused.clear()
            else:
                return line
        if refused:
            raise AddressRefused(
                f"nothing was sent: the destination's address is {refused[0]}; list it under allow: if that is intended",
                retryable=False,
            )
        raise failure

    def _objection(self, address: str, *, in_clear: bool) -> str | None:
        why = refusal(address, self._allowed)
        if why is not None:
            return f"not public ({why})"
        if in_clear and not self._lists(address):
            return "public, but would be spoken to in clear"
        return None

    def _lists(self, address: str) -> bool:
        ip = ip_address(address.split("%", maxsplit=1)[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return any(ip.version == network.version and ip in network for network in self._allowed)

    def _reach(self, line: socket.socket, address: tuple[Any, ...]) -> None:
        line.settimeout(max(0.001, min(_CONNECT_SECONDS, self._end - time.monotonic())))
        line.connect(address)
        peer = str(line.getpeername()[0])
        if refusal(peer, self._allowed) is not None:
            raise OSError("connected to another address than the one judged")
        line.settimeout(max(0.001, self._end - time.monotonic()))
        with self._lock:
            if self._over:
                raise TimeoutError("the time for this delivery is over")
            self._lines.append(line.dup())

    def _hang_up(self) -> None:
        with self._lock:
            self._over = True
            for line in self._lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    @property
    def over(self) -> bool:
        """Tell whether the time ran out."""
        return self._over or time.monotonic() >= self._end

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for line in self._lines:
                line.close()
            self._lines.clear()
