"""When to look again, as pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.schedule import next_fetch, next_poll, next_poll_after_failure
from state.records import Source

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SOURCE = Source("gd", "feed", "https://gd.example/feed", every=30 * MINUTE)


def _about(moment, wait):
    return abs((moment - NOW) - wait) <= wait / 10 + timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("ttl", "wait"),
    [
        (None, 30 * MINUTE),
        (MINUTE, 30 * MINUTE),  # a site cannot make us ask more often than we were told to
        (HOUR, HOUR),
        (2 * HOUR, 2 * HOUR),
        (timedelta(days=30), 2 * HOUR),  # nor let us sleep for a month
        (timedelta(days=-1), 30 * MINUTE),
    ],
)
def test_a_good_poll_is_followed_after_the_interval_stretched_by_the_feed_s_own_ttl(ttl, wait):
    assert _about(next_poll(SOURCE, NOW, ttl), wait)


def test_sources_with_one_interval_drift_apart_and_the_same_moment_gives_the_same_answer():
    moments = {next_poll(Source(f"s{n}", "feed", "https://gd.example"), NOW) for n in range(50)}
    assert len(moments) == 50
    assert next_poll(SOURCE, NOW) == next_poll(SOURCE, NOW)


@pytest.mark.parametrize(
    ("failures", "wait"),
    [
        (1, MINUTE),
        (2, 2 * MINUTE),
        (3, 4 * MINUTE),
        (5, 16 * MINUTE),
        (10, 512 * MINUTE),
        (11, 12 * HOUR),
        (1000, 12 * HOUR),
    ],
)
def test_failures_are_followed_up_soon_then_ever_more_rarely(failures, wait):
    assert _about(next_poll_after_failure(SOURCE, failures, NOW), wait)


def test_a_source_that_is_read_rarely_is_not_tried_more_often_than_every_minute_and_keeps_its_own_longest_wait():
    rare = Source("gd", "feed", "https://gd.example", every=timedelta(days=7))
    assert _about(next_poll_after_failure(rare, 1, NOW), MINUTE)
    assert _about(next_poll_after_failure(rare, 1000, NOW), timedelta(days=7))


@given(failures=st.integers(0, 10**9), minutes=st.integers(1, 30 * 24 * 60))
def test_a_failing_source_is_always_due_again_within_bounds(failures, minutes):
    source = Source("gd", "feed", "https://gd.example", every=timedelta(minutes=minutes))
    due = next_poll_after_failure(source, failures, NOW)
    assert NOW < due <= NOW + 1.1 * max(12 * HOUR, source.every)


@pytest.mark.parametrize(
    ("status", "waits"),
    [
        (None, [5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 24 * HOUR, None, None]),
        (500, [5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 24 * HOUR, None, None]),
        (404, [30 * MINUTE, 6 * HOUR, None, None]),
        (410, [30 * MINUTE, 6 * HOUR, None]),
        (403, [30 * MINUTE, 6 * HOUR, None]),
    ],
)
def test_a_page_is_tried_again_a_bounded_number_of_times(status, waits):
    tries = [next_fetch(attempts, status, NOW) for attempts in range(1, len(waits) + 1)]
    assert [None if moment is None else moment - NOW for moment in tries] == waits
