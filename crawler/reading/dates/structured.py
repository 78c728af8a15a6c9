"""Read dates written for machines: ISO 8601, RFC 2822, Unix times and what CMSs make of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

from crawler.reading.dates.moment import Moment, build, of_instant
from crawler.reading.dates.printed import find_dates
from state.records import Precision

_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:[T\s]*(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$",
    re.IGNORECASE,
)
_UNIX = re.compile(r"(1[0-9]{9})(\d{3})?$")
_RFC = re.compile(r"^(?:[A-Za-z]{3},\s*)?\d{1,2}\s+[A-Za-z]{3}\s+\d{4}\s+\d{2}:\d{2}")
_MAX = 80


def read_date(text: str | None, zone: tzinfo) -> Moment | None:
    """Read a machine's date; a time without an offset is read in `zone`, midnight sharp means only the day."""
    value = (text or "").strip()
    if not value or len(value) > _MAX:
        return None
    return _unix(value, zone) or _iso(value, zone) or _rfc(value) or _printed(value, zone)


def _iso(value: str, zone: tzinfo) -> Moment | None:
    match = _ISO.match(value)
    if match is None:
        return None
    year, month, day = (int(match[group]) for group in (1, 2, 3))
    if not 1990 <= year <= 2100:
        return None
    if match[4] is None:
        return build((year, month, day), None, "day", zone, value)
    clock = (int(match[4]), int(match[5]), int(match[6] or 0))
    if clock == (0, 0, 0):
        return build((year, month, day), None, "day", zone, value)
    stated = _offset(match[7])
    precision: Precision = "second" if match[6] is not None else "minute"
    return build((year, month, day), clock, precision, stated or zone, value, zone_assumed=stated is None)


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text.upper() == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if text[0] == "-" else offset) if offset < timedelta(hours=15) else None


def _unix(value: str, zone: tzinfo) -> Moment | None:
    match = _UNIX.match(value)
    if match is None:
        return None
    return of_instant(datetime.fromtimestamp(int(match[1]), tz=zone), "second", value)


def _rfc(value: str) -> Moment | None:
    if not _RFC.match(value):
        return None
    try:
        instant = parsedate_to_datetime(value)
    except (ValueError, IndexError):
        return None
    return of_instant(instant, "second", value) if instant.tzinfo is not None else None


def _printed(value: str, zone: tzinfo) -> Moment | None:
    found = find_dates(value, zone)
    return found[0].moment if len(found) == 1 else None
