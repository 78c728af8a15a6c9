"""Stored pages: bytes kept exactly, read until they are read or quarantined."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from state import pages
from state.database import open_writer
from state.records import Lead, Page

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
LEAD = Lead(
    "https://gd.example/1?a=b", "https://gd.example/1", "gd", title="标题", content="<p>feed body</p>"
)
PAGE = Page(
    url=LEAD.url,
    final_url="https://gd.example/1/",
    body=bytes(range(256)) * 10,
    fetched_at=NOW,
    status=200,
    headers={"content-type": "text/html; charset=gb18030"},
    source_id="gd",
    robots="allowed (404)",
)


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as opened:
        yield opened


def _store(db, number=1):
    lead = replace(LEAD, key=f"https://gd.example/{number}", url=f"https://gd.example/{number}")
    pages.store(db, replace(PAGE, url=lead.url), lead, "live", NOW)
    return lead.key


def test_a_page_comes_back_as_it_went_in_with_its_lead_and_origin(db):
    pages.store(db, PAGE, LEAD, "baseline", NOW)
    assert pages.load(db, LEAD.key) == (PAGE, LEAD, "baseline")


def test_an_empty_body_is_a_body(db):
    pages.store(db, replace(PAGE, body=b"", fetched_at=None), LEAD, "live", NOW)
    page, _, _ = pages.load(db, LEAD.key)
    assert (page.body, page.fetched_at) == (b"", None)


def test_bodies_are_stored_compressed(db):
    pages.store(db, replace(PAGE, body=b"<p>nothing new</p>" * 10_000), LEAD, "live", NOW)
    assert db.execute("SELECT length(body) FROM pages").fetchone()[0] < 2_000


def test_pages_wait_in_the_order_they_came_until_they_are_done(db):
    keys = [_store(db, number) for number in (3, 1, 2)]
    assert pages.waiting(db) == keys
    pages.mark_done(db, keys[0])
    assert pages.waiting(db) == keys[1:]
    assert pages.state_of(db, keys[0]) == ("done", None)


def test_the_third_reading_that_broke_off_quarantines_with_bytes_and_reason(db):
    key = _store(db)
    assert [pages.mark_unreadable(db, key, f"reason {number}", again=True) for number in (1, 2, 3)] == [
        "waiting",
        "waiting",
        "quarantined",
    ]
    assert pages.waiting(db) == []
    assert pages.state_of(db, key) == ("quarantined", "reason 3")
    (row,) = pages.quarantined(db)
    assert (row["key"], row["attempts"], row["error"]) == (key, 3, "reason 3")
    assert pages.load(db, key)[0].body == PAGE.body


def test_a_page_that_would_read_no_better_a_second_time_is_quarantined_at_once(db):
    key = _store(db)
    assert pages.mark_unreadable(db, key, "it holds no article", again=False) == "quarantined"
    assert pages.state_of(db, key) == ("quarantined", "it holds no article")


def test_quarantined_pages_can_be_let_out_by_address_or_all_with_all_their_tries(db):
    keys = [_store(db, number) for number in (1, 2, 3)]
    for key in keys:
        for _ in range(3):
            pages.mark_unreadable(db, key, "hung", again=True)
    assert pages.retry_all(db, ["https://gd.example/2", "https://unknown.example/"]) == 1
    assert pages.waiting(db) == [keys[1]]
    assert pages.mark_unreadable(db, keys[1], "hung again", again=True) == "waiting"
    assert pages.retry_all(db) == 2
    assert pages.retry_all(db) == 0
    assert sorted(pages.waiting(db)) == keys


def test_a_page_fetched_again_is_read_again(db):
    key = _store(db)
    for _ in range(3):
        pages.mark_unreadable(db, key, "hung", again=True)
    _store(db)
    assert pages.waiting(db) == [key]
    assert pages.state_of(db, key) == ("waiting", None)


def test_an_unknown_page_is_nothing(db):
    assert pages.load(db, "https://nowhere.example/") is None
    assert pages.state_of(db, "https://nowhere.example/") is None
    assert pages.mark_unreadable(db, "https://nowhere.example/", "hung", again=True) == "gone"
