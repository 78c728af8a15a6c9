from __future__ import annotations

import socket
import ssl
import struct
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from mailserver import Controller
from pydantic import ValidationError

from alerts.channels.email import EmailSettings, open_email
from alerts.credentials import Surroundings
from alerts.outcome import Delivered, Refused, RetryLater
from state.addresses import parse_networks
from state.errors import ConfigurationError

LOOPBACK = parse_networks(["127.0.0.1"])
PASSWORD = "correct horse"


class Mailbox:
    """Keep what arrives; `answers` are given to DATA one after the other, then 250."""

    def __init__(self):
        self.letters = []
        self.answers = []
        self.refused = {}
        self.logins = []

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if "MAIL" in self.refused:
            return self.refused["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if "RCPT" in self.refused:
            return self.refused["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.letters.append((session.ssl, envelope))
        return self.answers.pop(0) if self.answers else "250 taken"

    def authenticate(self, server, session, envelope, mechanism, data):
        known = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        self.logins.append(known)
        return AuthResult(success=known, handled=False)


class Server(Controller):
    def __init__(self, mailbox, tls=None, **options):
        self.options = options
        super().__init__(mailbox, hostname="127.0.0.1", port=0, ssl_context=tls)

    def factory(self):
        return SMTP(
            self.handler, authenticator=self.handler.authenticate, enable_SMTPUTF8=False, **self.options
        )

    def _trigger_server(self):
        """Know the port that the kernel chose, and make the first connection the base class waits for."""
        self.port = self.server.sockets[0].getsockname()[1]
        if not self.ssl_context:
            super()._trigger_server()
            return
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection(("127.0.0.1", self.port), 5) as line,
            trusting.wrap_socket(line) as secure,
        ):
            secure.recv(1024)


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def mail_server(mailbox):
    servers = []

    def start(tls=None, **options):
        server = Server(mailbox, tls, **options)
        server.start()
        servers.append(server)
        return server.port

    yield start
    for server in servers:
        server.stop()


def sender(port, *, allowed=LOOPBACK, environ=None, security="none", timeout="2s", **settings):
    entry = EmailSettings.model_validate(
        {
            "type": "email",
            "to": "reader@inbox.example",
            "from": "alerts@yuewatch.example",
            "host": "127.0.0.1",
            "port": port,
            "security": security,
            "timeout": timeout,
            **settings,
        }
    )
    surroundings = Surroundings(environ=environ or {})
    return open_email("destinations.mail", entry, surroundings, allowed)


def text_of(envelope):
    letter = message_from_bytes(envelope.content, policy=policy.default)
    return letter.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_a_mail_arrives_with_text_and_html_and_names_its_delivery(mail_server, mailbox, message):
    assert sender(mail_server())(message) == Delivered()
    ((_, envelope),) = mailbox.letters
    assert (envelope.mail_from, envelope.rcpt_tos) == ("alerts@yuewatch.example", ["reader@inbox.example"])
    letter = message_from_bytes(envelope.content, policy=policy.default)
    assert letter["Subject"] == "[Policy] Guangdong issues plan for computing hubs"
    assert letter["Message-ID"] == f"<{message.id}@yuewatch.example>"
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    assert "*artificial intelligence*" in letter.get_body(("plain",)).get_content()
    assert "<mark>artificial intelligence</mark>" in letter.get_body(("html",)).get_content()


def test_chinese_arrives_whole(mail_server, mailbox, message):
    sender(mail_server())(
        replace(message, subject="【政策】广东发布“人工智能+”行动方案", text="全文：第一条\n.\n..点")
    )
    ((_, envelope),) = mailbox.letters
    letter = message_from_bytes(envelope.content, policy=policy.default)
    assert letter["Subject"] == "【政策】广东发布“人工智能+”行动方案"
    assert text_of(envelope) == "全文：第一条\n.\n..点\n"


def test_lines_that_begin_with_a_dot_survive_the_protocol(mail_server, mailbox, message):
    sender(mail_server())(replace(message, text=".\n..\n.hidden\n"))
    ((_, envelope),) = mailbox.letters
    assert text_of(envelope) == ".\n..\n.hidden\n"


@pytest.mark.parametrize(
    "headline",
    [
        "News =?utf-8?q?a=0D=0ABcc:_x=40evil.example?=",
        "News\r\nBcc: x@evil.example\r\n\r\nRCPT TO:<x@evil.example>",
        "\r\n.\r\nMAIL FROM:<x@evil.example>\r\nRCPT TO:<x@evil.example>\r\nDATA",
        "\n.\n\r.\r\u2028.\u2028",
    ],
)
def test_no_headline_or_text_reaches_another_recipient_or_begins_another_mail(
    mail_server, mailbox, message, headline
):
    foreign = replace(message, subject=headline, text=headline, html=headline)
    assert sender(mail_server())(foreign) == Delivered()
    ((_, envelope),) = mailbox.letters
    assert envelope.rcpt_tos == ["reader@inbox.example"]
    assert message_from_bytes(envelope.content)["Bcc"] is None


def test_starttls_comes_before_the_login(mail_server, mailbox, message, server_tls, certificate):
    port = mail_server(tls_context=server_tls, require_starttls=True, auth_required=True)
    send = sender(
        port,
        security="starttls",
        username="reader",
        password_env="MAIL_PASSWORD",
        environ={"MAIL_PASSWORD": PASSWORD},
        ca_file=certificate[0],
    )
    assert send(message) == Delivered()
    assert mailbox.logins == [True]
    assert mailbox.letters[0][0] is not None  # the session was encrypted


def test_tls_from_the_first_byte(mail_server, mailbox, message, certificate, server_tls):
    send = sender(
        mail_server(server_tls, auth_require_tls=False),
        security="tls",
        username="reader",
        password_env="MAIL_PASSWORD",
        environ={"MAIL_PASSWORD": PASSWORD},
        ca_file=certificate[0],
    )
    assert send(message) == Delivered()
    assert mailbox.logins == [True]


def test_a_server_without_starttls_gets_neither_password_nor_mail(mail_server, mailbox, message):
    send = sender(mail_server(), security="starttls", username="u", password_env="P", environ={"P": PASSWORD})
    assert send(message) == RetryLater("SMTPNotSupportedError")
    assert (mailbox.logins, mailbox.letters) == ([], [])


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_an_unknown_authority_gets_nothing(
    mail_server, mailbox, message, server_tls, security
):
    port = mail_server(server_tls) if security == "tls" else mail_server(tls_context=server_tls)
    assert sender(port, security=security)(message) == RetryLater("SSLCertVerificationError")
    assert mailbox.letters == []


def test_a_refused_login_is_retried_because_it_can_be_mended(mail_server, mailbox, message):
    port = mail_server(auth_require_tls=False)
    send = sender(port, username="reader", password_env="P", environ={"P": "wrong"}, timeout="20s")
    outcome = send(message)
    assert outcome == RetryLater("SMTPAuthenticationError 535")
    assert mailbox.letters == []


def test_451_then_250(mail_server, mailbox, message):
    mailbox.answers = ["451 try again"]
    send = sender(mail_server())
    assert send(message) == RetryLater("SMTP 451 to end of mail")
    assert send(message) == Delivered()
    first, second = (message_from_bytes(envelope.content) for _, envelope in mailbox.letters)
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
@pytest.mark.parametrize(("answer", "kind"), [("450 busy", RetryLater), ("550 no such user", Refused)])
def test_the_class_of_an_answer_decides(mail_server, mailbox, message, command, answer, kind):
    mailbox.refused[command] = answer
    outcome = sender(mail_server())(message)
    assert (type(outcome), outcome.why) == (kind, f"SMTP {answer[:3]} to {command}")
    assert mailbox.letters == []


def test_a_mail_too_large_for_the_server_is_refused(mail_server, message):
    outcome = sender(mail_server(data_size_limit=100))(message)
    assert outcome == Refused("SMTP 552 to MAIL", theirs=True)


# Servers that don't behave, in each phase of the exchange.

PHASES = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "end")


def talk_until(connection, phase):
    """Speak SMTP properly up to `phase`, whose command is read but not answered."""
    if phase == "greeting":
        return
    connection.sendall(b"220 ready\r\n")
    with connection.makefile("rb") as file:
        for command in PHASES[1:]:
            if command == "end":
                while file.readline() not in (b".\r\n", b""):
                    pass
            else:
                file.readline()
            if command == phase:
                return
            connection.sendall(b"354 go on\r\n" if command == "DATA" else b"250 OK\r\n")


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("ending", ["hang", "reset", "close", "421", "drip", "nonsense", "endless"])
def test_no_phase_of_the_exchange_can_hold_us_or_lose_the_mail(receiver, message, dripping, phase, ending):
    def behave(self, connection):
        talk_until(connection, phase)
        match ending:
            case "hang":
                self.ended.wait()
            case "reset":
                reset(connection)
            case "421":
                connection.sendall(b"421 shutting down\r\n")
            case "drip":
                dripping(connection, b"250-x\r\n" * 1000, self.ended)
            case "nonsense":
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            case "endless":
                with suppress(OSError):
                    while True:
                        connection.sendall(b"250-and so on\r\n" * 1000)

    outcome = sender(receiver(behave).port, timeout="500ms")(message)
    assert isinstance(outcome, RetryLater)
    unanswered = ending != "421"
    assert outcome.ambiguous is (phase == "end" and unanswered)
    assert outcome.after == (timedelta(minutes=30) if outcome.ambiguous else None)


def test_nobody_listening_is_retried(message):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert sender(port)(message) == RetryLater("ConnectionRefusedError")


# Where we may connect to, and what may be said there in clear.


def test_a_server_that_is_not_public_must_be_listed(mail_server, mailbox, message):
    outcome = sender(mail_server(), allowed=())(message)
    assert isinstance(outcome, Refused)
    assert "loopback" in outcome.why
    assert mailbox.letters == []


def test_a_destination_may_list_its_own_server(mail_server, message):
    assert sender(mail_server(), allowed=(), allow=["127.0.0.1"])(message) == Delivered()


# What the configuration may say.


@pytest.mark.parametrize(
    "change",
    [
        {"to": "reader@inbox.example\r\nBcc: x@evil.example"},
        {"to": "Reader <reader@inbox.example>"},
        {"to": "a@x.example, b@x.example"},
        {"to": "reader"},
        {"from": "a@x.example>\nRCPT TO:<b@x.example"},
        {"host": "mail.example\r\nX"},
        {"port": 0},
        {"security": "ssl"},
        {"username": "u"},
        {"password_env": "P"},
        {"username": "u", "password_env": "P", "password_file": "p"},
        {"password": "hunter2"},
        {"retry": ["soon"]},
        {"timeout": "0s"},
        {"allow": ["everything"]},
    ],
)
def test_settings_that_are_wrong_are_refused(change):
    entry = {"type": "email", "to": "a@x.example", "from": "b@x.example", "host": "mail.example", **change}
    with pytest.raises(ValidationError) as caught:
        EmailSettings.model_validate(entry)
    assert "hunter2" not in str(caught.value)


def test_a_missing_password_names_the_variable():
    with pytest.raises(ConfigurationError, match=r"destinations\.mail\.password_env: .*MAIL_PASSWORD"):
        sender(25, username="u", password_env="MAIL_PASSWORD")


def test_a_file_that_is_no_certificate_is_named(tmp_path):
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(ConfigurationError, match=r"ca\.pem"):
        sender(25, ca_file=tmp_path / "ca.pem")
