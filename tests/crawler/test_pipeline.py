"""The walk of one article where something gives way: the transaction is whole or not there, the others go on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from press import page, rss, story

from crawler.configuration.load import load_configuration
from crawler.leads.address import canonical_key
from crawler.leads.leads import Leads
from crawler.pipeline import Pipeline, _store_listing
from crawler.rounds import Listing
from crawler.station import build_ingest
from crawler.timetable import Timetable
from crawler.workers import NoWorkers
from state import health, leads, pages, sources
from state.errors import FetchError
from state.records import Lead, Page, Source
from state.writer import Writer

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.fixture
def three_pages(desk, loopback):
    """Give a desk whose only source shows three pages, and the site's address."""
    pages = {f"/{number}.html": page(story(number)) for number in range(3)}
    site = loopback.site(pages)
    pages["/feed"] = rss(site, dict.fromkeys(pages, "title"))
    desk.write(
        sources=[{"id": "gd", "kind": "feed", "url": f"{site}/feed", "baseline": False}],
        subscriptions=[{"id": "me"}],
    )
    return site


def _break(db, table, condition):
    """Let the database itself refuse one row, as a flaw of ours would."""
    db.execute(
        f"CREATE TRIGGER broken_{table} BEFORE INSERT ON {table} WHEN {condition} "
        "BEGIN SELECT RAISE(ABORT, 'this row breaks'); END"
    )


def test_articles_over_which_we_stumble_cost_only_themselves_and_leave_nothing_half_done(desk, three_pages):
    with Writer(desk.state) as writer:
        writer.run_now(_break, "articles", "NEW.url LIKE '%/0.html'")  # at the first write of an article
        writer.run_now(_break, "alerts", "NEW.article_url LIKE '%/1.html'")  # and at the last
    first = desk.run("crawl")
    assert "1 new articles" in first.out
    lines = [line for line in first.log if line["event"] == "ingest failed"]
    assert {line["url"] for line in lines} == {f"{three_pages}/0.html", f"{three_pages}/1.html"}
    assert all("this row breaks" in line["error"] for line in lines)
    with closing(sqlite3.connect(desk.state)) as db:
        for name, column in (("articles", "url"), ("matches", "article_url"), ("alerts", "article_url")):
            urls = [row[0] for row in db.execute(f"SELECT {column} FROM {name}")]
            assert urls == [f"{three_pages}/2.html"], name
        assert db.execute("SELECT count(*) FROM stories").fetchone() == (1,)
        db.execute("DROP TRIGGER broken_articles")
        db.execute("DROP TRIGGER broken_alerts")

    assert desk.here("articles", "retry").code == 0
    second = desk.run("crawl")
    assert "2 new articles" in second.out
    assert len(desk.rows("export", "alerts")) == 3


def test_a_page_that_a_crash_left_unread_is_read_by_the_next_crawl_and_not_fetched_again(
    desk, three_pages, loopback
):
    lead = Lead(f"{three_pages}/1.html", canonical_key(f"{three_pages}/1.html"), "gd")
    body = page(story(1)).split(b"\r\n\r\n", 1)[1]

    def as_after_a_crash(db):
        leads.add(db, [lead], "live", NOW)
        pages.store(db, Page(lead.url, lead.url, body, NOW, source_id="gd"), lead, "live", NOW)
        leads.mark_done(db, lead.key)

    with Writer(desk.state) as writer:
        writer.run_now(as_after_a_crash)
    assert "3 new articles" in desk.run("crawl").out
    assert sorted(loopback.paths()) == ["/0.html", "/2.html", "/feed"]
    assert {row["reason"] for row in desk.rows("export", "alerts")} == {"new"}


async def test_where_no_process_can_read_pages_wait_and_no_source_is_blamed(desk, three_pages):
    configuration = load_configuration(desk.file)
    source = configuration.sources["gd"]
    url = f"{three_pages}/0.html"
    lead = Lead(url, canonical_key(url), "gd")
    with Writer(desk.state) as writer:
        pipeline = Pipeline(writer, _Exhausted(), build_ingest(configuration), pytest.fail)
        await writer.run(sources.register, "gd", source.url, NOW)
        await writer.run(leads.add, [lead], "live", NOW)
        await pipeline.keep_page(Page(url, url, page(story(0)), NOW, source_id="gd"), lead, "live")
        assert await writer.run(pages.waiting) == [lead.key]

        before = (await writer.run(sources.all_states))["gd"]
        await pipeline.poll_failed(source, before, NoWorkers("no process for reading could be started"), 200)
        after = (await writer.run(sources.all_states))["gd"]
        await pipeline.seek_repair(source, Page(url, url, b"", NOW))
    assert after.failures == 0
    assert after.next_due <= datetime.now(UTC) + timedelta(minutes=1)


async def test_sites_that_all_stay_away_are_reported_after_an_hour(desk, monkeypatch):
    hosts = ("a.example", "b.example", "c.example")
    desk.write(sources=[{"id": host[0], "kind": "feed", "url": f"https://{host}/feed"} for host in hosts])
    configuration = load_configuration(desk.file)
    clock = [NOW]

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return clock[0].astimezone(tz)

    monkeypatch.setattr("crawler.pipeline.datetime", Clock)
    with Writer(desk.state) as writer:
        pipeline = Pipeline(writer, _Exhausted(), build_ingest(configuration), pytest.fail)
        for source in configuration.sources.values():
            await writer.run(sources.register, source.id, source.url, NOW)
        while clock[0] < NOW + timedelta(hours=3):
            for source in configuration.sources.values():
                before = (await writer.run(sources.all_states))[source.id]
                if before.next_due <= clock[0]:
                    await pipeline.poll_failed(source, before, FetchError("no answer", grade="timeout"), None)
            clock[0] += timedelta(minutes=1)
        found = await writer.run(health.open_findings)
        states = await writer.run(sources.all_states)
    assert {(finding.source_id, finding.kind) for finding in found} == {
        (host[0], "failing") for host in hosts
    }
    assert all(state.polls < 25 for state in states.values())


@pytest.fixture
def look(tmp_path):
    """Give a function that stores one look at a source; it gives the origins of what was new."""
    with Writer(tmp_path / "state.db") as writer:

        def once(shown, at, url="https://gd.example/list"):
            source = Source("gd", "listing", url)
            writer.run_now(sources.register, "gd", url, at)
            before = writer.run_now(sources.all_states)["gd"]
            items = tuple(
                Lead(f"{url}/{name}", f"{url}/{name}", "gd", None, day) for name, day in shown.items()
            )
            listing = Listing(source, before, 200, Leads(items=items), body_hash=str(at), final_url=url)
            new, _ = writer.run_now(_store_listing, listing, Timetable(), at)
            return {lead.url.rsplit("/", 1)[1]: origin for lead, origin in new}

        yield once


def test_a_look_that_finds_nothing_is_no_first_contact_and_only_what_came_since_is_news(look):
    """A mended selector must not alert for all that was there; a page that was really empty must not lose its first."""
    assert look({}, NOW) == {}
    shown = {
        "minutes": "2026-11-21T08:10:00Z",
        "today": "2026-11-21",
        "yesterday": "2026-11-20",
        "undated": None,
    }
    assert look(shown, NOW + timedelta(minutes=30)) == {
        "minutes": "live",
        "today": "live",
        "yesterday": "baseline",
        "undated": "baseline",
    }
    assert look({"late": "2026-11-01"}, NOW + timedelta(hours=1)) == {"late": "live"}


def test_another_address_has_a_first_contact_of_its_own(look):
    assert look({"old": "2026-11-20"}, NOW) == {"old": "baseline"}
    shown = {"older": "2026-11-19", "new": "2026-11-21T08:05:00Z"}
    elsewhere = "https://gd.example/news"
    assert look(shown, NOW + timedelta(minutes=30), elsewhere) == {"older": "baseline", "new": "live"}
    assert look({"late": None}, NOW + timedelta(hours=1), elsewhere) == {"late": "live"}


class _Exhausted:
    """Stand for workers of a machine that has no process left to give."""

    async def run(self, *_):
        raise NoWorkers("no process for reading could be started")
