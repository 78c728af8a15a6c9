"""What is remembered of a source: validators, rhythm, failures; and the hosts that asked for patience."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from state import leads, sources
from state.database import open_writer
from state.records import Lead
from state.sources import FOR_GOOD, Poll

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
LATER = NOW + timedelta(minutes=30)
GOOD = Poll(
    "gd",
    NOW,
    LATER,
    status=200,
    etag='W/"1"',
    last_modified="Sat, 21 Nov 2026",
    body_hash="aa",
    new_leads=3,
    shown=True,
)


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as opened:
        sources.register(opened, "gd", "https://gd.example/feed", NOW)
        yield opened


def _state(db, name="gd"):
    return sources.all_states(db)[name]


def test_a_new_source_is_due_at_once_and_has_no_baseline_yet(db):
    state = _state(db)
    assert state.next_due == NOW
    assert (state.baselined_at, state.last_poll, state.etag, state.polls) == (None, None, None, 0)


def test_registering_again_changes_nothing_while_the_address_is_the_same(db):
    sources.record_poll(db, GOOD)
    before = _state(db)
    sources.register(db, "gd", "https://gd.example/feed", LATER)
    assert _state(db) == before


def test_a_good_poll_keeps_validators_counts_and_the_first_time_is_the_baseline(db):
    sources.record_poll(db, GOOD)
    state = _state(db)
    assert (state.etag, state.last_modified, state.body_hash) == ('W/"1"', "Sat, 21 Nov 2026", "aa")
    assert (state.baselined_at, state.last_success, state.last_new) == (NOW, NOW, NOW)
    assert (state.polls, state.leads, state.failures, state.last_status) == (1, 3, 0, 200)
    sources.record_poll(db, replace(GOOD, at=LATER, new_leads=0))
    assert (_state(db).baselined_at, _state(db).last_new, _state(db).polls) == (NOW, NOW, 2)


def test_a_failed_poll_keeps_the_validators_and_counts_up(db):
    sources.record_poll(db, GOOD)
    for number in (1, 2):
        sources.record_poll(db, Poll("gd", LATER, LATER, status=500, error="answered HTTP 500"))
        state = _state(db)
        assert (state.etag, state.last_modified, state.body_hash) == ('W/"1"', "Sat, 21 Nov 2026", "aa")
        assert (state.failures, state.last_error, state.last_status) == (number, "answered HTTP 500", 500)
    assert state.last_success == NOW
    sources.record_poll(db, replace(GOOD, at=LATER))
    assert (_state(db).failures, _state(db).last_error) == (0, None)


def test_a_failed_first_poll_is_no_baseline_nor_is_one_that_finds_nothing(db):
    sources.record_poll(db, Poll("gd", NOW, LATER, error="it was down"))
    sources.record_poll(db, replace(GOOD, new_leads=0, shown=False))
    assert _state(db).baselined_at is None
    sources.record_poll(db, replace(GOOD, at=LATER))
    assert _state(db).baselined_at == LATER


def test_a_source_is_met_for_the_first_time_at_each_of_its_addresses(db):
    sources.record_poll(db, GOOD)
    sources.register(db, "gd", "https://gd.example/feed", LATER, "another way of reading")
    assert _state(db).baselined_at == NOW
    sources.register(db, "gd", "https://gd.example/feed2", LATER)
    assert _state(db).baselined_at is None
    assert _state(db).last_success == NOW


@pytest.mark.parametrize("error", [None, "answered HTTP 500"])
def test_a_poll_that_a_reload_overtook_neither_brings_validators_back_nor_puts_the_next_one_off(db, error):
    asked = ("https://gd.example/feed", "")
    sources.register(db, "gd", "https://gd.example/feed", NOW, "ul.news li")
    sources.record_poll(db, replace(GOOD, error=error, asked=asked))
    state = _state(db)
    assert (state.etag, state.last_modified, state.body_hash, state.next_due) == (None, None, None, NOW)
    assert (state.polls, state.failures, state.baselined_at, state.last_poll) == (1, 0, None, NOW)
    sources.record_poll(db, replace(GOOD, asked=(asked[0], "ul.news li")))
    assert (_state(db).body_hash, _state(db).next_due) == ("aa", LATER)


@pytest.mark.parametrize(
    ("etag", "modified", "kept"),
    [
        (None, None, ('W/"1"', "Sat, 21 Nov 2026")),  # a bare 304 says nothing new
        ('"2"', None, ('"2"', "Sat, 21 Nov 2026")),
        ('"2"', "Sun", ('"2"', "Sun")),
    ],
)
def test_an_unchanged_answer_refreshes_the_validators_it_brings_and_keeps_the_rest(db, etag, modified, kept):
    sources.record_poll(db, GOOD)
    sources.record_poll(
        db, Poll("gd", LATER, LATER, status=304, unchanged=True, etag=etag, last_modified=modified)
    )
    state = _state(db)
    assert (state.etag, state.last_modified) == kept
    assert state.body_hash == "aa"


def test_a_changed_answer_without_validators_forgets_the_old_ones(db):
    """Else the next request would ask for news since a version that the site no longer knows."""
    sources.record_poll(db, GOOD)
    sources.record_poll(db, Poll("gd", LATER, LATER, status=200, body_hash="bb"))
    state = _state(db)
    assert (state.etag, state.last_modified, state.body_hash) == (None, None, "bb")


def test_another_address_forgets_the_validators_and_is_due_at_once(db):
    sources.record_poll(db, GOOD)
    sources.register(db, "gd", "https://gd.example/feed2", LATER - timedelta(minutes=5))
    state = _state(db)
    assert (state.etag, state.last_modified, state.body_hash) == (None, None, None)
    assert state.next_due == LATER - timedelta(minutes=5)
    assert state.polls == 1


def test_another_way_of_reading_forgets_the_validators_too(db):
    """Else a mended selector would be met by 304 until the site next changes its page."""
    sources.register(db, "gd", "https://gd.example/feed", NOW, "li.news")
    sources.record_poll(db, GOOD)
    sources.register(db, "gd", "https://gd.example/feed", LATER, "li.news")
    assert _state(db).etag == 'W/"1"'
    sources.register(db, "gd", "https://gd.example/feed", NOW, "ul.news li")
    assert (_state(db).etag, _state(db).body_hash, _state(db).next_due) == (None, None, NOW)


def test_a_poll_of_an_unknown_source_is_no_new_source(db):
    sources.record_poll(db, replace(GOOD, source_id="removed"))
    assert list(sources.all_states(db)) == ["gd"]


def test_sources_can_be_pushed_back(db):
    sources.register(db, "sz", "https://sz.example/feed", NOW)
    sources.postpone(db, ["sz"], LATER)
    assert (_state(db, "sz").next_due, _state(db).next_due) == (LATER, NOW)


def test_a_held_host_is_known_until_its_time_and_a_longer_hold_stands(db):
    sources.hold_host(db, "gd.example", NOW + timedelta(hours=2), "HTTP 429")
    sources.hold_host(db, "gd.example", NOW + timedelta(hours=1), "HTTP 503")
    assert sources.held_hosts(db, NOW) == {"gd.example": NOW + timedelta(hours=2)}
    sources.hold_host(db, "gd.example", NOW + timedelta(hours=3), "HTTP 503")
    assert sources.held_hosts(db, NOW) == {"gd.example": NOW + timedelta(hours=3)}
    assert sources.held_hosts(db, NOW + timedelta(hours=3)) == {}


def test_unblocking_a_host_ends_the_wait_of_what_redirects_to_it(db):
    lead = Lead("https://gd.example/a", "https://gd.example/a", "gd")
    leads.add(db, [lead], "live", NOW)
    sources.block_host(db, "www.gd.example")
    sources.record_poll(db, Poll("gd", NOW, FOR_GOOD, error="www.gd.example is blocked", blameless=True))
    leads.postpone(db, lead.key, FOR_GOOD)
    assert not sources.unblock_host(db, "sz.example", LATER)
    assert _state(db).next_due == FOR_GOOD
    assert sources.unblock_host(db, "www.gd.example", LATER)
    assert _state(db).next_due == LATER
    assert leads.waiting(db, ["gd"], LATER) == [(lead, "live")]


def test_the_latest_crawl_delay_of_each_site_is_known(db):
    secure, plain = "https://gd.example", "http://gd.example"
    for site, seconds in ((secure, 5.0), (plain, 1e9), (secure, 2.0)):
        sources.keep_crawl_delay(db, site, seconds)
    assert sources.crawl_delays(db) == {secure: 2.0, plain: 1e9}
    sources.keep_crawl_delay(db, plain, None)
    assert sources.crawl_delays(db) == {secure: 2.0}


def test_a_source_that_is_known_may_have_been_asked_whether_or_not_that_was_recorded(tmp_path):
    with open_writer(tmp_path / "new.db") as opened:
        assert not sources.may_have_been_asked(opened)
        sources.register(opened, "gd", "https://gd.example/feed", NOW)
        assert sources.may_have_been_asked(opened)
