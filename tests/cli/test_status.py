"""`yuewatch status`, `backup`, `sources list`, `rules list`, `alerts`, `articles`: looking at the state."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from desk import Desk
from press import story

from state import leads, pages, sources
from state.records import Lead, Page
from state.sources import Poll
from state.writer import Writer

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
SOURCES = [
    {"id": "gd", "kind": "feed", "url": "https://gd.example/feed"},
    {"id": "off", "kind": "feed", "url": "https://off.example/feed", "enabled": False},
]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Prepare a state with an article, a failing source and a quarantined page whose address is not friendly."""
    desk = Desk(tmp_path_factory.mktemp("prepared"))
    desk.write(sources=SOURCES, subscriptions=[{"id": "me"}])
    row = {"url": "https://gd.example/1", "title": story(1), "text": f"{story(1)}."}
    desk.here("import", "-", given=json.dumps(row).encode())

    def write(db):
        sources.register(db, "gd", "https://gd.example/feed", NOW)
        sources.record_poll(db, Poll("gd", NOW, NOW, status=500, error="answered HTTP 500 [bold]\x1b[31m"))
        lead = Lead("https://gd.example/\x1b[31mred", "https://gd.example/2", "gd")
        leads.add(db, [lead], "live", NOW)
        pages.store(db, Page(lead.url, lead.url, b"<p>", NOW), lead, "live", NOW)
        pages.mark_unreadable(db, lead.key, "there is no article in it", again=False)

    with Writer(desk.state) as writer:
        writer.run_now(write)
    return desk.state


@pytest.fixture
def filled(prepared, desk):
    desk.write(sources=SOURCES, subscriptions=[{"id": "me"}])
    shutil.copy(prepared, desk.state)
    return desk


def test_status_counts_what_there_is_and_names_the_linked_sqlite(filled):
    (figures,) = filled.here("status", "--json").rows
    assert figures["daemon_pid"] is None
    assert figures["sqlite"] == sqlite3.sqlite_version
    assert figures["sources"] == {"known": 1, "reached": 0, "failing": 1}
    assert figures["articles"]["stored"] == 1
    assert figures["pages"]["quarantined"] == 1
    assert figures["alerts"]["raised"] == 1
    told = filled.here("status").out
    assert "no daemon running" in told
    assert f"SQLite      {sqlite3.sqlite_version}" in told
    assert "1 failing" in told


def test_status_before_the_first_run_says_what_to_do(desk):
    desk.write()
    told = desk.here("status")
    assert (told.code, "run `yuewatch crawl` or `yuewatch run` first" in told.err) == (1, True)


def test_sources_are_listed_with_how_they_fare_also_before_the_first_run(desk, filled):
    (row,) = filled.here("sources", "list", "--json").rows
    assert (row["id"], row["failures"]) == ("gd", 1)
    assert {row["id"] for row in filled.here("sources", "list", "--all", "--json").rows} == {"gd", "off"}
    desk.state.unlink()
    (row,) = desk.here("sources", "list", "--json").rows
    assert (row["last_success"], row["failures"]) == (None, 0)


def test_tables_show_foreign_text_as_text_without_what_could_fool_a_terminal(filled):
    told = filled.here("sources", "list").out + filled.here("articles", "quarantined").out
    assert "\x1b" not in told
    assert "[bold]" in told


def test_rules_are_listed(filled):
    (row,) = filled.here("rules", "list", "--json").rows
    assert (row["id"], row["kind"]) == ("robot-unveiled", "company")


def test_alerts_are_listed_with_the_reason_they_were_kept_quiet(filled):
    (row,) = filled.here("alerts", "list", "--json").rows
    assert (row["rule"], row["reason"], row["deliveries"]) == ("robot-unveiled", "import", [])
    assert "robot-unveiled" in filled.here("alerts", "list").out
    assert filled.here("alerts", "outgoing").code == 3


def test_quarantined_pages_are_listed_and_let_out(filled):
    (row,) = filled.here("articles", "quarantined", "--json").rows
    assert row["error"] == "there is no article in it"
    assert filled.here("articles", "retry", "https://other.example/").code == 3
    done = filled.here("articles", "retry")
    assert (done.code, done.out.startswith("1 pages will be read again")) == (0, True)
    assert filled.here("articles", "quarantined").code == 3


def test_retrying_or_dropping_what_is_not_there_is_told(filled):
    assert filled.here("alerts", "retry").code == 2
    unknown = filled.here("alerts", "retry", "dl_unknown")
    assert (unknown.code, "there is no parked or waiting delivery dl_unknown" in unknown.err) == (1, True)
    assert filled.here("alerts", "retry", "--all").code == 3
    assert filled.here("alerts", "drop", "--all").code == 3


def test_a_backup_is_a_whole_copy(filled):
    target = filled.folder / "copy.db"
    done = filled.here("backup", target)
    assert (done.code, "integrity checked" in done.out) == (0, True)
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT count(*) FROM articles").fetchone() == (1,)
    restored = filled.here("--state", target, "export", "articles").rows
    assert restored == filled.here("export", "articles").rows


def test_a_backup_that_cannot_be_written_leaves_nothing_and_says_why(filled, desk):
    told = filled.here("backup", filled.folder / "nowhere" / "copy.db")
    assert (told.code, "failed" in told.err) == (1, True)
    assert "the state file itself" in filled.here("backup", filled.state).err
    assert "Traceback" not in told.err


def test_a_state_file_that_is_none_is_told_by_every_verb(desk):
    desk.write()
    desk.state.write_bytes(b"dear diary " * 1000)
    for verb in (["status"], ["export", "articles"], ["alerts", "retry", "--all"]):
        told = desk.here(*verb)
        assert told.code == 1
        assert told.err.startswith(f"yuewatch: cannot open {desk.state} as a state file")
