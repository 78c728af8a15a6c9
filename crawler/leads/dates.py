"""Read the times that feeds, sitemaps and listings print, and invent nothing they do not say."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from crawler.leads.markup import storable
from crawler.reading.dates.printed import find_dates

MAX_RAW = 80
"""Characters of a date that are looked at; anything longer is not a date."""

_MILLISECONDS = 100_000_000_000
_LATEST = 4_102_444_800
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<name>(?:{'|'.join(_MONTHS)})[a-z]{{0,6}})\.?"
_DATES = (
    re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日?"),
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>\d{{4}})\b", re.IGNORECASE
    ),
)
_CST = re.compile(r"\bCST\b")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2}))?(?!\d)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def stated(raw: str | float | None, zone: str) -> str | None:
    """Give a time as the source stated it: ISO 8601 with its offset, an ISO date, or the raw words.

    A time with a zone, and an epoch in seconds or milliseconds, become ISO 8601 with an offset. A time that falls on
    midnight and has no zone, and an epoch on midnight of `zone`, are days: content systems store days that way.
    "CST" is China's time in a source of China's zone and America's elsewhere. All else stays as it was printed,
    because whoever knows the page reads it better (`date("2026-11-20 10:05")` needs a zone, "3小时前" a fetch time).
    """
    if isinstance(raw, str):
        return _from_words(" ".join(storable(raw[: 4 * MAX_RAW]).split())[:MAX_RAW], zone)
    return None if raw is None else _from_epoch(float(raw), zone)


def _from_words(words: str, zone: str) -> str | None:
    if words.isdigit() and len(words) in (10, 13):
        return _from_epoch(float(words), zone)
    parsed = _exact(words) or _mailed(words, zone)
    if parsed is None:
        return words or None
    if parsed.tzinfo is not None:
        return parsed.isoformat()
    if len(words) > len("2026-11-20") and parsed.time() == datetime.min.time():
        return parsed.date().isoformat()
    return words


def instant(published: str | None, zone: str) -> datetime | None:
    """Give a comparable UTC time for a stated one, to sort by; times without a zone count in `zone`."""
    if not published:
        return None
    parsed = _exact(published)
    if parsed is None:
        mailed = _mailed(published, zone)
        # What a mail's parser reads without a zone may still name one ("CET"), or be of the afternoon ("10:05 PM").
        parsed = mailed if mailed and mailed.tzinfo else _printed(published, zone) or mailed
    if parsed is None:
        return None
    try:
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def printed_day(text: str) -> str | None:
    """Find the first calendar date printed in `text`, with its clock time where one stands near, as it is printed."""
    found = _calendar_date(text)
    if found is None:
        return None
    clock = _CLOCK.match(text, found.end() + 1) if found.end() < len(text) else None
    return text[found.start() : clock.end() if clock else found.end()]


def _exact(words: str) -> datetime | None:
    if _DAY.fullmatch(words):
        return _day(words)
    try:
        return datetime.fromisoformat(words)
    except ValueError:
        return None


def _mailed(words: str, zone: str) -> datetime | None:
    if zone.startswith("Asia/"):
        words = _CST.sub("+0800", words)
    try:
        parsed = parsedate_to_datetime(words)
    except (ValueError, TypeError, OverflowError):
        return None
    # "-0000" is UTC of a place that is not told (RFC 5322, section 3.3).
    return parsed.replace(tzinfo=UTC) if words.endswith("-0000") else parsed


def _day(words: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(words), datetime.min.time())
    except ValueError:
        return None


def _calendar_date(text: str) -> re.Match[str] | None:
    return next((found for pattern in _DATES if (found := pattern.search(text))), None)


def _printed(words: str, zone: str) -> datetime | None:
    found = find_dates(words[:MAX_RAW], ZoneInfo(zone))
    return found[0].moment.instant if found else None


def _from_epoch(seconds: float, zone: str) -> str | None:
    if abs(seconds) >= _MILLISECONDS:
        seconds /= 1000
    if not 0 < seconds < _LATEST:
        return None
    local = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    if local.time() == datetime.min.time():
        return local.date().isoformat()
    return local.isoformat(timespec="seconds")
