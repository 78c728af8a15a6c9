"""Send an alert as e-mail over SMTP: with STARTTLS or TLS unless the server's address is listed, and a login if asked.

SMTP knows no idempotency. Where the connection breaks after our last byte and before the server's answer, the mail may
or may not have been taken (RFC 1047): the outcome says so, and the repeat carries the same Message-ID.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from alerts.channels.channel import ChannelSettings
from alerts.credentials import Surroundings
from alerts.destination import Sender
from alerts.dial import Dial
from alerts.letter import write_letter
from alerts.message import Message
from alerts.outcome import Delivered, Outcome, Refused, RetryLater
from state.addresses import Network
from state.errors import AddressRefused, DeliveryError

PATIENCE = timedelta(minutes=5)
"""RFC 5321 section 4.5.3.2 asks for minutes: giving up early is what makes mails come twice."""

_DOUBT = timedelta(minutes=30)
"""How long to leave a mail alone that may have arrived."""

MOST_REPLY_BYTES = 64 * 1024
_PORTS = {"starttls": 587, "tls": 465, "none": 25}

Security = Literal["starttls", "tls", "none"]
Mailbox = Annotated[
    str, StringConstraints(pattern=r"^[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]+@[A-Za-z0-9.\-]+$", max_length=254)
]
"""A bare ASCII address, `user@host`; the pattern keeps out everything that could end a header or an SMTP command."""


class EmailSettings(ChannelSettings):
    """Read one `type: email` destination. One destination is one mailbox, so nobody sees anybody else's address."""

    type: Literal["email"]
    to: Mailbox
    sender: Annotated[Mailbox, Field(alias="from")]
    sender_name: Annotated[str, Field(alias="from_name", max_length=100)] = "yuewatch"
    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:\-]+$", max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Security = "starttls"
    username: str | None = None
    password_file: Path | None = None
    password_env: str | None = None
    ca_file: Path | None = None
    unsubscribe: Mailbox | None = None
    """Where a reader's mail program sends the wish to stop (List-Unsubscribe)."""

    @model_validator(mode="after")
    def _check_login(self) -> Self:
        if self.password_file and self.password_env:
            raise ValueError("give password_file or password_env, not both")
        if bool(self.username) != bool(self.password_file or self.password_env):
            raise ValueError("a login needs username and one of password_file and password_env")
        return self


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    security: Security
    tls: ssl.SSLContext
    allowed: tuple[Network, ...]
    seconds: float
    login: tuple[str, str] | None = field(default=None, repr=False)


def open_email(
    where: str, settings: EmailSettings, surroundings: Surroundings, allowed: Sequence[Network]
) -> Sender:
    """Build the sender of a mailbox; raise ConfigurationError for a bad password or authority."""
    return partial(_send, _server_of(where, settings, surroundings, allowed), settings, "")


def open_mailbox(
    where: str,
    settings: EmailSettings,
    surroundings: Surroundings,
    allowed: Sequence[Network],
    *,
    to: str,
    code: str,
) -> Sender:
    """Build the sender of one person's mailbox through these settings; `code` goes into the wish to stop."""
    server = _server_of(where, settings, surroundings, allowed)
    return partial(_send, server, settings.model_copy(update={"to": to}), code)


def _server_of(
    where: str, settings: EmailSettings, surroundings: Surroundings, allowed: Sequence[Network]
) -> _Server:
    password = surroundings.secret(
        f"{where}.password", file=settings.password_file, env=settings.password_env
    )
    return _Server(
        host=settings.host,
        port=settings.port or _PORTS[settings.security],
        security=settings.security,
        tls=surroundings.tls(f"{where}.ca_file", settings.ca_file),
        allowed=(*allowed, *settings.allow),
        seconds=(settings.timeout or PATIENCE).total_seconds(),
        login=(settings.username, password) if settings.username and password else None,
    )


class _AnswerLost(Exception):  # noqa: N818 - named for what it tells
    """The server went away between our last byte and its answer."""


class _SaysNo(Exception):  # noqa: N818 - named for what it tells
    """The server answered `code` to `command`."""

    def __init__(self, command: str, code: int) -> None:
        super().__init__(f"SMTP {code} to {command}")
        self.code = code


def _send(server: _Server, settings: EmailSettings, code: str, message: Message) -> Outcome:
    with Dial(server.allowed, server.seconds) as dial:
        try:
            letter = write_letter(
                message,
                sender=settings.sender,
                sender_name=settings.sender_name,
                to=settings.to,
                unsubscribe=settings.unsubscribe,
                code=code,
            )
            with _session(server, dial) as smtp:
                _hand_over(smtp, settings.sender, settings.to, letter)
                return Delivered()
        except (AddressRefused, DeliveryError) as error:
            return Refused(str(error), theirs=isinstance(error, AddressRefused))
        except _SaysNo as answer:
            return Refused(str(answer), theirs=True) if answer.code >= 500 else RetryLater(str(answer))
        except _AnswerLost:
            return RetryLater("no answer to the end of the mail; it may have arrived", _DOUBT, ambiguous=True)
        except smtplib.SMTPResponseException as error:
            # Before any mail is in question: greeting, EHLO, STARTTLS or login. All of these can be mended.
            return RetryLater(f"{type(error).__name__} {error.smtp_code}")
        except (smtplib.SMTPException, OSError) as error:
            return RetryLater("time ran out" if dial.over else type(error).__name__)


@contextmanager
def _session(server: _Server, dial: Dial) -> Iterator[smtplib.SMTP]:
    """Greet the server, with TLS and a login as configured; hang up afterwards whatever happened."""
    smtp = _DialledSMTP(server, dial)
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            smtp.starttls(context=server.tls)
        if server.login:
            smtp.login(*server.login)
        yield smtp
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
    finally:
        smtp.close()


def _hand_over(smtp: smtplib.SMTP, sender: str, to: str, letter: bytes) -> None:
    _expect("MAIL", smtp.mail(sender, [f"size={len(letter)}"] if smtp.has_extn("size") else []), 250)
    _expect("RCPT", smtp.rcpt(to), 250, 251)
    _expect("DATA", smtp.docmd("DATA"), 354)
    smtp.send(re.sub(rb"(?m)^\.", b"..", letter.rstrip(b"\r\n")) + b"\r\n.\r\n")
    try:
        answer = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise _AnswerLost from error
    if answer[0] < 200:  # not an answer at all
        raise _AnswerLost
    _expect("end of mail", answer, 250)


def _expect(command: str, answer: tuple[int, bytes], *wanted: int) -> None:
    if answer[0] not in wanted:
        raise _SaysNo(command, answer[0])


class _DialledSMTP(smtplib.SMTP):
    """Speak SMTP over a connection that a dial opens, and read no more than a bounded amount of answers."""

    def __init__(self, server: _Server, dial: Dial) -> None:
        self._server = server
        self._dial = dial
        super().__init__(server.host, server.port, local_hostname=_own_name(), timeout=server.seconds)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        del timeout  # the dial keeps the time
        line = self._dial.connect(host, port, in_clear=self._server.security == "none")
        if self._server.security == "tls":
            return self._server.tls.wrap_socket(line, server_hostname=host)
        return line

    def getreply(self) -> tuple[int, bytes]:
        """Read one answer, out of a bounded supply for each connection."""
        if self.file is None and self.sock is not None:
            self.file = _BoundedReader(self.sock.makefile("rb"))
        return super().getreply()


class _BoundedReader:
    """Read whole lines until a budget is spent: an endless answer costs little, a cut one is none."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = file
        self._left = MOST_REPLY_BYTES

    def readline(self, limit: int) -> bytes:
        line = self._file.readline(limit)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("the server's answers are too long")
        if line and len(line) < limit and not line.endswith(b"\n"):
            raise OSError("the server's answer is cut off")
        return line

    def close(self) -> None:
        self._file.close()


def _own_name() -> str:
    """Name this machine without asking the DNS, which `smtplib` would."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"
