from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.timing import Digest, Group, QuietHours, Timing, hold, in_quiet_hours, next_digest, quiet_until
from state.reasons import Reason
from state.standing import NOTHING_SENT, Sent

SHANGHAI = "Asia/Shanghai"


def at(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def held(timing, now, severity="normal", sent=NOTHING_SENT):
    found = hold(timing, severity, at(now), sent)
    return None if found is None else (found.reason, found.until)


def test_without_wishes_everything_goes_at_once():
    assert held(Timing(), "2026-11-21T10:00+00:00") is None


@pytest.mark.parametrize(
    ("digest", "now", "until"),
    [
        (Digest("hourly"), "2026-11-21T10:59+00:00", "2026-11-21T11:00+00:00"),
        (Digest("hourly"), "2026-11-21T11:00+00:00", "2026-11-21T12:00+00:00"),
        (Digest("daily", time(8)), "2026-11-21T07:59+08:00", "2026-11-21T08:00+08:00"),
        (Digest("daily", time(8)), "2026-11-21T08:00+08:00", "2026-11-22T08:00+08:00"),
        (Digest("weekly", time(8), 0), "2026-11-21T12:00+08:00", "2026-11-23T08:00+08:00"),
        (Digest("weekly", time(8), 5), "2026-11-21T07:00+08:00", "2026-11-21T08:00+08:00"),
        (Digest("weekly", time(8), 5), "2026-11-21T09:00+08:00", "2026-11-28T08:00+08:00"),
    ],
)
def test_a_digest_waits_for_its_next_time(digest, now, until):
    assert held(Timing(SHANGHAI, digest=digest), now) == (Reason.DIGEST, at(until))


NIGHT = QuietHours(time(22), time(7))
NOON = QuietHours(time(12), time(13, 30))


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (NIGHT, "2026-11-21T21:59+08:00", None),
        (NIGHT, "2026-11-21T22:00+08:00", "2026-11-22T07:00+08:00"),
        (NIGHT, "2026-11-22T03:00+08:00", "2026-11-22T07:00+08:00"),
        (NIGHT, "2026-11-22T07:00+08:00", None),
        (NOON, "2026-11-21T12:30+08:00", "2026-11-21T13:30+08:00"),
        (NOON, "2026-11-21T13:30+08:00", None),
    ],
)
def test_quiet_hours_hold_until_they_end(quiet, now, until):
    assert quiet_until(quiet, SHANGHAI, at(now)) == (until and at(until))
    assert held(Timing(SHANGHAI, quiet=quiet), now) == (until and (Reason.QUIET_HOURS, at(until)))


def test_urgent_breaks_through_unless_it_may_not():
    timing = Timing(SHANGHAI, quiet=NIGHT)
    assert held(timing, "2026-11-21T23:00+08:00", "urgent") is None
    strict = Timing(SHANGHAI, quiet=NIGHT, urgent=False)
    assert held(strict, "2026-11-21T23:00+08:00", "urgent") is not None
    assert held(timing, "2026-11-21T23:00+08:00", "high") is not None


GROUP = Timing(group=Group(timedelta(seconds=30), timedelta(minutes=5)))


def test_the_first_of_a_burst_waits_a_little_and_the_rest_joins_it():
    first = held(GROUP, "2026-11-21T10:00:00+00:00")
    assert first == (Reason.GROUPED, at("2026-11-21T10:00:30+00:00"))
    later = held(GROUP, "2026-11-21T10:00:20+00:00", sent=Sent(open_group=first[1]))
    assert later == first


def test_groups_keep_their_distance():
    sent = Sent(last=at("2026-11-21T10:00:30+00:00"))
    assert held(GROUP, "2026-11-21T10:01+00:00", sent=sent) == (
        Reason.GROUPED,
        at("2026-11-21T10:05:30+00:00"),
    )
    assert held(GROUP, "2026-11-21T11:00+00:00", sent=sent) == (
        Reason.GROUPED,
        at("2026-11-21T11:00:30+00:00"),
    )


def test_what_is_over_the_cap_waits_for_the_full_hour():
    timing = Timing(per_hour=3)
    assert held(timing, "2026-11-21T10:20+00:00", sent=Sent(this_hour=2)) is None
    assert held(timing, "2026-11-21T10:20+00:00", sent=Sent(this_hour=3)) == (
        Reason.OVER_CAP,
        at("2026-11-21T11:00+00:00"),
    )


@pytest.mark.parametrize(
    ("timing", "now", "held_until"),
    [
        (Timing(digest=Digest("hourly")), "2026-11-21T21:30+08:00", "2026-11-22T07:00+08:00"),
        (Timing(digest=Digest("hourly")), "2026-11-22T03:30+08:00", "2026-11-22T07:00+08:00"),
        (Timing(digest=Digest("hourly")), "2026-11-22T06:30+08:00", "2026-11-22T07:00+08:00"),
        (Timing(digest=Digest("hourly")), "2026-11-22T07:30+08:00", "2026-11-22T08:00+08:00"),
        (Timing(digest=Digest("daily", time(23))), "2026-11-21T21:30+08:00", "2026-11-21T23:00+08:00"),
    ],
)
def test_an_hourly_digest_keeps_quiet_hours_and_a_time_of_day_that_was_named_does_not(
    timing, now, held_until
):
    assert held(replace(timing, zone=SHANGHAI, quiet=NIGHT), now) == (Reason.DIGEST, at(held_until))


@pytest.mark.parametrize(
    ("wishes", "now"),
    [
        ({"group": Group(timedelta(minutes=1), timedelta(0))}, "2026-11-21T21:59:30+08:00"),
        ({"per_hour": 1}, "2026-11-21T21:30+08:00"),
        ({"per_hour": 1}, "2026-11-21T23:30+08:00"),
    ],
)
def test_what_would_leave_in_quiet_hours_joins_what_comes_in_them(wishes, now):
    timing = Timing(SHANGHAI, quiet=NIGHT, **wishes)
    assert held(timing, now, sent=Sent(1)) == (Reason.QUIET_HOURS, at("2026-11-22T07:00+08:00"))


def test_a_group_that_leaves_before_quiet_hours_is_still_joined():
    release = at("2026-11-21T21:59:50+08:00")
    timing = replace(GROUP, zone=SHANGHAI, quiet=NIGHT)
    assert held(timing, "2026-11-21T21:59:45+08:00", sent=Sent(open_group=release)) == (
        Reason.GROUPED,
        release,
    )


@pytest.mark.parametrize(
    ("zone", "now", "until"),
    [
        ("Asia/Kolkata", "2026-11-21T10:20+05:30", "2026-11-21T11:00+05:30"),
        ("Asia/Kathmandu", "2026-11-21T10:20+05:45", "2026-11-21T11:00+05:45"),
        ("Australia/Lord_Howe", "2026-10-04T01:45+10:30", "2026-10-04T03:00+11:00"),  # 02:00 is skipped
        ("Australia/Lord_Howe", "2026-04-05T01:45+11:00", "2026-04-05T02:00+10:30"),  # 01:30 comes twice
    ],
)
def test_the_full_hour_is_that_of_the_clock_in_its_zone(zone, now, until):
    assert held(Timing(zone, digest=Digest("hourly")), now) == (Reason.DIGEST, at(until))
    assert held(Timing(zone, per_hour=1), now, sent=Sent(1)) == (Reason.OVER_CAP, at(until))


@pytest.mark.parametrize(
    ("digest", "quiet", "within"),
    [
        (Digest("daily", time(23)), NIGHT, True),
        (Digest("weekly", time(6, 59)), NIGHT, True),
        (Digest("daily", time(7)), NIGHT, False),
        (Digest("daily", time(12)), NOON, True),
        (Digest("daily", time(8)), NOON, False),
        (Digest("hourly"), NIGHT, False),
        (None, NIGHT, False),
    ],
)
def test_a_digest_s_time_may_lie_in_quiet_hours(digest, quiet, within):
    assert in_quiet_hours(Timing(digest=digest, quiet=quiet)) is within


ZONES = [
    "Asia/Shanghai",  # none
    "Europe/Berlin",  # at 02:00
    "America/New_York",
    "Australia/Lord_Howe",  # by half an hour
    "America/Santiago",  # at midnight, south
    "Africa/Cairo",  # at midnight
]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [time(0), time(0, 30), time(1, 45), time(2, 30), time(8), time(23, 59)])
def test_over_ten_years_no_daily_digest_is_skipped_or_doubled(zone, hour):
    now = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC) - timedelta(seconds=1)
    moments = []
    while len(moments) < 3653:
        now = next_digest(Digest("daily", hour), zone, now)
        moments.append(now.astimezone(ZoneInfo(zone)))
    days = [moment.date() for moment in moments]
    assert days == [date(2026, 1, 1) + timedelta(days=number) for number in range(3653)]
    # Where the clock skips the hour, the digest comes as much later as the clock jumps.
    moved = [moment for moment in moments if moment.time() != hour]
    assert len(moved) <= 10
    assert all(timedelta(0) < _past(moment, hour) <= timedelta(hours=1) for moment in moved)


def _past(moment, hour):
    shown = timedelta(hours=moment.hour, minutes=moment.minute)
    return shown - timedelta(hours=hour.hour, minutes=hour.minute)


@pytest.mark.parametrize("zone", ZONES)
def test_over_ten_years_quiet_hours_always_end_in_the_morning(zone):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    while now < datetime(2036, 1, 1, tzinfo=UTC):
        end = quiet_until(NIGHT, zone, now)
        local = now.astimezone(ZoneInfo(zone)).time()
        assert (end is not None) is (local >= time(22) or local < time(7))
        if end is not None:
            assert now < end <= now + timedelta(hours=10, minutes=1)
            assert end.astimezone(ZoneInfo(zone)).time() == time(7)
        now += timedelta(hours=5, minutes=37)
