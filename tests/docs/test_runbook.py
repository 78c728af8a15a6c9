"""Hold the runbook to the code: every event that is logged has its row, and every reason of an alert."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from alerts.routing import Reason
from state import outbox

PAGE = "deploy/RUNBOOK.md"
ROOT = Path(__file__).parents[2]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


@cache
def _events() -> dict[str, str]:
    """Give every event the daemon logs, with its level, from the source code."""
    events = {}
    for folder in ("alerts", "crawler", "rules", "spiders", "state"):
        for file in (ROOT / folder).rglob("*.py"):
            if file.name == "standalone.py":  # `scrapy crawl`, which is no daemon
                continue
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                match node:
                    case ast.Call(
                        func=ast.Attribute(value=ast.Name(id="log" | "_log"), attr=level),
                        args=[ast.Constant(value=str(event)), *_],
                    ) if level in LEVELS:
                        events.setdefault(event, "error" if level == "exception" else level)
    return events


def test_there_are_events_to_describe():
    assert {"running", "stopped", "poll failed"} <= set(_events())


@pytest.mark.parametrize("event", sorted(_events()))
def test_every_event_has_a_row_with_its_level(doc, event):
    rows = doc(PAGE).section("## Log lines").splitlines()
    row = next((line for line in rows if line.startswith(f"| `{event}` |")), None)
    assert row is not None, f"`{event}` is logged but not in the runbook"
    assert f"| {_events()[event]} |" in row


def test_no_row_describes_an_event_that_is_not_logged(doc):
    rows = [
        line.split("`")[1]
        for line in doc(PAGE).section("## Log lines").splitlines()
        if line.startswith("| `")
    ]
    ours = {row for row in rows if not row.startswith("Spider error")}
    assert ours == set(_events())


@pytest.mark.parametrize("reason", sorted(Reason))
def test_every_reason_of_an_alert_is_described(doc, reason):
    assert f"| `{reason}` |" in doc(PAGE).section("## Why an alert")


@pytest.mark.parametrize("state", ["held", "due", "leased", "delivered", "parked", "dropped"])
def test_every_state_of_a_delivery_is_drawn(doc, state):
    assert f"'{state}'" in "".join(outbox.SCHEMA)
    assert state in doc("docs/explanation/pipeline.md").section("### Deliveries")
