"""Send one message with Apprise, as a process of its own: a task as JSON on standard input, one word on standard output.

An audit hook sees every connection that any library makes in this process, and stops those to forbidden addresses.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from state.addresses import Network, parse_networks, refusal

_MARGIN = 16
"""Bytes that a service may put between title and body."""


def main() -> None:
    """Read the task, send it, and print `delivered`, `failed`, `address` or `unknown`."""
    task = json.load(sys.stdin)
    refused = watch_connections(parse_networks(task["networks"]))
    import apprise  # noqa: PLC0415 - after the watch began

    service = apprise.Apprise.instantiate(task["url"], suppress_exceptions=True)
    if service is None:
        word = "unknown"
    else:
        service.request_rate_per_sec = 0  # one message a process: there is nothing to slow down
        told = apprise.Apprise()
        told.add(service)
        body = _cut(task["body"], service.body_maxlen - len(task["title"].encode()) - _MARGIN)
        taken = told.notify(body=body, title=task["title"], body_format=apprise.NotifyFormat.TEXT)
        word = "delivered" if taken else "address" if refused else "failed"
    sys.stdout.write(word)


def _cut(text: str, most_bytes: int) -> str:
    """Cut a text to what a service takes; some count characters, some bytes, so bytes are counted."""
    return text if most_bytes <= 0 else text.encode()[:most_bytes].decode(errors="ignore")


def watch_connections(allowed: Sequence[Network]) -> list[str]:
    """Forbid connections to addresses that are neither public nor in `allowed`; give the list that fills with them.

    Lasts as long as the process: audit hooks cannot be removed, which is what makes them a guard.
    """
    refused: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "socket.connect":
            return
        address = arguments[1]
        host = str(address[0]) if isinstance(address, tuple) else "a local socket"
        if not isinstance(address, tuple) or refusal(host, allowed) is not None:
            refused.append(host)
            raise PermissionError("this address may not be connected to")

    sys.addaudithook(watch)
    return refused
