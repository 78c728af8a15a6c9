"""Post an alert to a webhook as Standard Webhooks 1.0 asks: signed, never redirected, only to a public address.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import json
import socket
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self, cast
from urllib.parse import urlsplit

import requests
from pydantic import Field, model_validator
from requests.adapters import HTTPAdapter
from standardwebhooks import Webhook
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from alerts.channels.channel import ChannelSettings
from alerts.credentials import Surroundings
from alerts.destination import Sender
from alerts.dial import Dial
from alerts.message import Message
from alerts.outcome import Delivered, Gone, Outcome, Refused, RetryLater
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


def open_webhook(
    where: str, settings: WebhookSettings, surroundings: Surroundings, allowed: Sequence[Network]
) -> Sender:
    """Build the sender of a webhook; raise ConfigurationError for a bad address or secret."""
    url = settings.url or surroundings.secret(f"{where}.url", file=settings.url_file, env=settings.url_env)
    secret = surroundings.secret(f"{where}.secret", file=settings.secret_file, env=settings.secret_env)
    ca_file = surroundings.folder / settings.ca_file if settings.ca_file else None
    return partial(
        _send,
        _checked_url(f"{where}.url", url or ""),
        _signers(f"{where}.secret", secret or ""),
        (*allowed, *settings.allow),
        str(ca_file) if ca_file else None,
        (settings.timeout or PATIENCE).total_seconds(),
    )


def _checked_url(where: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or not url.isascii() or any(character.isspace() for character in url):
        raise ConfigurationError("this is not an address like https://host/path", where=where)
    if parts.username is not None:
        raise ConfigurationError(
            "an address with a user name in it is not supported; receivers verify the signature instead",
            where=where,
        )
    return url


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


def _send(
    url: str,
    signers: Sequence[Webhook],
    allowed: Sequence[Network],
    authorities: str | None,
    seconds: float,
    message: Message,
) -> Outcome:
    body = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":"))
    with Dial(allowed, seconds) as dial, requests.Session() as session:
        session.trust_env = False  # a proxy or .netrc of the environment would lead around the address check
        session.mount(url, _DialledAdapter(dial))
        try:
            with closing(
                session.post(
                    url,
                    data=body.encode(),
                    headers=_headers(message.id, body, signers),
                    verify=authorities or True,
                    timeout=seconds,
                    allow_redirects=False,
                    stream=True,
                )
            ) as response:
                outcome = _judge(response.status_code, response.headers.get("retry-after"))
                with suppress(Exception):  # the status has decided; reading on is only politeness
                    response.raw.read(MOST_REPLY_BYTES, decode_content=False)
                return outcome
        except AddressRefused as error:
            return Refused(str(error))
        except (requests.RequestException, OSError) as error:
            return RetryLater("time ran out" if dial.over else type(_root(error)).__name__)


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


def _root(error: BaseException) -> BaseException:
    """Find what an HTTP library's exception is about: the first one in its chain."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error


class _DialledAdapter(HTTPAdapter):
    """Let requests speak over connections that a dial opens."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        """Give requests' own pool, with connections of ours in it."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        dialled = _SecureConnection if pool.scheme == "https" else _PlainConnection
        pool.ConnectionCls = partial(dialled, dial=self._dial)
        return cast("HTTPConnectionPool", pool)


class _PlainConnection(HTTPConnection):
    """Connect in clear, and only where the configuration lists the address."""

    def __init__(self, *args: Any, dial: Dial, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._dial = dial

    def _new_conn(self) -> socket.socket:
        return self._dial.connect(self.host, self.port, in_clear=True)


class _SecureConnection(HTTPSConnection):
    """Connect with TLS, verified."""

    def __init__(self, *args: Any, dial: Dial, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._dial = dial

    def _new_conn(self) -> socket.socket:
        return self._dial.connect(self.host, self.port)
