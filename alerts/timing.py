"""Say when a subscription wants to hear: at once, or held for a digest, the end of quiet hours, a group, a cap.

Whatever we hold of our own accord, up to the hourly digest, does not come in quiet hours; a time of day that somebody named
for a digest does. Pure functions over a clock reading. Local times follow their zone over daylight-saving changes: a digest at 02:30 comes
once on the night that has no 02:30 (at 03:30) and once on the night that has two (at the first).
"""

from __future__ import annotations

from calendar import day_name
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from state.reasons import Reason
from state.records import Severity
from state.standing import NOTHING_SENT, Sent

Rhythm = Literal["hourly", "daily", "weekly"]


@dataclass(frozen=True, slots=True)
class Digest:
    """Ask for one message an hour, a day or a week; `weekday` counts from Monday as 0."""

    every: Rhythm
    at: time = time(8)
    weekday: int = 0


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Ask for silence from `start` until `end`, local time; past midnight where `end` is the earlier one."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Group:
    """Ask for bursts in one message: wait after the first, and keep an interval between two messages."""

    wait: timedelta
    interval: timedelta


@dataclass(frozen=True, slots=True)
class Timing:
    """Hold when a subscription wants to hear. `urgent` tells whether urgent alerts break through."""

    zone: str = "UTC"
    digest: Digest | None = None
    quiet: QuietHours | None = None
    group: Group | None = None
    per_hour: int | None = None
    urgent: bool = True

    def __str__(self) -> str:
        """Say it in words, for listings."""
        parts = [
            _digest_words(self.digest, self.zone) if self.digest else "at once",
            f"quiet {self.quiet.start:%H:%M}-{self.quiet.end:%H:%M} {self.zone}" if self.quiet else "",
            "bursts grouped" if self.group else "",
            f"at most {self.per_hour} an hour" if self.per_hour else "",
            "" if self.urgent else "urgent ones wait too",
        ]
        return ", ".join(part for part in parts if part)


AT_ONCE = Timing()


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep an alert back until a time, for a reason; alerts with equal holds share a message."""

    reason: Reason
    until: datetime


def hold(timing: Timing, severity: Severity, now: datetime, sent: Sent = NOTHING_SENT) -> Hold | None:
    """Tell how long to hold an alert, None where it goes out at once. `sent` is what went to the destination lately."""
    if severity == "urgent" and timing.urgent:
        return None
    if timing.digest is not None:
        until = next_digest(timing.digest, timing.zone, now)
        quiet = _quiet_until(timing, until) if timing.digest.every == "hourly" else None
        return Hold(Reason.DIGEST, quiet or until)
    burst = _burst(timing, now, sent)
    # What would leave in quiet hours joins what comes in them.
    end = _quiet_until(timing, now) or (_quiet_until(timing, burst.until) if burst is not None else None)
    return burst if end is None else Hold(Reason.QUIET_HOURS, end)


def _burst(timing: Timing, now: datetime, sent: Sent) -> Hold | None:
    """Hold what comes with much else, for the group's next message or the next full hour."""
    if timing.group is not None:
        return Hold(Reason.GROUPED, _group_release(timing.group, now, sent))
    if timing.per_hour is not None and sent.this_hour >= timing.per_hour:
        return Hold(Reason.OVER_CAP, _full_hour(timing.zone, now))
    return None


def _quiet_until(timing: Timing, moment: datetime) -> datetime | None:
    return None if timing.quiet is None else quiet_until(timing.quiet, timing.zone, moment)


def next_digest(digest: Digest, zone: str, now: datetime) -> datetime:
    """Give the first digest time after `now`, in UTC."""
    if digest.every == "hourly":
        return _full_hour(zone, now)
    day = now.astimezone(ZoneInfo(zone)).date()
    while True:
        moment = _local(day, digest.at, zone)
        if moment > now and (digest.every == "daily" or day.weekday() == digest.weekday):
            return moment
        day += timedelta(days=1)


def in_quiet_hours(timing: Timing) -> bool:
    """Tell whether the time of day named for a digest lies in the quiet hours."""
    digest, quiet = timing.digest, timing.quiet
    if digest is None or quiet is None or digest.every == "hourly":
        return False
    if quiet.start < quiet.end:
        return quiet.start <= digest.at < quiet.end
    return digest.at >= quiet.start or digest.at < quiet.end


def quiet_until(quiet: QuietHours, zone: str, now: datetime) -> datetime | None:
    """Give the end of the quiet hours that `now` lies in, in UTC; None where it lies in none."""
    today = now.astimezone(ZoneInfo(zone)).date()
    for day in (today - timedelta(days=1), today):
        start = _local(day, quiet.start, zone)
        end = _local(day if quiet.start < quiet.end else day + timedelta(days=1), quiet.end, zone)
        if start <= now < end:
            return end
    return None


def _digest_words(digest: Digest, zone: str) -> str:
    if digest.every == "hourly":
        return "hourly digest"
    day = "" if digest.every == "daily" else f" on {day_name[digest.weekday]}"
    return f"{digest.every} digest{day} at {digest.at:%H:%M} {zone}"


def _group_release(group: Group, now: datetime, sent: Sent) -> datetime:
    if sent.open_group is not None and sent.open_group > now:
        return sent.open_group
    release = now + group.wait
    return release if sent.last is None else max(release, sent.last + group.interval)


def _full_hour(zone: str, now: datetime) -> datetime:
    """Give the next moment at which a clock in `zone` shows a full hour, in UTC."""
    local = now.astimezone(ZoneInfo(zone))
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    hour = now + timedelta(hours=1) - past
    # Few zones change their clocks by half an hour; then the next full hour is as much later.
    return hour + timedelta(minutes=-hour.astimezone(ZoneInfo(zone)).minute % 60)


def _local(day: date, at: time, zone: str) -> datetime:
    """Give the UTC time at which a clock in `zone` shows `at` on `day`; of two such times the first.

    Where the clock skips it, the offset from before the change counts (PEP 495, fold 0), which lies after the gap.
    """
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
