"""Remember when something was last done that must neither be skipped nor done twice over a restart."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from state.times import instant, stamp

SCHEMA = ("CREATE TABLE marks (name TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT, WITHOUT ROWID",)


def mark(db: Database, name: str) -> datetime | None:
    """Give when something was last done, None for never."""
    row = db.execute("SELECT at FROM marks WHERE name = ?", [name]).fetchone()
    return None if row is None else instant(row[0])


def set_mark(db: Database, name: str, at: datetime) -> None:
    """Note when something was done."""
    db.execute("INSERT OR REPLACE INTO marks (name, at) VALUES (?, ?)", [name, stamp(at)])
