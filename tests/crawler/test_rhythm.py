"""When a source publishes, learned from what it published."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.rhythm import (
    SLOTS,
    Bounds,
    density,
    expected,
    flat,
    learn,
    next_moment,
    office,
    pressure,
    rates,
    slot_of,
)
from state.rhythms import Rhythm

ZONE = "Asia/Shanghai"
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
MONDAY = datetime(2026, 11, 16, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
BOUNDS = Bounds(every=HOUR / 2, quickest=HOUR / 16, slowest=2 * HOUR)
TUESDAY_TEN = 24 + 10


def _watched(weeks, hours_of_week):
    rhythm = Rhythm(MONDAY, MONDAY)
    for week in range(weeks):
        start = MONDAY + week * WEEK
        rhythm = learn(rhythm, [start + hour * HOUR for hour in hours_of_week], start + WEEK, ZONE)
    return rhythm, MONDAY + weeks * WEEK


def test_hours_of_the_week_are_counted_in_the_source_s_own_zone():
    assert slot_of(MONDAY, ZoneInfo(ZONE)) == 0
    assert slot_of(MONDAY - HOUR, ZoneInfo(ZONE)) == SLOTS - 1
    assert slot_of(MONDAY, ZoneInfo("UTC")) == SLOTS - 8


def test_what_comes_every_tuesday_at_ten_is_expected_then():
    rhythm, now = _watched(6, [TUESDAY_TEN, TUESDAY_TEN + 0.2])
    slots = rates(rhythm, flat(2), now, ZONE)
    assert max(slots) == slots[TUESDAY_TEN]
    assert slots[TUESDAY_TEN] > 20 * slots[TUESDAY_TEN + 5]


def test_what_comes_at_one_hour_of_some_working_days_is_expected_on_the_others_sooner_than_on_sunday():
    rhythm, now = _watched(3, [18, 24 + 18, 72 + 18])
    slots = rates(rhythm, flat(3), now, ZONE)
    assert slots[48 + 18] > slots[6 * 24 + 18]


def test_an_old_rhythm_is_forgotten_for_a_new_one():
    rhythm, now = _watched(10, [18])
    for week in range(6):
        start = now + week * WEEK
        rhythm = learn(rhythm, [start + 9 * HOUR], start + WEEK, ZONE)
    slots = rates(rhythm, flat(1), now + 6 * WEEK, ZONE)
    assert slots[9] > slots[18]


def test_a_hundred_pages_put_online_at_once_are_one_event():
    many = learn(Rhythm(MONDAY, MONDAY), [MONDAY] * 100, MONDAY, ZONE)
    assert sum(many.counts) == 5


def test_items_from_before_let_the_rhythm_begin_earlier():
    rhythm = learn(Rhythm(MONDAY, MONDAY), [MONDAY - 2 * WEEK, MONDAY - WEEK], MONDAY, ZONE)
    assert rhythm.since == MONDAY - 2 * WEEK
    assert sum(rates(rhythm, flat(1), MONDAY, ZONE)) == pytest.approx(1, abs=0.3)


def test_without_a_count_the_prior_holds_and_without_news_it_fades():
    new = Rhythm(MONDAY, MONDAY)
    assert rates(new, office(20), MONDAY, ZONE) == pytest.approx(office(20))
    assert sum(rates(new, office(20), MONDAY + 4 * WEEK, ZONE)) < 10


def test_a_government_source_is_expected_to_publish_when_the_working_day_ends():
    slots = office(20)
    assert sum(slots) == pytest.approx(20)
    assert slots.index(max(slots)) % 24 == 17
    assert slots[17] > slots[5 * 24 + 17]


def test_polls_stand_dense_where_news_comes_and_their_number_stays_the_same():
    slots = office(20)
    factor = pressure([(slots, BOUNDS)])
    moment, gaps = MONDAY, {}
    polls = 0
    while moment < MONDAY + WEEK:
        following = next_moment(slots, BOUNDS, factor, ZONE, moment)
        gaps.setdefault(slot_of(moment, ZoneInfo(ZONE)), following - moment)
        moment, polls = following, polls + 1
    assert polls == pytest.approx(WEEK / BOUNDS.every, rel=0.02)
    assert gaps[17] < BOUNDS.every / 2
    by_night = [gap for slot, gap in gaps.items() if slot // 24 == 6 and slot % 24 < 7]
    assert BOUNDS.every < max(by_night) <= BOUNDS.slowest


@settings(deadline=None)
@given(st.integers(0, 10**9), st.floats(1e-3, 1e3), st.integers(0, 10**6))
def test_no_rhythm_moves_a_poll_out_of_its_bounds(seed, factor, seconds):
    rng = random.Random(seed)
    slots = [rng.choice((0.0, rng.random(), 1e4)) for _ in range(SLOTS)]
    last = MONDAY + timedelta(seconds=seconds)
    wait = next_moment(tuple(slots), BOUNDS, factor, ZONE, last) - last
    a_bit = timedelta(milliseconds=1)
    assert BOUNDS.quickest - a_bit <= wait <= BOUNDS.slowest + a_bit


def test_sources_with_one_budget_share_it_by_what_they_publish():
    busy, still = flat(400), flat(4)
    factor = pressure([(busy, BOUNDS), (still, BOUNDS)])
    assert density(busy[0], BOUNDS, factor) > density(still[0], BOUNDS, factor)
    together = sum(SLOTS * density(slots[0], BOUNDS, factor) for slots in (busy, still))
    assert together == pytest.approx(2 * WEEK / BOUNDS.every, rel=0.01)


def test_what_is_expected_between_two_times_adds_up_over_parts_of_hours():
    slots = office(20)
    middle = MONDAY + 17.5 * HOUR
    whole = expected(slots, ZONE, MONDAY, MONDAY + WEEK)
    assert whole == pytest.approx(20)
    parts = expected(slots, ZONE, MONDAY, middle) + expected(slots, ZONE, middle, MONDAY + WEEK)
    assert parts == pytest.approx(whole)
