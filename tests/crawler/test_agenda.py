"""What is due: claims of one host's work, and times that outlive the process."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.agenda import Agenda
from state import leads, sources
from state.records import Lead, Source
from state.sources import Poll
from state.writer import Writer

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=30)
NEWS = Source("news", "feed", "https://gd.example/news")
PLANS = Source("plans", "listing", "https://gd.example:443/plans")
SHENZHEN = Source("sz", "feed", "https://sz.example/feed")
OFF = Source("off", "feed", "https://gd.example/off", enabled=False)
LEAD = Lead("https://gd.example/1", "https://gd.example/1", "news")


@pytest.fixture
def writer(tmp_path):
    with Writer(tmp_path / "state.db") as opened:
        yield opened


@pytest.fixture
async def agenda(writer):
    opened = Agenda(writer, {source.id: source for source in (NEWS, SHENZHEN, PLANS, OFF)})
    await opened.register(NOW)
    return opened


def _polled(round_):
    return sorted(source.id for source, _ in round_.polls)


async def test_new_sources_are_due_at_once_grouped_by_host(agenda):
    assert await agenda.due_times() == {"gd.example": NOW, "sz.example": NOW}
    assert _polled(await agenda.claim("gd.example", NOW)) == ["news", "plans"]


async def test_a_source_is_claimed_with_what_is_remembered_of_it(agenda, writer):
    await writer.run(sources.record_poll, Poll("sz", NOW, NOW, status=200, etag='"1"'))
    round_ = await agenda.claim("sz.example", LATER)
    assert [(source, state.etag) for source, state in round_.polls] == [(SHENZHEN, '"1"')]


async def test_what_is_not_due_is_not_claimed(agenda, writer):
    await writer.run(sources.record_poll, Poll("news", NOW, LATER, status=200))
    assert _polled(await agenda.claim("gd.example", NOW)) == ["plans"]
    await writer.run(sources.record_poll, Poll("plans", NOW, LATER + timedelta(hours=1), status=200))
    assert await agenda.due_times() == {"gd.example": LATER, "sz.example": NOW}
    assert _polled(await agenda.claim("gd.example", NOW)) == []
    assert _polled(await agenda.claim("gd.example", LATER)) == ["news"]


async def test_a_disabled_source_is_neither_due_nor_claimed_unless_named(agenda):
    assert "off" not in _polled(await agenda.claim("gd.example", LATER))
    assert _polled(await agenda.claim("gd.example", NOW, only=["off"])) == ["off"]
    assert agenda.hosts() == {"gd.example": (NEWS, PLANS), "sz.example": (SHENZHEN,)}
    assert agenda.hosts(["off", "sz"]) == {"gd.example": (OFF,), "sz.example": (SHENZHEN,)}


async def test_named_sources_are_claimed_due_or_not(agenda, writer):
    await writer.run(sources.record_poll, Poll("news", NOW, LATER, status=200))
    assert _polled(await agenda.claim("gd.example", NOW, only=["news"])) == ["news"]


async def test_pages_that_wait_are_claimed_with_their_host_and_make_it_due(agenda, writer):
    for name in ("news", "plans"):
        await writer.run(sources.record_poll, Poll(name, NOW, LATER, status=200))
    await writer.run(leads.add, [LEAD], "baseline", NOW)
    soon = NOW + timedelta(minutes=5)
    await writer.run(leads.mark_failed, LEAD.key, "HTTP 500", soon)
    assert (await agenda.due_times())["gd.example"] == soon
    assert (await agenda.claim("gd.example", NOW)).leads == ()
    assert (await agenda.claim("gd.example", soon)).leads == ((LEAD, "baseline"),)
    assert (await agenda.claim("gd.example", soon, only=["plans"])).leads == ()


async def test_times_outlive_the_process_and_removed_sources_are_not_due(agenda, writer):
    await writer.run(sources.record_poll, Poll("news", NOW, LATER, status=200))
    again = Agenda(writer, {NEWS.id: NEWS})
    await again.register(LATER)
    assert await again.due_times() == {"gd.example": LATER}


async def test_a_source_that_moved_to_another_host_is_due_there_at_once(agenda, writer):
    await writer.run(sources.record_poll, Poll("sz", NOW, LATER, status=200))
    moved = Agenda(writer, {"sz": replace(SHENZHEN, url="https://new.sz.example/feed")})
    await moved.register(NOW)
    assert await moved.due_times() == {"new.sz.example": NOW}


@pytest.mark.parametrize(
    ("change", "forgets"),
    [
        ({"options": {"item": "ul.news li"}}, True),
        ({"charset": "gb18030"}, True),
        ({"max_leads": 500}, True),
        ({"kind": "feed"}, True),
        ({"name": "Another name", "every": timedelta(hours=9), "tier": 1}, False),
    ],
)
async def test_a_source_that_is_read_in_another_way_is_asked_in_full_again(agenda, writer, change, forgets):
    await writer.run(sources.record_poll, Poll("plans", NOW, LATER, status=200, etag='"1"'))
    await Agenda(writer, {"plans": replace(PLANS, **change)}).register(LATER)
    state = (await writer.run(sources.all_states))["plans"]
    assert (state.etag is None) is forgets


async def test_an_unknown_host_has_nothing_to_do(agenda):
    round_ = await agenda.claim("nowhere.example", NOW)
    assert (round_.polls, round_.leads) == ((), ())
