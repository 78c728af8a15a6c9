"""Hold a point in time as exactly as a page gives it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from state.records import Precision

RANK: dict[Precision, int] = {"day": 0, "hour": 1, "minute": 2, "second": 3}


@dataclass(frozen=True, slots=True)
class Moment:
    """Hold a day, or a time of day in a zone; `raw` is the text it was read from."""

    day: date
    at: time | None
    zone: tzinfo
    precision: Precision
    raw: str
    zone_assumed: bool = True

    @property
    def value(self) -> str:
        """Give it as ISO 8601: a bare date, or a time with its offset."""
        if self.at is None:
            return self.day.isoformat()
        return self.instant.isoformat(timespec="seconds")

    @property
    def instant(self) -> datetime:
        """Give the aware time; a bare day begins at its midnight."""
        return datetime.combine(self.day, self.at or time(), tzinfo=self.zone)

    def agrees(self, other: Moment) -> bool:
        """Tell whether both can be the same publication: the same day, seen from either one's zone."""
        if self.day == other.day:
            return True
        if self.at is not None and other.at is not None:
            return abs(self.instant - other.instant) < timedelta(minutes=10)
        timed, bare = (self, other) if self.at is not None else (other, self)
        # The bare day may be that of the reader's zone or of UTC.
        return timed.at is not None and timed.instant.astimezone(UTC).date() == bare.day


def build(
    day: tuple[int, int, int],
    clock: tuple[int, int, int] | None,
    precision: Precision,
    zone: tzinfo,
    raw: str,
    *,
    zone_assumed: bool = True,
) -> Moment | None:
    """Build a moment from numbers, None where the calendar has no such day or time."""
    try:
        at = time(*clock) if clock is not None else None
        return Moment(date(*day), at, zone, precision if at else "day", raw, zone_assumed and at is not None)
    except ValueError:
        return None


def of_instant(instant: datetime, precision: Precision, raw: str, *, zone_assumed: bool = False) -> Moment:
    """Build a moment from an aware time."""
    assert instant.tzinfo is not None
    whole = instant.replace(microsecond=0)
    at = None if precision == "day" else whole.time()
    return Moment(whole.date(), at, instant.tzinfo, precision, raw, zone_assumed and at is not None)


def zone_named(name: str) -> tzinfo:
    """Give the zone with an IANA `name`, UTC where there is none such."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
