"""One form of time in the file: UTC, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.times import instant, instant_or_none, stamp, stamp_or_none

ZONES = st.sampled_from(
    [UTC, ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York"), timezone(timedelta(hours=-9, minutes=-30))]
)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001 - hypothesis adds the zone


def test_a_time_is_written_in_utc_with_milliseconds():
    moment = datetime(2026, 11, 21, 18, 39, 0, 123456, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert stamp(moment) == "2026-11-21T10:39:00.123+00:00"


def test_a_time_without_a_zone_cannot_be_stored():
    with pytest.raises(ValueError, match="without a zone"):
        stamp(datetime(2026, 11, 21))  # noqa: DTZ001 - that is the case


def test_a_missing_time_stays_missing():
    assert stamp_or_none(None) is None
    assert instant_or_none(None) is None


@given(MOMENTS)
def test_what_is_written_is_read_back_to_the_millisecond(moment):
    back = instant(stamp(moment))
    assert back.tzinfo is UTC
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)
    assert instant_or_none(stamp_or_none(moment)) == back


@given(MOMENTS, MOMENTS)
def test_text_order_is_time_order(one, other):
    assert (stamp(one) <= stamp(other)) == (instant(stamp(one)) <= instant(stamp(other)))
