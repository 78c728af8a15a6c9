"""Validators are believed until they are caught lying, and now and then everything is asked for all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.leads.leads import Leads
from crawler.pipeline import _store_listing
from crawler.rounds import Listing
from crawler.timetable import Timetable
from spiders.source import _conditions
from state import sources
from state.database import open_writer
from state.records import Lead, Source
from state.sources import SourceState

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOURCE = Source("gd", "feed", "https://gd.example/feed")
TAGGED = SourceState("gd", NOW, etag='"v1"', last_modified="Sat, 21 Nov 2026 08:00:00 GMT")


def test_a_source_is_asked_by_its_validators_but_for_every_forty_eighth_time():
    asked = [bool(_conditions(SOURCE, replace(TAGGED, polls=polls))) for polls in range(96)]
    assert [polls for polls, conditional in enumerate(asked) if not conditional] == [47, 95]


def test_a_source_whose_validators_lie_is_asked_for_everything():
    assert _conditions(SOURCE, replace(TAGGED, validators_lie=True)) == {}


def test_a_listing_that_scripts_fill_is_asked_for_everything_and_the_feed_of_such_a_site_is_not():
    assert _conditions(replace(SOURCE, browser=True, kind="listing"), TAGGED) == {}
    assert _conditions(replace(SOURCE, browser=True), TAGGED) == _conditions(SOURCE, TAGGED) != {}


@pytest.fixture
def look(tmp_path):
    """Look at the source once more; give what is remembered of it."""
    with open_writer(tmp_path / "state.db") as db:
        sources.register(db, "gd", SOURCE.url, NOW)
        moments = iter(range(1, 100))

        def looked(etag, *names, body):
            before = sources.all_states(db)["gd"]
            items = tuple(Lead(f"https://gd.example/{name}", f"gd.example/{name}", "gd") for name in names)
            listing = Listing(SOURCE, before, 200, Leads(items), etag, None, body)
            _store_listing(db, listing, Timetable(), NOW + next(moments) * timedelta(hours=1))
            return sources.all_states(db)["gd"]

        yield looked


def test_the_same_tag_on_new_content_is_a_lie_that_is_remembered_until_the_source_changes(look):
    assert not look('"v1"', "a", body="1").validators_lie
    assert not look('"v2"', "a", "b", body="2").validators_lie
    assert look('"v2"', "a", "b", "c", body="3").validators_lie
    assert look('"v3"', "d", body="4").validators_lie


def test_the_same_weak_tag_on_other_bytes_without_news_is_none(look):
    look('W/"v1"', "a", body="1")
    assert not look('W/"v1"', "a", body="2").validators_lie


def test_a_source_without_validators_does_not_lie(look):
    look(None, "a", body="1")
    assert not look(None, "b", body="2").validators_lie
