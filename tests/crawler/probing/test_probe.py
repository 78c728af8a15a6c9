"""Whole probes of made-up sites. All makes: `make bench-sources`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

AID = Path(__file__).parents[2] / "aids" / "probing.py"
SITES = (
    "next_data",
    "relative_dates",
    "behind_news",
    "feed_that_lies",
    "forbidden",
    "login_wall",
    "broken_hints",
)


@pytest.fixture(scope="module")
def found():
    done = subprocess.run(
        [sys.executable, AID, *SITES], capture_output=True, text=True, check=True, timeout=600
    )
    return {row["make"]: row for row in map(json.loads, done.stdout.splitlines())}


def best(row):
    assert row["works"], row["remarks"]
    return row["candidates"][0]["entry"]


def test_json_inside_a_page_becomes_a_source(found):
    assert best(found["next_data"])["json"]["script"] == "script#__NEXT_DATA__"


def test_relative_days_are_read_from_where_they_stand(found):
    assert best(found["relative_dates"])["listing"]["date"] == "span.flash-time"


def test_news_behind_the_home_page_is_found(found):
    assert best(found["behind_news"])["url"].endswith("/news")


def test_a_feed_that_is_none_does_not_hide_the_list(found):
    assert best(found["feed_that_lies"])["kind"] == "listing"


def test_a_site_that_forbids_it_is_asked_for_nothing(found):
    row = found["forbidden"]
    assert (row["candidates"], row["requests"]) == ([], 0)
    assert row["robots"] == "its robots.txt forbids it"


def test_a_login_is_told_and_never_made_a_source(found):
    assert not found["login_wall"]["works"]
    assert "asks for a login" in found["login_wall"]["remarks"][0]


def test_hints_that_are_broken_end_in_one_remark(found):
    row = found["broken_hints"]
    assert (row["candidates"], len(row["remarks"])) == ([], 1)
