"""Which lines stood on a host's latest pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from state import furniture
from state.database import open_writer

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as opened:
        yield opened


def test_lines_come_back_with_address_and_title(db):
    furniture.remember(db, "gd.example", "https://gd.example/1", "标题", ["a", "b", "a"], NOW)
    furniture.remember(db, "gd.example", "https://gd.example/2", None, [], NOW)
    assert furniture.pages_of(db, "gd.example") == [
        ("https://gd.example/1", "标题", frozenset({"a", "b"})),
        ("https://gd.example/2", None, frozenset()),
    ]
    assert furniture.pages_of(db, "sz.example") == []


def test_a_page_seen_again_counts_once_with_its_latest_lines(db):
    furniture.remember(db, "gd.example", "https://gd.example/1", "old", ["a"], NOW)
    furniture.remember(db, "gd.example", "https://gd.example/1", "new", ["b"], NOW + timedelta(minutes=1))
    assert furniture.pages_of(db, "gd.example") == [("https://gd.example/1", "new", frozenset({"b"}))]


def test_only_the_latest_pages_of_each_host_are_remembered(db):
    furniture.remember(db, "sz.example", "https://sz.example/1", None, ["z"], NOW)
    for number in range(furniture.PAGES_PER_HOST + 5):
        moment = NOW + timedelta(minutes=number)
        furniture.remember(db, "gd.example", f"https://gd.example/{number}", None, [str(number)], moment)
    kept = [url for url, _, _ in furniture.pages_of(db, "gd.example")]
    assert len(kept) == furniture.PAGES_PER_HOST
    assert kept[0] == "https://gd.example/5"
    assert len(furniture.pages_of(db, "sz.example")) == 1
