"""Take the demo's alerts: a real SMTP server and a webhook receiver, both on 127.0.0.1, that fail when asked."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

_LARGEST = 2**20
"""Most bytes of one message; an alert is a few kilobytes."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Hold one e-mail as it arrived; `accepted` is False where the sink was told to fail."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    received: datetime
    accepted: bool

    @property
    def subject(self) -> str:
        """Give the decoded subject."""
        return str(self.message["Subject"] or "")

    @property
    def text(self) -> str:
        """Give the plain text part, empty where there is none."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part is not None else ""


@dataclass(frozen=True, slots=True)
class Hook:
    """Hold one webhook request as it arrived, and the status it was answered with.

    `id` is the `webhook-id` header, the same over all attempts of one delivery. `payload` is None where the
    signature does not verify or the body is no JSON.
    """

    id: str
    payload: Any
    verified: bool
    status: int
    received: datetime

    @property
    def accepted(self) -> bool:
        """Tell whether the receiver took it."""
        return self.status < 300


class MailSink:
    """Accept e-mail on a free port and keep it in `mails`, in the order of arrival.

    `on_arrival` hears of every mail, refused ones included. No TLS and no login: it is reachable from this machine
    only, and the demo's configuration says so.
    """

    def __init__(self, on_arrival: Callable[[Mail], None] | None = None) -> None:
        self.mails: list[Mail] = []
        self.port = 0
        self._on_arrival = on_arrival
        self._failures: list[str] = []
        self._server: asyncio.Server | None = None
        self._connected: list[SMTP] = []

    async def open(self) -> int:
        """Listen on a free port of 127.0.0.1 and give it."""
        self._server = await asyncio.get_running_loop().create_server(self._protocol, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    async def close(self) -> None:
        """Stop listening, and hang up on whoever is still there."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
        for protocol in self._connected:
            if protocol.transport is not None:
                protocol.transport.close()
        self._connected.clear()
        await asyncio.sleep(0)  # sockets close a turn of the loop later

    def fail_next(
        self, times: int = 1, reply: str = "451 4.3.0 The demo was asked to fail this once"
    ) -> None:
        """Refuse the next `times` messages with `reply`, an SMTP reply line."""
        self._failures += [reply] * times

    @property
    def accepted(self) -> tuple[Mail, ...]:
        """Give the mails that were taken."""
        return tuple(mail for mail in self.mails if mail.accepted)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002 - the name and arguments aiosmtpd calls
        """Keep one message; called by aiosmtpd."""
        failure = self._failures.pop(0) if self._failures else None
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = message_from_bytes(content, policy=policy.default)
        mail = Mail(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            message=message,
            received=datetime.now(UTC),
            accepted=failure is None,
        )
        self.mails.append(mail)
        if self._on_arrival is not None:
            self._on_arrival(mail)
        return failure or "250 2.0.0 Taken"

    def _protocol(self) -> SMTP:
        protocol = SMTP(self, hostname="yuewatch-demo", ident="yuewatch demo", data_size_limit=_LARGEST)
        self._connected.append(protocol)
        return protocol


class HookReceiver:
    """Accept signed webhooks on a free port and keep every request in `hooks`, in the order of arrival.

    Signatures are verified with `secret` as Standard Webhooks 1.0 says; what does not verify is answered 401.
    `on_arrival` hears of every request, refused ones included.
    """

    def __init__(self, secret: str, on_arrival: Callable[[Hook], None] | None = None) -> None:
        self.hooks: list[Hook] = []
        self.url = ""
        self._webhook = Webhook(secret)
        self._on_arrival = on_arrival
        self._failures: list[int] = []
        self._runner: web.AppRunner | None = None

    async def open(self) -> str:
        """Listen on a free port of 127.0.0.1 and give the URL to post to."""
        application = web.Application(client_max_size=_LARGEST)
        application.router.add_post("/alerts", self._answer)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/alerts"
        return self.url

    async def close(self) -> None:
        """Stop listening and drop open connections."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def fail_next(self, times: int = 1, status: int = 503) -> None:
        """Answer the next `times` requests with `status`, whatever they carry."""
        self._failures += [status] * times

    @property
    def accepted(self) -> dict[str, Hook]:
        """Give the first accepted request of each id: what a receiver that keys on the id acts on."""
        first: dict[str, Hook] = {}
        for hook in self.hooks:
            if hook.accepted:
                first.setdefault(hook.id, hook)
        return first

    @property
    def repeats(self) -> int:
        """Count accepted requests whose id had been accepted before."""
        return sum(hook.accepted for hook in self.hooks) - len(self.accepted)

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        payload, verified = self._verify(body, dict(request.headers))
        status = self._failures.pop(0) if self._failures else 200 if verified else 401
        hook = Hook(request.headers.get("webhook-id", ""), payload, verified, status, datetime.now(UTC))
        self.hooks.append(hook)
        if self._on_arrival is not None:
            self._on_arrival(hook)
        return web.Response(status=status)

    def _verify(self, body: bytes, headers: dict[str, str]) -> tuple[Any, bool]:
        try:
            self._webhook.verify(body, headers, json_parse=False)
        except (WebhookVerificationError, ValueError):
            return None, False
        try:
            return json.loads(body), True
        except ValueError:
            return None, True


def new_secret() -> str:
    """Make a webhook secret as Standard Webhooks writes them: `whsec_` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode("ascii")
