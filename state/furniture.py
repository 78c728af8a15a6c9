"""Remember which lines stand on the latest pages of each host, so that what recurs is known as furniture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from state.times import stamp

SCHEMA = (
    """CREATE TABLE page_lines (
        url TEXT PRIMARY KEY,
        host TEXT NOT NULL,
        title TEXT,
        keys TEXT NOT NULL,
        seen_at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX page_lines_host ON page_lines (host, seen_at)",
)

PAGES_PER_HOST = 30
"""Pages remembered of each host: enough to learn from, few enough to forget a redesign within days."""


def remember(
    db: Database, host: str, url: str, title: str | None, keys: Sequence[str], now: datetime
) -> None:
    """Remember the line keys of one page, forgetting the oldest pages of its host."""
    db.execute(
        "INSERT OR REPLACE INTO page_lines (url, host, title, keys, seen_at) VALUES (?, ?, ?, ?, ?)",
        [url, host, title, json.dumps(list(keys)), stamp(now)],
    )
    db.execute(
        """DELETE FROM page_lines WHERE host = :host AND url NOT IN
           (SELECT url FROM page_lines WHERE host = :host ORDER BY seen_at DESC, url LIMIT :keep)""",
        {"host": host, "keep": PAGES_PER_HOST},
    )


def pages_of(db: Database, host: str) -> list[tuple[str, str | None, frozenset[str]]]:
    """Give address, title and line keys of the latest pages of a host."""
    rows = db.query("SELECT url, title, keys FROM page_lines WHERE host = ? ORDER BY seen_at, url", [host])
    return [(row["url"], row["title"], frozenset(json.loads(row["keys"]))) for row in rows]
