"""Post an alert to a webhook as Standard Webhooks 1.0 asks: signed, never redirected, only to a public address.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

It speaks through `http.client` and not through requests, whose connection layer writes the address, often a secret,
into logs, follows the environment's proxies around the address check, and hides how a connection broke.
"""

from __future__ import annotations

import base64
import binascii
import ssl
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Literal, Self
from urllib.parse import SplitResult, urlunsplit

from pydantic import Field, model_validator
from standardwebhooks import Webhook

from alerts.channels.channel import ChannelSettings
from alerts.credentials import Surroundings
from alerts.destination import Sender
from alerts.dial import Dial
from alerts.http_line import HttpLine, checked_url
from alerts.message import Message
from alerts.outcome import Delivered, Gone, Outcome, Refused, RetryLater
from alerts.payload import as_json
from state.addresses import Network
from state.errors import AddressRefused, ConfigurationError

PATIENCE = timedelta(seconds=20)
MOST_REPLY_BYTES = 64 * 1024


class WebhookSettings(ChannelSettings):
    """Read one `type: webhook` destination. Its address often is a secret itself, so it may be named like one."""

    type: Literal["webhook"]
    url: str | None = Field(default=None, repr=False)
    url_file: Path | None = None
    url_env: str | None = None
    secret_file: Path | None = None
    secret_env: str | None = None
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _check_sources(self) -> Self:
        if sum(value is not None for value in (self.url, self.url_file, self.url_env)) != 1:
            raise ValueError("give exactly one of url, url_file and url_env")
        if (self.secret_file is None) == (self.secret_env is None):
            raise ValueError(
                "give exactly one of secret_file and secret_env, with the whsec_… secret to sign with"
            )
        return self


@dataclass(frozen=True, slots=True)
class _Hook:
    host: str
    port: int
    target: str = field(repr=False)
    tls: ssl.SSLContext | None
    signers: tuple[Webhook, ...] = field(repr=False)
    allowed: tuple[Network, ...]
    seconds: float


def open_webhook(
    where: str, settings: WebhookSettings, surroundings: Surroundings, allowed: Sequence[Network]
) -> Sender:
    """Build the sender of a webhook; raise ConfigurationError for a bad address or secret."""
    given = settings.url or surroundings.secret(f"{where}.url", file=settings.url_file, env=settings.url_env)
    url = _without_login(f"{where}.url", given or "")
    secret = surroundings.secret(f"{where}.secret", file=settings.secret_file, env=settings.secret_env)
    secure = url.scheme == "https"
    hook = _Hook(
        host=url.hostname or "",
        port=url.port or (443 if secure else 80),
        target=urlunsplit(("", "", url.path or "/", url.query, "")),
        tls=surroundings.tls(f"{where}.ca_file", settings.ca_file) if secure else None,
        signers=_signers(f"{where}.secret", secret or ""),
        allowed=(*allowed, *settings.allow),
        seconds=(settings.timeout or PATIENCE).total_seconds(),
    )
    return partial(_send, hook)


def _without_login(where: str, url: str) -> SplitResult:
    parts = checked_url(where, url)
    if parts.username is not None:
        raise ConfigurationError(
            "an address with a user name in it is not supported; receivers verify the signature instead",
            where=where,
        )
    return parts


def _signers(where: str, secrets: str) -> tuple[Webhook, ...]:
    """Give a signer for each secret, newest first; receivers accept any, so secrets can overlap while they change."""
    signers = []
    for secret in secrets.split():
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            key = b""
        if not secret.startswith("whsec_") or not 24 <= len(key) <= 64:
            raise ConfigurationError(
                "a signing secret must be whsec_ followed by 24 to 64 bytes in base64; make one with "
                '`echo "whsec_$(openssl rand -base64 32)"`',
                where=where,
            )
        signers.append(Webhook(key))
    return tuple(signers)


def _send(hook: _Hook, message: Message) -> Outcome:
    body = as_json(message.payload)
    with (
        Dial(hook.allowed, hook.seconds) as dial,
        closing(HttpLine(hook.host, hook.port, dial, hook.tls)) as connection,
    ):
        try:
            connection.request("POST", hook.target, body.encode(), _headers(message.id, body, hook.signers))
            reply = connection.getresponse()
        except AddressRefused as error:
            return Refused(str(error), theirs=True)
        except (HTTPException, OSError, ValueError) as error:
            return RetryLater("time ran out" if dial.over else type(error).__name__)
        if dial.over or reply.msg.defects:
            # An answer cut off in its head looks complete to the library.
            return RetryLater("time ran out" if dial.over else "incomplete answer")
        outcome = _judge(reply.status, reply.headers.get("retry-after"))
        with closing(reply), suppress(HTTPException, OSError, ValueError):
            reply.read(MOST_REPLY_BYTES)  # the status has decided; reading on is only politeness
        return outcome


def _headers(delivery_id: str, body: str, signers: Sequence[Webhook]) -> dict[str, str]:
    now = datetime.now(UTC)  # a receiver compares it with its own clock, so no other clock will do
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "yuewatch",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signer.sign(delivery_id, now, body) for signer in signers),
    }


def _judge(status: int, retry_after: str | None) -> Outcome:
    """Read a status as the standard does: 2xx is success, 410 the end, everything else a failure, redirects too."""
    if 200 <= status < 300:
        return Delivered(f"HTTP {status}")
    if status == 410:
        return Gone("HTTP 410")
    return RetryLater(f"HTTP {status}", after=_wish(retry_after, datetime.now(UTC)))


def _wish(text: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After, in seconds or as a date; None where there is none or it makes no sense."""
    if text is None:
        return None
    if text.strip().isascii() and text.strip().isdigit():
        return timedelta(seconds=min(int(text.strip()[:12]), 10**9))
    try:
        moment = parsedate_to_datetime(text[:64])
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(aware - now, timedelta(0))
