"""Send one message with Apprise, as a process of its own: a task as JSON on standard input, one word on standard output.

An audit hook sees every connection that any library makes in this process, and stops those to forbidden addresses.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, cast

from state.addresses import Network, parse_networks, refusal

_ANSWERS = {"feishu": "code", "lark": "code", "dingtalk": "errcode", "wecombot": "errcode"}
"""Where these services say in their answer whether they took a message."""
_MARGIN = 16
"""Bytes that a service, or a cut, may put between title, body and foot."""


def main() -> None:
    """Read the task, send it, and print `delivered`, `failed`, `address` or `unknown`."""
    task = json.load(sys.stdin)
    refused = watch_connections(parse_networks(task["networks"]))
    import apprise  # noqa: PLC0415 - after the watch began

    service = apprise.Apprise.instantiate(task["url"], suppress_exceptions=True)
    if service is None:
        word = "unknown"
    else:
        heed_answers(_ANSWERS.get(task["url"].partition("://")[0].lower()))
        service.request_rate_per_sec = 0  # one message a process: there is nothing to slow down
        told = apprise.Apprise()
        told.add(service)
        formats = cast("object", service.notify_format)  # one, or several where a service reads several
        reads = formats if isinstance(formats, tuple) else (formats,)
        flavour = "markdown" if apprise.NotifyFormat.MARKDOWN in reads else "plain"
        title, blocks = task[flavour]["title"], task[flavour]["blocks"]
        body = fit(blocks, task["more"], task["foot"], service.body_maxlen - len(title.encode()) - _MARGIN)
        written_in = apprise.NotifyFormat.MARKDOWN if flavour == "markdown" else apprise.NotifyFormat.TEXT
        taken = told.notify(body=body, title=title, body_format=written_in)
        word = "delivered" if taken else "address" if refused else "failed"
    sys.stdout.write(word)


def heed_answers(field: str | None) -> None:
    """Make an answer of status 200 whose JSON has something other than 0 as `field` count as the failure it is.

    Lasts as long as the process. Robots of chats answer so to a wrong token, a missing keyword or too many messages, and
    Apprise 2.2 looks at the status alone.
    """
    if field is None:
        return
    import requests  # noqa: PLC0415 - after the watch began

    send = requests.Session.send

    def heeding(
        session: requests.Session, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        response = send(session, request, **options)
        if response.ok and _says_no(response.content, field):
            response.status_code = requests.codes.bad_gateway
        return response

    requests.Session.send = heeding  # type: ignore[assignment, method-assign]  # the one place all services come through


def _says_no(answer: bytes, field: str) -> bool:
    try:
        told = json.loads(answer)
    except ValueError:
        return False
    return isinstance(told, dict) and told.get(field, 0) != 0


def fit(blocks: Sequence[str], more: str, foot: str, most_bytes: int) -> str:
    """Join as many blocks as a service takes, and say how many are left out; some count characters, so bytes are safe.

    A single block that is too long is cut. `most_bytes` below one is no limit.
    """
    for count in range(len(blocks), 0, -1):
        left = len(blocks) - count
        parts = [*blocks[:count], *([more.format(count=left)] if left else []), *([foot] if foot else [])]
        text = "\n\n".join(parts)
        if most_bytes <= 0 or len(text.encode()) <= most_bytes:
            return text
    room = most_bytes - len(foot.encode()) - _MARGIN
    return f"{blocks[0].encode()[: max(room, 0)].decode(errors='ignore')}…\n\n{foot}"


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
