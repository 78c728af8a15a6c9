"""The work list of crawling: each link once, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from state import leads
from state.database import open_writer
from state.records import Lead

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
FIRST = Lead(
    url="https://gd.example/1?utm_source=feed",
    key="https://gd.example/1",
    source_id="gd",
    title="关于印发行动方案的通知",
    published="2026-11-21",
    summary="…",
    content="<p>whole</p>",
    lang="zh",
    changed=True,
)
SECOND = Lead("https://gd.example/2", "https://gd.example/2", "gd")
OTHER = Lead("https://sz.example/1", "https://sz.example/1", "sz")


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as opened:
        yield opened


def _waiting(db, now=NOW, sources=("gd", "sz")):
    return [lead.key for lead, _ in leads.waiting(db, sources, now)]


def _row(db, lead=FIRST):
    return leads.find(db, lead.key)[1]


def test_a_new_lead_waits_with_all_that_its_source_said(db):
    assert leads.add(db, [FIRST], "baseline", NOW) == [FIRST]
    assert leads.waiting(db, ["gd"], NOW) == [(FIRST, "baseline")]
    assert leads.find(db, FIRST.key)[0] == FIRST


def test_a_known_lead_is_not_new_by_whatever_address_or_source_it_comes_again(db):
    leads.add(db, [FIRST], "live", NOW)
    again = Lead("https://gd.example/1?utm_source=mail", FIRST.key, "sz")
    assert leads.add(db, [again, SECOND, SECOND], "live", SOON) == [SECOND]
    assert _row(db)["source_id"] == "gd"


def test_waiting_leads_come_oldest_first_also_within_a_listing_and_only_of_the_sources_asked(db):
    leads.add(db, [FIRST], "live", NOW)
    leads.add(db, [SECOND, OTHER], "live", SOON)
    assert _waiting(db, SOON) == [FIRST.key, OTHER.key, SECOND.key]
    assert _waiting(db, SOON, ["sz"]) == [OTHER.key]
    assert _waiting(db, SOON, []) == []
    assert leads.waiting(db, ["gd", "sz"], SOON, limit=1) == [(FIRST, "live")]


def test_a_stored_page_ends_the_waiting_and_takes_the_feed_body_along(db):
    leads.add(db, [FIRST], "live", NOW)
    leads.mark_done(db, FIRST.key)
    assert _waiting(db) == []
    assert (_row(db)["state"], _row(db)["content"]) == ("done", None)


def test_a_failed_fetch_waits_for_its_next_try_and_is_then_asked_for_again(db):
    leads.add(db, [FIRST], "live", NOW)
    leads.mark_failed(db, FIRST.key, "HTTP 500", SOON)
    assert leads.attempts(db, FIRST.key) == 1
    assert _waiting(db, NOW) == []
    assert _waiting(db, SOON) == [FIRST.key]
    assert leads.earliest_waiting(db) == {"gd": SOON}
    leads.mark_done(db, FIRST.key)
    assert (_row(db)["state"], _row(db)["error"]) == ("done", None)


def test_used_up_tries_end_in_failed_with_the_reason_kept(db):
    leads.add(db, [FIRST], "live", NOW)
    leads.mark_failed(db, FIRST.key, "HTTP 500", SOON)
    leads.mark_failed(db, FIRST.key, "HTTP 502", None)
    row = _row(db)
    assert (row["state"], row["attempts"], row["error"]) == ("failed", 2, "HTTP 502")
    assert _waiting(db, SOON) == []
    assert leads.earliest_waiting(db) == {}


def test_what_leads_nowhere_is_not_asked_for_again_even_when_the_source_shows_it_again(db):
    leads.add(db, [FIRST], "live", NOW)
    leads.mark_gone(db, FIRST.key, "robots.txt forbids it")
    assert leads.add(db, [FIRST], "live", SOON) == []
    assert _waiting(db, SOON) == []
    assert (_row(db)["state"], _row(db)["error"]) == ("gone", "robots.txt forbids it")


def test_patience_is_no_failure(db):
    leads.add(db, [FIRST], "live", NOW)
    leads.postpone(db, FIRST.key, SOON)
    assert leads.attempts(db, FIRST.key) == 0
    assert (_waiting(db, NOW), _waiting(db, SOON)) == ([], [FIRST.key])


def test_the_earliest_waiting_page_of_each_source_is_known(db):
    leads.add(db, [FIRST, SECOND, OTHER], "live", NOW)
    leads.postpone(db, FIRST.key, SOON)
    leads.postpone(db, OTHER.key, SOON)
    assert leads.earliest_waiting(db) == {"gd": NOW, "sz": SOON}


def test_an_unknown_lead_is_nothing(db):
    assert leads.find(db, "https://nowhere.example/") is None
    assert leads.attempts(db, "https://nowhere.example/") == 0
    leads.mark_failed(db, "https://nowhere.example/", "HTTP 500", None)
    assert db["leads"].count == 0
