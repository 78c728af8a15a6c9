"""Read from an answer for how long its host wants to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

WITHOUT_A_WORD = timedelta(minutes=5)
"""How long a 429 that names no time is heeded."""
_LONGEST = timedelta(days=365)


def patience(status: int, header: bytes | None, now: datetime) -> timedelta | None:
    """Give how long to stay away after an answer; None where it asks for nothing.

    A Retry-After counts on redirects and on every error, not only on the 429 and 503 that RFC 9110 names it for.
    """
    if status < 300:
        return None
    wait = retry_after(header, now)
    return WITHOUT_A_WORD if wait is None and status == 429 else wait


def retry_after(header: bytes | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header (seconds or a date, RFC 9110 section 10.2.3); None where it is missing or means nothing."""
    text = (header or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        seconds = text.lstrip("0") or "0"
        return _LONGEST if len(seconds) > 8 else min(timedelta(seconds=int(seconds)), _LONGEST)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta(0))
