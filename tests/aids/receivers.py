"""Receivers of webhooks on real loopback sockets that misbehave on purpose, and the matrix of all they may do.

`matrix` gives every behaviour in three phases of the exchange with the outcome that Standard Webhooks 1.0 asks for.
Statuses come *early* (before the request is read), *after* it, or *broken* (the body of the answer ends in a reset: the
status has decided). Whatever keeps a status from us does so before the request is read, after it, or amid the head.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from certificates import write_certificate

from alerts.channels.webhook import WebhookSettings, open_webhook
from alerts.credentials import Surroundings
from alerts.message import Message
from alerts.outcome import Outcome
from state.addresses import parse_networks

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
TEN_GIGABYTES = 10_000_000_000
_BLOCK = b"x" * 65536

Behave = Callable[["Receiver", socket.socket], None]


class Receiver:
    """Accept connections and do to each what `behave(receiver, connection)` does; count them, keep what they sent."""

    def __init__(self, behave: Behave, tls: ssl.SSLContext | None = None) -> None:
        self.behave = behave
        self.tls = tls
        self.connections = 0
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.sent = 0
        self.ended = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads: list[threading.Thread] = []
        self.accepting = threading.Thread(target=self._accept, daemon=True)
        self.accepting.start()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/hook"

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self.threads.append(thread)
                thread.start()

    def _serve(self, connection):
        connection.settimeout(30)
        with suppress(OSError), connection:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                self.behave(self, connection)

    def read_request(self, connection):
        """Read one HTTP request and keep its head and body."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += _some(connection)
        head, _, body = data.partition(b"\r\n\r\n")
        fields = dict(line.decode().split(": ", 1) for line in head.split(b"\r\n")[1:])
        headers = {name.lower(): value for name, value in fields.items()}
        while len(body) < int(headers["content-length"]):
            body += _some(connection)
        self.received.append((headers, body))

    def close(self):
        self.ended.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.accepting.join(5)
        for thread in self.threads:
            thread.join(5)


def _some(connection):
    got = connection.recv(65536)
    if not got:
        raise ConnectionError("the sender went away")
    return got


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def drip(connection, data, ended, pause=0.05):
    for byte in data:
        if ended.wait(pause):
            return
        connection.sendall(bytes([byte]))


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@dataclass(frozen=True)
class Cell:
    """Hold one cell of the matrix: what the receiver does, and what must come of it.

    `outcome` is the class of the outcome by name, `after` the bounds of its wish in seconds. `behave` is None where there
    is nobody to connect to; then `url` says where. `tls` says why a receiver must not be trusted; `most_sent` how many
    bytes of the answer may leave it, most of which only fill the sockets' buffers; `waits` that it takes all our patience.
    """

    behaviour: str
    phase: str
    outcome: str
    behave: Behave | None = None
    after: tuple[float, float] | None = None
    url: str | None = None
    tls: str | None = None
    most_sent: int | None = None
    waits: bool = False

    def __str__(self) -> str:
        return f"{self.behaviour}: {self.phase}"


def matrix(patience: float) -> tuple[Cell, ...]:
    """Give every cell, for a sender that waits `patience` seconds."""
    return (
        *_nobody(),
        *_silent(patience),
        *_statuses(),
        *_untrusted(),
        *_endless(),
        *_nonsense(),
    )


def attempt(cell: Cell, message: Message, patience: float, folder: Path) -> tuple[Outcome, Receiver | None]:
    """Send `message` to a receiver that behaves as `cell` says; give the outcome, and the receiver as it was left.

    `folder` takes the receiver's certificate.
    """
    names = {"other name": ["other.example"], "unknown": ["127.0.0.1"]}.get(cell.tls or "")
    authority, context = None, None
    if names:
        authority, key = write_certificate(folder, *names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority, key)
    receiver = Receiver(cell.behave, context) if cell.behave else None
    url = cell.url or (receiver.url if receiver else "")
    settings = WebhookSettings(
        type="webhook",
        url=url.replace("http:", "https:") if cell.tls == "none" else url,
        secret_env="S",
        timeout=f"{patience}s",
        ca_file=None if cell.tls == "unknown" else authority,
    )
    allowed = () if cell.tls == "inside" else parse_networks(["127.0.0.1"])
    try:
        send = open_webhook("receiver", settings, Surroundings(environ={"S": SECRET}), allowed)
        return send(message), receiver
    finally:
        if receiver is not None:
            receiver.close()


def disagreement(cell: Cell, outcome: Outcome, receiver: Receiver | None) -> str | None:
    """Say in which way an outcome is not what the cell asks for, None where it is."""
    if type(outcome).__name__ != cell.outcome:
        return f"{cell}: {outcome}"
    wish = getattr(outcome, "after", None)
    if cell.after is not None and (wish is None or not _within(wish.total_seconds(), cell.after)):
        return f"{cell}: asked for {cell.after} s, understood {wish}"
    if cell.after is None and wish is not None:
        return f"{cell}: asked for nothing, understood {wish}"
    if receiver is not None and cell.most_sent is not None and receiver.sent > cell.most_sent:
        return f"{cell}: {receiver.sent} bytes of the answer were taken"
    if receiver is not None and receiver.connections > 1:
        return f"{cell}: connected {receiver.connections} times in one try"
    return None


def _within(value, bounds):
    return bounds[0] <= value <= bounds[1]


def _nobody() -> Iterator[Cell]:
    yield Cell("refuse", "no one listens", "RetryLater", url=f"http://127.0.0.1:{closed_port()}/")
    yield Cell("refuse", "closed at once", "RetryLater", lambda _, connection: connection.close())
    yield Cell("refuse", "reset at once", "RetryLater", lambda _, connection: reset(connection))
    yield Cell("DNS", "no such name", "RetryLater", url="https://no-such-host.invalid/")
    yield Cell("DNS", "no possible name", "RetryLater", url=f"https://{'a' * 64}.invalid/")
    yield Cell("DNS", "a name that leads inside", "Refused", url="https://localhost:9/", tls="inside")


_BEGUN, _REST = OK[:20], OK[20:]


def _silent(patience: float) -> Iterator[Cell]:
    """Give what keeps a status from us, or keeps us waiting for it, in each phase."""
    pause = min(1.0, patience / 8)

    def hang(receiver, _connection):
        receiver.ended.wait()

    def leave(_receiver, connection):
        connection.close()

    def drop(_receiver, connection):
        reset(connection)

    def dripping(data):
        return lambda receiver, connection: drip(connection, data, receiver.ended, pause)

    def late(share, data):
        def answer(receiver, connection):
            if not receiver.ended.wait(patience * share):
                connection.sendall(data)

        return answer

    def acts(name, outcome, act, amid, *, waits):
        yield Cell(name, "before the request is read", outcome, act, waits=waits)
        yield Cell(name, "after the request", outcome, _reading(act), waits=waits)
        yield Cell(name, "in the head", outcome, _reading(_say(_BEGUN, amid)), waits=waits)

    slowly = dripping(b"X-Slow: yes\r\n" * 1000)
    for name, act in (("hang", hang), ("reset", drop), ("close", leave)):
        yield from acts(name, "RetryLater", act, act, waits=name == "hang")
    yield from acts("answer after the patience", "RetryLater", late(1.45, OK), late(1.45, _REST), waits=True)
    yield from acts("answer within the patience", "Delivered", late(0.4, OK), late(0.4, _REST), waits=False)
    yield Cell(
        "1 byte a second", "in the status", "RetryLater", _reading(dripping(OK + b" " * 1000)), waits=True
    )
    yield Cell("1 byte a second", "in the head", "RetryLater", _reading(_say(_BEGUN, slowly)), waits=True)
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    yield Cell(
        "1 byte a second",
        "in the body",
        "Delivered",
        _reading(_say(whole, dripping(b"x" * 100000))),
        waits=True,
    )


def _reading(act: Behave) -> Behave:
    def behave(receiver, connection):
        receiver.read_request(connection)
        act(receiver, connection)

    return behave


def _say(answer: bytes, then: Behave | None = None) -> Behave:
    def behave(receiver, connection):
        connection.sendall(answer)
        if then is not None:
            then(receiver, connection)

    return behave


def status(code: int, *fields: str, body: bytes = b"") -> bytes:
    """Write an answer with this status."""
    lines = [f"HTTP/1.1 {code} Whatever", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _statuses() -> Iterator[Cell]:
    tomorrow = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
    for code, fields, outcome, after in (
        (200, (), "Delivered", None),
        (204, (), "Delivered", None),
        (301, ("Location: http://127.0.0.1:9/moved",), "RetryLater", None),
        (307, ("Location: http://127.0.0.1:9/moved",), "RetryLater", None),
        (400, (), "RetryLater", None),
        (401, (), "RetryLater", None),
        (404, (), "RetryLater", None),
        (410, (), "Gone", None),
        (413, (), "RetryLater", None),
        (429, (), "RetryLater", None),
        (429, ("Retry-After: 120",), "RetryLater", (120, 120)),
        (429, (f"Retry-After: {tomorrow}",), "RetryLater", (80_000, 86_400)),
        (500, (), "RetryLater", None),
        (502, (), "RetryLater", None),
        (503, ("Retry-After: 120",), "RetryLater", (120, 120)),
    ):
        wish = {None: "", 120: " Retry-After in seconds", 80_000: " Retry-After as a date"}[
            after and after[0]
        ]
        name = f"{code}{wish}"
        answer, whole = status(code, *fields), status(code, *fields, body=b"y" * 1000)
        yield Cell(name, "before the request is read", outcome, _early(answer), after)
        yield Cell(name, "after the request", outcome, _reading(_say(answer)), after)
        broken = whole if code == 204 else whole[:-500]
        yield Cell(
            name,
            "reset in the body",
            outcome,
            _reading(_say(broken, lambda _, connection: reset(connection))),
            after,
        )


def _early(answer: bytes) -> Behave:
    """Answer first; the request is read all the same, because a reset could eat the answer."""

    def behave(receiver, connection):
        connection.sendall(answer)
        receiver.read_request(connection)

    return behave


def _untrusted() -> Iterator[Cell]:
    hello = _reading(_say(OK))
    yield Cell("bad TLS", "unknown authority", "RetryLater", hello, tls="unknown")
    yield Cell("bad TLS", "another name's certificate", "RetryLater", hello, tls="other name")
    yield Cell("bad TLS", "no TLS at all", "RetryLater", _say(OK), tls="none")


def _endless() -> Iterator[Cell]:
    """Give answers of ten gigabytes: of the body hardly anything is read, a head of that size is no answer."""
    for phase, framing in (
        ("announced", b"Content-Length: 10000000000\r\n"),
        ("chunked", b"Transfer-Encoding: chunked\r\n"),
        ("until it closes", b""),
    ):
        block = b"10000\r\n" + _BLOCK + b"\r\n" if phase == "chunked" else _BLOCK
        act = _pour(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n", block)
        yield Cell("10 GB reply", phase, "Delivered", _reading(act), most_sent=20_000_000)
    for phase, begin, block in (
        ("one line", b"HTTP/1.1 200 OK\r\nX: ", _BLOCK),
        ("many fields", b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 10000),
        ("interim answers", b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ):
        act = _pour(begin, block)
        # Interim answers are read, and thrown away, for as long as the patience lasts.
        most = None if phase == "interim answers" else 20_000_000
        yield Cell("10 GB head", phase, "RetryLater", _reading(act), most_sent=most, waits=most is None)


def _pour(begin: bytes, block: bytes) -> Behave:
    def behave(receiver, connection):
        connection.sendall(begin)
        while receiver.sent < TEN_GIGABYTES and not receiver.ended.is_set():
            connection.sendall(block)
            receiver.sent += len(block)

    return behave


def _nonsense() -> Iterator[Cell]:
    for phase, answer in (
        ("another protocol", b"SSH-2.0-OpenSSH_9.2\r\n"),
        ("no number", b"HTTP/1.1 abc\r\n\r\n"),
        ("zeroes", b"\x00" * 1000),
    ):
        yield Cell("no HTTP", phase, "RetryLater", _reading(_say(answer)))
