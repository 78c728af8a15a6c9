"""Keep the bytes of every page that was fetched, so that a crash re-reads and never re-fetches."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from state.records import Lead, Origin, Page
from state.times import instant_or_none, stamp, stamp_or_none

# waiting -> done | quarantined (three readings failed; bytes and reason kept)
# held: a backfill stored it and reads it in its turn
SCHEMA = (
    """CREATE TABLE pages (
        key TEXT PRIMARY KEY,
        url TEXT NOT NULL,
        final_url TEXT NOT NULL,
        source_id TEXT,
        fetched_at TEXT,
        status INTEGER NOT NULL,
        headers TEXT NOT NULL,
        body BLOB NOT NULL,
        robots TEXT NOT NULL,
        lead TEXT NOT NULL,
        origin TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        attempts INTEGER NOT NULL DEFAULT 0,
        error TEXT,
        stored_at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX pages_open ON pages (state) WHERE state <> 'done'",
)

MAX_READINGS = 3


def store(db: Database, page: Page, lead: Lead, origin: Origin, now: datetime, *, held: bool = False) -> None:
    """Store a page as waiting to be read, replacing an earlier fetch of the same lead.

    One that is `held` is left alone by whoever reads what waits.
    """
    db.execute(
        """INSERT OR REPLACE INTO pages (key, url, final_url, source_id, fetched_at, status, headers, body, robots,
           lead, origin, stored_at, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            lead.key,
            page.url,
            page.final_url,
            page.source_id,
            stamp_or_none(page.fetched_at),
            page.status,
            json.dumps(page.headers, ensure_ascii=False),
            zlib.compress(page.body, 6),
            page.robots,
            json.dumps({name: getattr(lead, name) for name in Lead.__dataclass_fields__}, ensure_ascii=False),
            origin,
            stamp(now),
            "held" if held else "waiting",
        ],
    )


def waiting(db: Database, stored_before: datetime | None = None) -> list[str]:
    """Give the keys of pages that wait to be read, oldest first; those stored before a time, where one is given."""
    rows = db.query(
        "SELECT key FROM pages WHERE state = 'waiting' AND stored_at < coalesce(?, '9') ORDER BY rowid",
        [stamp_or_none(stored_before)],
    )
    return [row["key"] for row in rows]


def load(db: Database, key: str) -> tuple[Page, Lead, Origin] | None:
    """Give a stored page with its lead and origin."""
    row = next(iter(db.query("SELECT * FROM pages WHERE key = ?", [key])), None)
    if row is None:
        return None
    page = Page(
        url=row["url"],
        final_url=row["final_url"],
        body=zlib.decompress(row["body"]),
        fetched_at=instant_or_none(row["fetched_at"]),
        status=row["status"],
        headers=json.loads(row["headers"]),
        source_id=row["source_id"],
        robots=row["robots"],
    )
    return page, Lead(**json.loads(row["lead"])), row["origin"]


def state_of(db: Database, key: str) -> tuple[str, str | None] | None:
    """Give a stored page's state and what went wrong last."""
    row = db.execute("SELECT state, error FROM pages WHERE key = ?", [key]).fetchone()
    return None if row is None else (str(row[0]), row[1])


def mark_done(db: Database, key: str) -> None:
    """Note that a page has become an article (or was found to hold none worth keeping)."""
    db.execute("UPDATE pages SET state = 'done', error = NULL WHERE key = ?", [key])


def mark_unreadable(db: Database, key: str, why: str, *, again: bool) -> str:
    """Note that reading failed; return the page's new state.

    Where reading it `again` may help, the third failure quarantines it; else the first does.
    """
    db.execute(
        """UPDATE pages SET attempts = attempts + 1, error = ?,
           state = CASE WHEN ? AND attempts + 1 < ? THEN 'waiting' ELSE 'quarantined' END WHERE key = ?""",
        [why, again, MAX_READINGS, key],
    )
    row = state_of(db, key)
    return row[0] if row is not None else "gone"


def quarantined(db: Database) -> list[dict[str, Any]]:
    """Give the pages that could not be read, with the reason."""
    return list(
        db.query(
            """SELECT key, url, source_id, fetched_at, attempts, error FROM pages
               WHERE state = 'quarantined' ORDER BY stored_at"""
        )
    )


def quarantined_since(db: Database, moment: datetime) -> int:
    """Count the pages in quarantine that were stored since a time."""
    row = db.execute(
        "SELECT count(*) FROM pages WHERE state = 'quarantined' AND stored_at >= ?", [stamp(moment)]
    ).fetchone()
    return int(row[0])


def retry_all(db: Database, urls: Sequence[str] = ()) -> int:
    """Let quarantined pages (these, or all) be read again; give how many there were."""
    rows = [row["key"] for row in quarantined(db) if not urls or row["url"] in urls]
    for key in rows:
        db.execute("UPDATE pages SET state = 'waiting', attempts = 0 WHERE key = ?", [key])
    return len(rows)
