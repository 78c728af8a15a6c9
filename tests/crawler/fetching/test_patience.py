"""How long a host wants to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetching.patience import patience, retry_after

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR, YEAR = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=365),
)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (b"0", timedelta(0)),
        (b"1", SECOND),
        (b"120", 2 * MINUTE),
        (b" 120 ", 2 * MINUTE),
        (b"0000000000300", 5 * MINUTE),
        (b"31536000", YEAR),
        (b"99999999", YEAR),
        (b"315360000", YEAR),  # ten years
        (b"9" * 5000, YEAR),
        (b"Sat, 21 Nov 2026 12:01:00 GMT", MINUTE),  # IMF-fixdate
        (b"Saturday, 21-Nov-26 13:00:00 GMT", HOUR),  # RFC 850, obsolete
        (b"Sat Nov 21 12:30:00 2026", 30 * MINUTE),  # asctime, obsolete
        (b"Sat, 21 Nov 2026 20:01:00 +0800", MINUTE),
        (b"21 Nov 2026 12:01:00", MINUTE),
        (b"Sat, 21 Nov 2026 11:59:59 GMT", timedelta(0)),  # past
        (b"Thu, 01 Jan 1970 00:00:00 GMT", timedelta(0)),
        (None, None),
        (b"", None),
        (b"soon", None),
        (b"-5", None),
        (b"1.5", None),
        (b"120 seconds", None),
        (b"Sat, 99 Nov 2026 12:01:00 GMT", None),
        (b"Sat, 21 Nov 99999999999 12:01:00 GMT", None),
        ("１２０".encode(), None),  # full-width digits
        (b"\xb2", None),  # a superscript two is a digit to str.isdigit
        (b"\xff\xfe", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(header, wait):
    assert retry_after(header, NOW) == wait


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_header_can_do_harm(header):
    wait = retry_after(header, NOW)
    assert wait is None or wait >= timedelta(0)


@pytest.mark.parametrize(
    ("status", "header", "wait"),
    [
        (429, b"60", MINUTE),
        (429, None, 5 * MINUTE),
        (429, b"nonsense", 5 * MINUTE),
        (503, b"60", MINUTE),
        (503, None, None),
        (500, b"60", MINUTE),
        (403, b"60", MINUTE),
        (301, b"60", MINUTE),
        (302, None, None),
        (404, None, None),
        (200, b"60", None),
        (304, None, None),
    ],
)
def test_errors_and_redirects_are_heeded_and_pages_are_not(status, header, wait):
    assert patience(status, header, NOW) == wait
