from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.retry import EMAIL, LONGEST_WISH, WEBHOOK, Schedule, jittered, next_pause, parse_pause

STANDARD = "5s 5m 30m 2h 5h 10h 14h 20h 24h"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("30s", 30),
        ("5m", 300),
        ("2h", 7200),
        ("1d", 86400),
        (" 1.5 h ", 5400),
        ("1h30m", 5400),
        ("2w", 1209600),
    ],
)
def test_lengths_of_time_are_read(text, seconds):
    assert parse_pause(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "5", "s", "-5s", "5 minutes", "1e3s", "9" * 99 + "s", "５s"[::-1]])
def test_other_lengths_are_named_and_refused(text):
    with pytest.raises(ValueError, match="length of time"):
        parse_pause(text)


def test_the_first_ten_tries_are_the_standard_s():
    pauses = [WEBHOOK.pause(attempt, timedelta(0)) for attempt in range(1, 10)]
    assert pauses == [parse_pause(word) for word in STANDARD.split()]
    assert sum(pauses, timedelta(0)) == timedelta(hours=75, minutes=35, seconds=5)


@pytest.mark.parametrize(("schedule", "days"), [(WEBHOOK, 7), (EMAIL, 5)])
def test_then_daily_until_its_days_are_over(schedule, days):
    assert schedule.pause(10, timedelta(days=days) - timedelta(seconds=1)) == timedelta(days=1)
    assert schedule.pause(10, timedelta(days=days)) is None


def test_a_schedule_of_ones_own_ends_with_its_last_pause():
    own = Schedule((timedelta(seconds=1), timedelta(seconds=2)))
    assert [own.pause(attempt, timedelta(0)) for attempt in (1, 2, 3)] == [*own.pauses, None]


def test_jitter_is_spread_over_a_fifth_and_always_the_same():
    hour = timedelta(hours=1)
    pauses = [jittered(hour, f"dl_{number}", 3) for number in range(1000)]
    assert pauses == [jittered(hour, f"dl_{number}", 3) for number in range(1000)]
    assert hour * 0.8 <= min(pauses) < hour * 0.81
    assert hour * 1.19 < max(pauses) <= hour * 1.2


@pytest.mark.parametrize(
    ("wish", "at_least"),
    [
        (timedelta(0), timedelta(seconds=4)),
        (timedelta(hours=3), timedelta(hours=3)),
        (timedelta(days=3650), LONGEST_WISH),
    ],
)
def test_a_receivers_wish_is_granted_up_to_a_day(wish, at_least):
    pause = next_pause(WEBHOOK, delivery_id="dl_1", attempts=1, elapsed=timedelta(0), wished=wish)
    assert at_least <= pause <= max(at_least, timedelta(seconds=6))
