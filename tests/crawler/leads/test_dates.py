from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.leads.dates import instant, printed_day, stated

SHANGHAI = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("Fri, 20 Nov 2026 10:05:00 +0800", "2026-11-20T10:05:00+08:00"),
        ("Fri, 20 Nov 2026 02:05:00 GMT", "2026-11-20T02:05:00+00:00"),
        ("2026-11-20T10:05:00+08:00", "2026-11-20T10:05:00+08:00"),
        ("2026-11-20T02:05:00Z", "2026-11-20T02:05:00+00:00"),
        ("Fri, 20 Nov 2026 10:05:00 CST", "2026-11-20T10:05:00+08:00"),
        ("Fri Nov 20 10:05:00 CST 2026", "2026-11-20T10:05:00+08:00"),
        ("Fri, 20 Nov 2026 02:05:00 -0000", "2026-11-20T02:05:00+00:00"),
        ("2026-11-20 10:05:00", "2026-11-20 10:05:00"),
        ("2026-11-20 00:00:00", "2026-11-20"),
        ("2026-11-20", "2026-11-20"),
        ("2026年11月20日 10:05", "2026年11月20日 10:05"),
        ("3小时前", "3小时前"),
        ("1 day ago", "1 day ago"),
        ("  2026-11-20\n 10:05 ", "2026-11-20 10:05"),
        (1795142700, "2026-11-20T10:45:00+08:00"),
        (1795142700000, "2026-11-20T10:45:00+08:00"),
        ("1795142700", "2026-11-20T10:45:00+08:00"),
        (1795104000, "2026-11-20"),
        (0, None),
        (-5, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**30, None),
        ("", None),
        (None, None),
    ],
)
def test_times_are_told_as_the_source_stated_them(raw, told):
    assert stated(raw, SHANGHAI) == told


def test_cst_is_americas_time_in_an_american_source():
    assert stated("Fri, 20 Nov 2026 10:05:00 CST", "America/New_York") == "2026-11-20T10:05:00-06:00"
    assert stated("Fri Nov 20 10:05:00 CST 2026", "America/New_York") == "2026-11-20T10:05:00-06:00"


@pytest.mark.parametrize(
    ("told", "utc"),
    [
        ("2026-11-20T10:05:00+08:00", datetime(2026, 11, 20, 2, 5, tzinfo=UTC)),
        ("2026-11-20 10:05", datetime(2026, 11, 20, 2, 5, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 19, 16, tzinfo=UTC)),
        ("2026年11月20日 10:05", datetime(2026, 11, 20, 2, 5, tzinfo=UTC)),
        ("2026/11/20", datetime(2026, 11, 19, 16, tzinfo=UTC)),
        ("Nov. 20, 2026", datetime(2026, 11, 19, 16, tzinfo=UTC)),
        ("20 November 2026", datetime(2026, 11, 19, 16, tzinfo=UTC)),
        ("2026-11-20 02:05:00 GMT", datetime(2026, 11, 20, 2, 5, tzinfo=UTC)),
        ("2026/11/20 02:05:00 +0000", datetime(2026, 11, 20, 2, 5, tzinfo=UTC)),
        ("Fri, 20 Nov 2026 02:05:00 -0000", datetime(2026, 11, 20, 2, 5, tzinfo=UTC)),
        ("Fri, 20 Nov 2026 02:05:00 CET", datetime(2026, 11, 20, 1, 5, tzinfo=UTC)),
        ("Fri, 20 Nov 2026 10:05:00 GMT+0800", datetime(2026, 11, 20, 2, 5, tzinfo=UTC)),
        ("Nov 20, 2026 10:05 PM", datetime(2026, 11, 20, 14, 5, tzinfo=UTC)),
        ("Fri, 20 Nov 2026 10:05:00", datetime(2026, 11, 20, 2, 5, tzinfo=UTC)),
        ("2026-13-45", None),
        ("3小时前", None),
        ("0001-01-01", None),
        (None, None),
    ],
)
def test_stated_times_can_be_compared(told, utc):
    assert instant(told, SHANGHAI) == utc


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("[2026-11-20]", "2026-11-20"),
        ("发布时间：2026年11月20日 10:05 来源：示例", "2026年11月20日 10:05"),
        ("2026/11/20 10:05:59", "2026/11/20 10:05:59"),
        ("Posted November 3rd, 2026 by Desk", "November 3rd, 2026"),
        ("3 Sept 2026", "3 Sept 2026"),
        ("电话 0755-2026-1120", None),
        ("12026-11-20", None),
        ("共 3 条", None),
    ],
)
def test_the_day_printed_beside_a_link_is_found(text, day):
    assert printed_day(text) == day


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=100), st.integers(), st.floats()))
def test_no_date_whatever_it_is_raises(raw):
    instant(stated(raw, SHANGHAI), SHANGHAI)
