"""Tell systemd how we are (sd_notify protocol): ready, stopping, still alive."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from datetime import timedelta


def tell_systemd(state: str) -> None:
    """Send one state such as `READY=1`; do nothing where no service manager listens, or none any more."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    # A leading @ stands for Linux's abstract namespace.
    target = "\0" + address[1:] if address.startswith("@") else address
    # Monitoring must go on without whoever wanted to hear of it.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
        connection.connect(target)
        connection.sendall(state.encode())


def watchdog_interval() -> timedelta | None:
    """Give how often to report being alive (half of what systemd waits for), None where nobody waits."""
    microseconds = os.environ.get("WATCHDOG_USEC")
    return timedelta(microseconds=int(microseconds) / 2) if microseconds else None
