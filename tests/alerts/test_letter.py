from __future__ import annotations

import random
from dataclasses import replace
from email import message_from_bytes, policy
from urllib.parse import quote

import pytest

from alerts import letter as letters
from alerts.letter import LONGEST_HEADER_LINE, write_letter
from state.errors import DeliveryError

NAMES = [
    "From", "To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted", "MIME-Version", "Content-Type",
]  # fmt: skip


def write(message, **changes):
    return write_letter(
        replace(message, **changes),
        sender="alerts@yuewatch.example",
        sender_name="Yuewatch 粤",
        to="reader@inbox.example",
    )


def names_of(written):
    head = written.partition(b"\r\n\r\n")[0]
    return [line.split(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] not in b" \t"]


def test_a_letter_has_exactly_the_headers_we_chose(message):
    assert sorted(names_of(write(message))) == sorted(NAMES)


def test_letters_about_one_story_share_a_thread_and_differ_in_id(message):
    first = message_from_bytes(write(message))
    second = message_from_bytes(write(message, id="dl_second"))
    assert first["References"] == second["References"] == f"<{message.thread}@yuewatch.example>"
    assert first["Message-ID"] != second["Message-ID"]


def test_an_address_to_stop_at_is_offered_where_there_is_one(message):
    written = write_letter(
        message,
        sender="a@x.example",
        sender_name="",
        to="b@x.example",
        unsubscribe="stop@x.example",
    )
    assert message_from_bytes(written)["List-Unsubscribe"] == "<mailto:stop@x.example?subject=unsubscribe>"


def test_an_address_that_holds_an_encoded_word_stays_one_address(message):
    odd = "stop=?utf-8?b?DQpCY2M6IHhAZXZpbA==?=@x.example"  # a lawful mailbox, which decodes to a line break and Bcc:
    written = write_letter(
        message, sender="a@x.example", sender_name="x", to="b@y.example", unsubscribe=odd, code="\ud800"
    )
    stop = message_from_bytes(written)["List-Unsubscribe"]
    assert stop == f"<mailto:{quote(odd, safe='@')}?subject=unsubscribe%20%3F>"
    assert sorted(names_of(written)) == sorted([*NAMES, "List-Unsubscribe"])


def test_the_encoded_line_break_of_cve_2024_6923_adds_no_header(message):
    written = write(message, subject="News: =?utf-8?q?a=0D=0ABcc:_x=40evil.example?=")
    assert sorted(names_of(written)) == sorted(NAMES)
    assert message_from_bytes(written, policy=policy.default)["Bcc"] is None


def test_a_letter_that_would_not_read_back_as_written_gets_a_plain_subject(message, monkeypatch):
    monkeypatch.setattr(letters, "one_line", lambda text, limit=200: text)  # as if the cleaning had a hole
    written = write(message, subject="x =?utf-8?q?a=0D=0ABcc:_x=40evil.example?=")
    assert sorted(names_of(written)) == sorted(NAMES)
    assert message_from_bytes(written)["Subject"] == f"yuewatch {message.id}"


def test_should_even_that_fail_nothing_is_written(message, monkeypatch):
    monkeypatch.setattr(letters, "_is_as_meant", lambda written, letter: False)
    with pytest.raises(DeliveryError):
        write(message)


# Pieces that break mail software, put together at random; the seed makes a failure repeatable.
PIECES = [
    *(chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))),
    "\r\n", "\r\n ", "\n\n", "\u2028", "\u2029", "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\udcff",
    "=?utf-8?q?a=0D=0ABcc:_x=40evil?=", "=?utf-8?b?DQpCY2M6IHhAZXZpbA==?=", "=?utf-8?q?=0A?=", "=?", "?=", "=?x?q?",
    "=?utf-8*en?q?=0D=0A?=", "=?utf-16?b?AA0ACg==?=", "=?utf-7?q?+AA0ACg-Bcc:_x?=", "=?ascii?q?=E9?=",
    "Bcc: x@evil.example", "To: x@evil.example", "Subject:", "Content-Type: text/html", ",", ";", "<", ">", '"', "\\", "(", ")",
    "a" * 500, "长" * 300, "粤府办〔2025〕6号", "🚀👩‍🚀", "e\u0301\u0302" * 50, " " * 90, "\t" * 10, "x" * 77,
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_no_headline_or_name_adds_a_header_or_a_line_too_long(message, seed):
    chosen = random.Random(seed)
    for _ in range(120):
        foreign = "".join(chosen.choices(PIECES, k=chosen.randint(1, 12)))
        written = write_letter(
            replace(message, subject=foreign, text=foreign, html=foreign),
            sender="alerts@yuewatch.example",
            sender_name=foreign,
            to="reader@inbox.example",
        )
        assert sorted(names_of(written)) == sorted(NAMES), repr(foreign)
        assert all(len(line) <= LONGEST_HEADER_LINE for line in written.split(b"\r\n")), repr(foreign)
        assert b"\n" not in written.replace(b"\r\n", b""), repr(foreign)
        assert written.isascii()
        parts = list(message_from_bytes(written).walk())
        assert [part.get_content_type() for part in parts] == [
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]
