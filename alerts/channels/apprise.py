"""Send an alert to any chat or push service that Apprise speaks to, by an address of Apprise's kind.

Apprise runs in a child process that lives for one message. So its services, which open connections as each likes, can
be ended when the time is over; every connection they make passes one address check (see `apprise_child`); and what they
log, addresses and tokens among it, goes nowhere.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import model_validator

from alerts.cards import Card, Writing
from alerts.channels.channel import ChannelSettings
from alerts.credentials import Surroundings
from alerts.destination import Sender
from alerts.message import Message
from alerts.outcome import Delivered, Outcome, Refused, RetryLater
from alerts.safe_text import chat_text
from state.addresses import Network
from state.errors import ConfigurationError

PATIENCE = timedelta(seconds=40)

_ROOT = Path(__file__).parents[2]
_CHILD = "import sys; sys.path.append(sys.argv[1]); from alerts.channels.apprise_child import main; main()"


class AppriseSettings(ChannelSettings):
    """Read one `type: apprise` destination. Its address holds tokens, so it is named like a secret."""

    type: Literal["apprise"]
    url_file: Path | None = None
    url_env: str | None = None

    @model_validator(mode="after")
    def _check_source(self) -> Self:
        if (self.url_file is None) == (self.url_env is None):
            raise ValueError(
                "give exactly one of url_file and url_env, with Apprise's address of the service"
            )
        return self


def open_apprise(
    where: str, settings: AppriseSettings, surroundings: Surroundings, allowed: Sequence[Network]
) -> Sender:
    """Build the sender of a chat or push service; raise ConfigurationError where no address is found."""
    where = f"{where}.url"
    url = surroundings.secret(where, file=settings.url_file, env=settings.url_env) or ""
    if "://" not in url or len(url.split()) != 1:
        raise ConfigurationError(
            "this is not an address of Apprise's kind, like slack://…; see https://appriseit.com/services/",
            where=where,
        )
    networks = [str(network) for network in (*allowed, *settings.allow)]
    return partial(_send, url, networks, (settings.timeout or PATIENCE).total_seconds())


def _task(url: str, networks: Sequence[str], message: Message) -> dict[str, Any]:
    return {"url": url, "networks": networks, **asdict(message.card or _plain_card(message))}


def _plain_card(message: Message) -> Card:
    """Give the card of a message that has none, a notice: its text."""
    text = Writing(chat_text(message.subject), (chat_text(message.text),))
    return Card(plain=text, markdown=text, more="", foot="")


def _send(url: str, networks: Sequence[str], seconds: float, message: Message) -> Outcome:
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter and code; what is foreign goes through stdin
            [sys.executable, "-P", "-c", _CHILD, str(_ROOT)],
            input=json.dumps(_task(url, networks, message)).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # No proxies of the environment: they would lead around the address check.
            env={"LC_ALL": "C.UTF-8"},
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return RetryLater("time ran out")
    match child.stdout.strip():
        case b"delivered":
            return Delivered()
        case b"address":
            why = "the service's address is not public; list it under allow: if that is intended"
            return Refused(why, theirs=True)
        case b"unknown":
            return Refused("Apprise does not know this kind of address", theirs=True)
        case b"failed":
            return RetryLater("the service did not take it")
        case _:
            return RetryLater("the child process failed")
