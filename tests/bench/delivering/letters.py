"""Send mails with hostile headlines and sender names through a real SMTP server, and read what it was given."""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from email import message_from_bytes

from aiosmtpd.controller import Controller
from pydantic import ValidationError
from receivers import closed_port

from alerts.channels.email import EmailSettings, open_mailbox
from alerts.credentials import Surroundings
from alerts.message import Message
from alerts.outcome import Delivered
from state.addresses import parse_networks

from .table import Row

# Pieces that break mail software; the same as the tests', at random and in numbers.
_PIECES = [
    *(chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))),
    *(
        "\r\n",
        "\r\n ",
        "\n\n",
        "\r\n.\r\n",
        "\u2028",
        "\u2029",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\ud800",
    ),
    *("=?", "?=", "=?x?q?", "=?utf-8?q?a=0D=0ABcc:_x=40evil?=", "=?utf-8?b?DQpCY2M6IHhAZXZpbA==?="),
    *(
        "=?utf-16?b?AA0ACg==?=",
        "=?utf-7?q?+AA0ACg-?=",
        "Bcc: x@evil.example",
        "Subject:",
        "RCPT TO:<x@evil.example>",
    ),
    *(",", ";", "<", ">", '"', "\\", "(", ")", ":", "@", "a" * 300, "长" * 200, "🚀", "е\u0301", "שלום"),
]
_OURS = sorted(
    [
        *("From", "To", "Subject", "Date", "Message-ID", "References", "List-Unsubscribe", "Auto-Submitted"),
        *("MIME-Version", "Content-Type"),
    ]
)
_TO = "b@y.example"
_SENDERS = 4
"""Processes for each processor: a mail is a dozen turns of waiting for one another."""
_TURN = 500
"""Mails of one process with one server; each turn has a seed of its own."""
_SURROUNDINGS = Surroundings(environ={})
_LOOPBACK = parse_networks(["127.0.0.1"])


class _Sink:
    """Judge each mail as it arrives."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name aiosmtpd calls
        read = message_from_bytes(envelope.content)
        self.counts["arrived"] += 1
        self.counts["recipients"] += envelope.rcpt_tos != [_TO]
        self.counts["headers"] += sorted(read.keys()) != _OURS
        lines = envelope.content.split(b"\r\n")
        self.counts["long"] += any(len(line) > 998 for line in lines)
        self.counts["bare"] += any(b"\r" in line or b"\n" in line for line in lines)
        self.counts["parts"] += [part.get_content_type() for part in read.walk()] != [
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]
        self.counts["plain"] += str(read["Subject"]).startswith("yuewatch dl_")
        return "250 taken"


def letters(cases: int, seed: int) -> list[Row]:
    """Row C1: random headlines, sender names, addresses and codes for the wish to stop, and texts."""
    turns = [min(_TURN, cases - begun) for begun in range(0, cases, _TURN)]
    counts: Counter[str] = Counter()
    with ProcessPoolExecutor(_SENDERS * (os.cpu_count() or 1)) as processes:
        for done in processes.map(_send_some, turns, range(seed, seed + len(turns))):
            counts += done
            if counts["arrived"] % 2_500 < _TURN:
                print(f"    {_found(counts)}", file=sys.stderr, flush=True)
    asked = "extra headers 0, recipients 0, lines over 998 octets 0"
    return [Row(f"header fuzz, {cases:,} mails over SMTP (seed {seed})", asked, _found(counts))]


def _found(counts: Counter[str]) -> str:
    return (
        f"extra headers {counts['headers']}, recipients {counts['recipients']}, lines {counts['long']}, bare CR or LF"
        f" {counts['bare']}, other parts {counts['parts']}; {counts['arrived']:,} arrived, {counts['refused']:,} not sent;"
        f" plain subject {counts['plain']:,}; {counts['addresses']:,} foreign addresses taken"
    )


def _send_some(cases: int, seed: int) -> Counter[str]:
    dice, sink = random.Random(seed), _Sink()
    port = closed_port()
    server = Controller(sink, hostname="127.0.0.1", port=port, data_size_limit=2**24, ready_timeout=60)
    server.start()
    try:
        for number in range(cases):
            _send(dice, port, number, sink.counts)
    finally:
        server.stop()
    return sink.counts


def _send(dice: random.Random, port: int, number: int, counts: Counter[str]) -> None:
    foreign = "".join(dice.choices(_PIECES, k=dice.randint(1, 12)))
    if number % 1000 == 0:
        foreign *= 100_000 // len(foreign)
    stop = f"stop{foreign}@x.example"
    taken = _takes(stop)
    settings = EmailSettings.model_construct(
        type="email", to=_TO, sender="a@x.example", sender_name=foreign, host="127.0.0.1", port=port,
        security="none", unsubscribe=stop if taken else "stop@x.example", allow=(), timeout=None, ca_file=None,
        username=None, password_file=None, password_env=None,
    )  # fmt: skip
    code = foreign[:40] if number % 4 == 0 else "sb_1.token"
    send = open_mailbox("bench", settings, _SURROUNDINGS, _LOOPBACK, to=_TO, code=code)
    message = Message(f"dl_{number}", datetime.now(UTC), foreign, foreign, f"<p>{foreign}</p>", thread="st_1")
    counts["addresses"] += taken
    counts["refused"] += not isinstance(send(message), Delivered)


def _takes(address: str) -> bool:
    """Tell whether the configuration would take this as a mailbox; a sender's name it takes up to 100 characters."""
    try:
        EmailSettings.model_validate(
            {"type": "email", "to": address, "from": "a@x.example", "host": "mail.example"}
        )
    except ValidationError:
        return False
    return True
