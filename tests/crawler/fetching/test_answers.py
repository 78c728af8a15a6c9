"""How long an answer says that it holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from scrapy.http import Response

from crawler.fetching.answers import fresh_for


@pytest.mark.parametrize(
    ("control", "age", "seconds"),
    [
        ("max-age=600", None, 600),
        ("public, max-age=600", None, 600),
        ("Public,MAX-AGE=600", "100", 500),
        ('max-age="600"', None, 600),
        ("max-age=600", "nonsense", 600),
        ("max-age=600", "601", None),
        ("max-age=0", None, None),
        ("max-age=-1", None, None),
        ("max-age=600, no-cache", None, None),
        ("no-store, max-age=600", None, None),
        ("s-maxage=600", None, None),
        ("max-age=" + "9" * 25, None, 999_999_999),
        ("", None, None),
        (None, None, None),
    ],
)
def test_what_cache_control_says_less_the_age_is_how_long_to_wait(control, age, seconds):
    headers = {name: value for name, value in (("Cache-Control", control), ("Age", age)) if value is not None}
    wait = fresh_for(Response("https://gd.example/", headers=headers))
    assert wait == (None if seconds is None else timedelta(seconds=seconds))
