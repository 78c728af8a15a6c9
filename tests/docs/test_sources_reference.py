"""Hold the tables that docs/reference/sources.md shows to what the verbs print."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from crawler.cli.main import main
from state import health, sources
from state.database import open_writer
from state.health import Day, Finding, Repair, Vitals
from state.sources import Poll

PAGE = "docs/reference/sources.md"
LAST = datetime(2026, 11, 20, 8, 12, tzinfo=UTC)
EMPTY = Finding(
    "gdstc-notices",
    "empty",
    "nothing is found in it any more; the page was probably rebuilt",
    "usually 20 items, now none, 2 looks in a row",
    LAST,
)
REPAIR = Repair({"item": "li.news", "date": "em"}, 20, 18, 20, ("关于组织申报人工智能应用场景的通知",))
BUSY = (4, 6, 5, 3, 7, 0, 0, 5, 8, 4, 6, 5, 0, 0)


def shown(folder, *words):
    """Run a verb with the pack of Guangdong, on a terminal 130 columns wide."""
    config = folder / "yuewatch.yaml"
    config.write_text("state: state.db\n")
    done = CliRunner().invoke(main, ["--config", str(config), *words], env={"COLUMNS": "130"})
    assert done.exit_code == 0, done.output
    return [line.rstrip() for line in done.output.splitlines()]


def block(doc, verb):
    (text,) = [text for text in doc(PAGE).blocks("text") if text.startswith(f"$ yuewatch {verb}")]
    return text.splitlines()[1:]


@pytest.fixture
def watched(tmp_path):
    """Keep a state in which one source is well, one fails and one was rebuilt."""
    today = datetime.now(UTC)
    names = [(today - timedelta(days=back)).date().isoformat() for back in reversed(range(14))]
    days = {
        "gdii-notices": [Day(96, 0, new) for new in BUSY],
        "gdstc-gkmlpt": [Day(96, 0, new) for new in BUSY[:12]] + [Day(40, 40), Day(24, 24)],
        "gdstc-notices": [Day(96, 0, new) for new in BUSY[:12]] + [Day(96)] * 2,
    }
    with open_writer(tmp_path / "state.db") as db:
        for name, counted in days.items():
            sources.register(db, name, "https://site.example/", LAST)
            sources.record_poll(db, Poll(name, LAST, LAST, status=200, new_leads=1))
            health.store_vitals(db, name, Vitals(days=dict(zip(names, counted, strict=True))))
        health.settle(db, EMPTY.source_id, [EMPTY], LAST)
        health.propose(db, EMPTY.source_id, REPAIR)
    return list(days)


def test_the_catalogue_is_listed_as_it_is_shown(doc, tmp_path):
    printed = shown(tmp_path, "sources", "list")
    lines = [line for line in block(doc, "sources list") if line != "…"]
    assert len(lines) > 10
    assert [line for line in lines if line not in printed] == []


def test_health_is_told_as_it_is_shown(doc, tmp_path, watched):
    assert shown(tmp_path, "sources", "health", *watched) == block(doc, "sources health")
