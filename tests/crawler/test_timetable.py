"""When each source is due: by rhythm, within what tier, host and the source itself allow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.timetable import Timetable, is_adaptive, taught
from state.records import Lead, Source
from state.rhythms import Rhythm

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# A Wednesday, 18:00 in Guangzhou; and 3:00 on the Sunday after.
AFTER_WORK = datetime(2026, 11, 18, 10, tzinfo=UTC)
BY_NIGHT = datetime(2026, 11, 21, 19, tzinfo=UTC)
OFFICE = Source(
    "gd", "feed", "https://gd.example/feed", role="issuer", zone="Asia/Shanghai", every=30 * MINUTE
)


def _wait(source, now, asked=None, timetable=None):
    timetable = timetable or Timetable()
    return timetable.next_poll(source, Rhythm(now, now), now, asked) - now


def test_a_government_source_is_asked_often_after_work_and_seldom_by_night():
    assert _wait(OFFICE, AFTER_WORK) < 15 * MINUTE
    assert _wait(OFFICE, BY_NIGHT) > HOUR


@pytest.mark.parametrize(("tier", "bound"), [(1, HOUR), (2, 2 * HOUR), (3, 4 * HOUR)])
@pytest.mark.parametrize("asked", [None, timedelta(days=30)])
def test_no_tier_is_ever_slower_than_its_bound(tier, bound, asked):
    source = replace(OFFICE, tier=tier)
    waits = [_wait(source, BY_NIGHT + step * HOUR / 7, asked) for step in range(7 * 48)]
    assert max(waits) <= bound


def test_a_source_that_wants_to_be_left_alone_is():
    assert _wait(OFFICE, AFTER_WORK, HOUR) == HOUR
    assert _wait(OFFICE, AFTER_WORK, -HOUR) < 15 * MINUTE


def test_the_sources_of_one_host_leave_it_most_of_its_turns():
    crowd = [replace(OFFICE, id=f"gd{number}") for number in range(30)]
    timetable = Timetable.of(crowd, lambda host: {"gd.example": timedelta(seconds=10)}[host])
    assert timetable.bounds(OFFICE).quickest == 20 * MINUTE
    assert Timetable.of(crowd[:1], lambda _: timedelta(0)).bounds(OFFICE).quickest == 225 * timedelta(
        seconds=1
    )


def test_the_sources_of_a_tier_share_their_polls_by_what_they_publish():
    busy = replace(OFFICE, id="busy", expected_per_week=500)
    still = replace(OFFICE, id="still", expected_per_week=1)
    timetable = Timetable()
    timetable.share_budget([busy, still], {}, AFTER_WORK)
    assert _wait(busy, BY_NIGHT, timetable=timetable) < _wait(still, BY_NIGHT, timetable=timetable)
    assert set(timetable.factors) == {2}


@pytest.mark.parametrize("change", [{"adaptive": False}, {"every": timedelta(seconds=20)}])
def test_a_source_that_is_to_be_asked_evenly_or_all_the_time_has_no_rhythm(change):
    source = replace(OFFICE, **change)
    assert not is_adaptive(source)
    for now in (AFTER_WORK, BY_NIGHT):
        assert _wait(source, now) == pytest.approx(source.every, rel=0.11)


def _lead(published):
    return Lead("https://gd.example/1", "gd.example/1", "gd", published=published)


@pytest.mark.parametrize(
    ("published", "hours_ago"),
    [
        ("2026-11-18T17:00:00+08:00", 1),
        ("2026-11-18 16:30", 2),  # in the source's own zone
        ("2026-11-18", 1),  # a day is no hour: it came between the polls
        (None, 1),
        ("2031-01-01T00:00:00+08:00", 1),  # a clock years off teaches nothing
        ("1999-01-01T00:00:00+08:00", 1),
        ("soon", 1),
    ],
)
def test_an_item_teaches_the_hour_it_states_or_else_the_one_between_the_polls(published, hours_ago):
    start = Rhythm(AFTER_WORK - 30 * HOUR, AFTER_WORK - 30 * HOUR)
    rhythm = taught(start, OFFICE, [_lead(published)], AFTER_WORK - 2 * HOUR, AFTER_WORK)
    assert [slot for slot, count in enumerate(rhythm.counts) if count] == [2 * 24 + 18 - hours_ago]


def test_first_contact_teaches_what_a_feed_still_holds_and_nothing_of_items_without_a_time():
    new = Rhythm(AFTER_WORK, AFTER_WORK)
    rhythm = taught(new, OFFICE, [_lead("2026-11-10T18:10:00+08:00"), _lead("2026-11-09")], None, AFTER_WORK)
    assert [slot for slot, count in enumerate(rhythm.counts) if count] == [24 + 18]
    assert rhythm.since < AFTER_WORK - 7 * 24 * HOUR
    assert taught(new, OFFICE, [_lead("2020-11-10T18:10:00+08:00")], None, AFTER_WORK) == new
