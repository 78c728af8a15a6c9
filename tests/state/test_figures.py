"""Counting what the state holds."""

from __future__ import annotations

from datetime import UTC, datetime

from state import articles, leads, matches, pages, sources
from state.database import open_writer
from state.figures import figures
from state.records import Article, Folded, Lead, Match, Page
from state.sources import Poll

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_an_empty_state_counts_nothing_and_every_figure_is_there(tmp_path):
    with open_writer(tmp_path / "state.db") as db:
        counted = figures(db)
    assert {number for family in counted.values() for number in family.values()} == {0}
    assert set(counted) == {
        "sources",
        "leads",
        "pages",
        "articles",
        "stories",
        "matches",
        "alerts",
        "reasons",
        "deliveries",
    }


def test_rows_are_counted_by_family_and_state(tmp_path):
    with open_writer(tmp_path / "state.db") as db:
        for name in ("good", "bad", "new"):
            sources.register(db, name, f"https://{name}.example/", NOW)
        sources.record_poll(db, Poll("good", NOW, NOW, status=200))
        sources.record_poll(db, Poll("bad", NOW, NOW, error="down"))
        found = [Lead(f"https://a.example/{n}", f"https://a.example/{n}", "good") for n in range(4)]
        leads.add(db, found, "live", NOW)
        leads.mark_done(db, found[0].key)
        leads.mark_gone(db, found[1].key, "404")
        leads.mark_failed(db, found[2].key, "500", None)
        for lead in found[:3]:
            pages.store(db, Page(lead.url, lead.url, b"", NOW), lead, "live", NOW)
        pages.mark_done(db, found[0].key)
        pages.mark_unreadable(db, found[1].key, "no article", again=False)
        articles.insert(db, Article(url="1", title="", text="", folded=Folded(1, 9)), "live", NOW)
        articles.insert(db, Article(url="2", title="", text=""), "live", NOW)
        event = Match("r", "policy", "event", "high", ())
        matches.store(db, "1", "st_1", (event, Match("s", "policy", "mention", "high", ())), NOW)
        counted = figures(db)
    assert counted["sources"] == {"known": 3, "reached": 1, "failing": 1}
    assert counted["leads"] == {"found": 4, "waiting": 1, "gone": 1, "failed": 1}
    assert counted["pages"] == {"stored": 3, "unread": 1, "quarantined": 1}
    assert counted["articles"] == {"stored": 2, "folded": 1}
    assert counted["matches"] == {"events": 1, "mentions": 1}
