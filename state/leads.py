"""Keep the work list of crawling: every lead ever found, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from state.records import Lead, Origin
from state.times import instant, stamp

# waiting -> done (page stored) | gone (404, robots, not a page) | failed (tries used up)
SCHEMA = (
    """CREATE TABLE leads (
        key TEXT PRIMARY KEY,
        url TEXT NOT NULL,
        source_id TEXT NOT NULL,
        title TEXT,
        published TEXT,
        summary TEXT,
        content TEXT,
        lang TEXT,
        origin TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        found_at TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        next_try TEXT NOT NULL,
        error TEXT
    ) STRICT""",
    "CREATE INDEX leads_todo ON leads (source_id, next_try) WHERE state = 'waiting'",
)

CHANGED = "ALTER TABLE leads ADD COLUMN changed INTEGER NOT NULL DEFAULT 0"
"""Whether `published` is only the time of the last change."""

_INSERT = """INSERT INTO leads (key, url, source_id, title, published, summary, content, lang, changed, origin, found_at, next_try)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"""


def add(db: Database, leads: Iterable[Lead], origin: Origin, now: datetime) -> list[Lead]:
    """Store the leads not known yet, ready to be fetched; give those that were new."""
    at = stamp(now)
    new = []
    for lead in leads:
        row = [
            lead.key,
            lead.url,
            lead.source_id,
            lead.title,
            lead.published,
            lead.summary,
            lead.content,
            lead.lang,
            lead.changed,
        ]
        if db.execute(_INSERT, [*row, origin, at, at]).rowcount:
            new.append(lead)
    return new


def waiting(
    db: Database, source_ids: Sequence[str], now: datetime, limit: int = 1000
) -> list[tuple[Lead, Origin]]:
    """Give the leads of these sources that wait to be fetched, oldest first."""
    marks = ",".join("?" * len(source_ids))
    rows = db.query(
        f"""SELECT * FROM leads WHERE state = 'waiting' AND source_id IN ({marks}) AND next_try <= ?
            ORDER BY found_at, rowid DESC LIMIT ?""",  # noqa: S608 - only question marks are put in
        [*source_ids, stamp(now), limit],
    )
    return [(lead_of(row), row["origin"]) for row in rows]


def earliest_waiting(db: Database) -> dict[str, datetime]:
    """Give, for each source with pages that wait to be fetched, the time from which the first may be."""
    rows = db.query(
        "SELECT source_id, min(next_try) AS due FROM leads WHERE state = 'waiting' GROUP BY source_id"
    )
    return {row["source_id"]: instant(row["due"]) for row in rows}


def find(db: Database, key: str) -> tuple[Lead, dict[str, Any]] | None:
    """Give one lead by its key, with its row."""
    row = next(iter(db.query("SELECT * FROM leads WHERE key = ?", [key])), None)
    return None if row is None else (lead_of(row), row)


def latest(db: Database, source_id: str, limit: int = 500) -> list[Lead]:
    """Give the leads of a source that were found last, whatever became of them."""
    rows = db.query(
        "SELECT * FROM leads WHERE source_id = ? ORDER BY found_at DESC, rowid LIMIT ?", [source_id, limit]
    )
    return [lead_of(row) for row in rows]


def attempts(db: Database, key: str) -> int:
    """Give how often fetching a lead has failed so far."""
    row = db.execute("SELECT attempts FROM leads WHERE key = ?", [key]).fetchone()
    return 0 if row is None else int(row[0])


def postpone(db: Database, key: str, until: datetime) -> None:
    """Leave a lead for later without counting a failure, because its host asked for patience."""
    db.execute("UPDATE leads SET next_try = ? WHERE key = ?", [stamp(until), key])


def mark_done(db: Database, key: str) -> None:
    """Note that the page of a lead is stored; its feed body lies with the page from now on."""
    db.execute("UPDATE leads SET state = 'done', error = NULL, content = NULL WHERE key = ?", [key])


def mark_gone(db: Database, key: str, why: str) -> None:
    """Note that a lead leads nowhere and is not asked for again."""
    db.execute(
        "UPDATE leads SET state = 'gone', attempts = attempts + 1, error = ? WHERE key = ?", [why, key]
    )


def mark_failed(db: Database, key: str, why: str, next_try: datetime | None) -> None:
    """Note a failed fetch; `next_try` None means that its tries are used up."""
    state = "failed" if next_try is None else "waiting"
    db.execute(
        "UPDATE leads SET state = ?, attempts = attempts + 1, error = ?, next_try = coalesce(?, next_try) WHERE key = ?",
        [state, why, None if next_try is None else stamp(next_try), key],
    )


def lead_of(row: dict[str, Any]) -> Lead:
    """Rebuild a lead from its row."""
    return Lead(**{name: row[name] for name in Lead.__dataclass_fields__} | {"changed": bool(row["changed"])})
