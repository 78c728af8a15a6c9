"""Keep the work list of backfills, so that a killed one goes on exactly where it was.

A backfill is `planning` (its listings are being walked), then `working` (its items have their order), then `done`.
An item is waiting -> claimed (asked for) -> fetched (its page is stored) -> done | failed | skipped. Items are ingested
by position, in blocks of `BLOCK`, each in one transaction: what follows from an article depends on what came before it,
so a backfill that was killed ends with the same stories as one that was not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlite_utils import Database

from state.backfill_files import add_file
from state.backfill_items import Step, append_steps
from state.times import instant, stamp

SCHEMA = (
    """CREATE TABLE backfills (
        id TEXT PRIMARY KEY,
        spec TEXT NOT NULL,
        state TEXT NOT NULL,
        note TEXT,
        created TEXT NOT NULL,
        updated TEXT NOT NULL,
        requests INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    """CREATE TABLE backfill_steps (
        backfill TEXT NOT NULL,
        lane TEXT NOT NULL,
        number INTEGER NOT NULL,
        kind TEXT NOT NULL,
        url TEXT NOT NULL,
        depth INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        found INTEGER NOT NULL DEFAULT 0,
        error TEXT,
        PRIMARY KEY (backfill, lane, number)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE backfill_items (
        backfill TEXT NOT NULL,
        lane TEXT NOT NULL,
        number INTEGER NOT NULL,
        key TEXT NOT NULL,
        position INTEGER,
        address TEXT NOT NULL,
        host TEXT NOT NULL,
        lead TEXT NOT NULL,
        day TEXT,
        captured TEXT,
        state TEXT NOT NULL DEFAULT 'found',
        attempts INTEGER NOT NULL DEFAULT 0,
        next_try TEXT NOT NULL DEFAULT '',
        error TEXT,
        PRIMARY KEY (backfill, key)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX backfill_items_order ON backfill_items (backfill, position)",
    """CREATE INDEX backfill_items_todo ON backfill_items (backfill, host, position)
       WHERE state IN ('waiting', 'claimed')""",
    """CREATE TABLE backfill_files (
        backfill TEXT NOT NULL,
        number INTEGER NOT NULL,
        name TEXT NOT NULL,
        size INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        offset INTEGER NOT NULL DEFAULT 0,
        record INTEGER NOT NULL DEFAULT 0,
        skipped INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (backfill, number)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE backfill_faults (
        backfill TEXT NOT NULL,
        place TEXT NOT NULL,
        why TEXT NOT NULL,
        PRIMARY KEY (backfill, place)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE backfill_articles (
        backfill TEXT NOT NULL,
        url TEXT NOT NULL,
        PRIMARY KEY (backfill, url)
    ) STRICT, WITHOUT ROWID""",
)


_FAMILY = (
    "backfill_steps",
    "backfill_items",
    "backfill_files",
    "backfill_faults",
    "backfill_articles",
    "backfills",
)


BackfillState = Literal["planning", "working", "done"]


@dataclass(frozen=True, slots=True)
class Backfill:
    """Hold one backfill: what was ordered (`spec`, as JSON) and how far it is; `note` says why it stopped."""

    id: str
    spec: str
    state: BackfillState
    created: datetime
    updated: datetime
    requests: int = 0
    bytes: int = 0
    note: str | None = None


def find(db: Database, backfill: str) -> Backfill | None:
    """Give one backfill."""
    row = next(iter(db.query("SELECT * FROM backfills WHERE id = ?", [backfill])), None)
    return None if row is None else _backfill_of(row)


def every(db: Database) -> list[Backfill]:
    """Give all backfills, the latest first."""
    return [_backfill_of(row) for row in db.query("SELECT * FROM backfills ORDER BY created DESC, id")]


def begin(
    db: Database,
    backfill: Backfill,
    lanes: dict[str, tuple[Step, ...]],
    files: Sequence[tuple[str, int]],
) -> Backfill:
    """Store a new backfill with its first steps, or give the one of the same id as it stands.

    A lane is a chain of steps that one host answers, so that a walk along many hosts has one order all the same.
    """
    known = find(db, backfill.id)
    if known is not None:
        return known
    db.execute(
        "INSERT INTO backfills (id, spec, state, created, updated) VALUES (?, ?, ?, ?, ?)",
        [backfill.id, backfill.spec, backfill.state, stamp(backfill.created), stamp(backfill.updated)],
    )
    for lane, steps in lanes.items():
        append_steps(db, backfill.id, lane, steps)
    for number, (name, size) in enumerate(files):
        add_file(db, backfill.id, number, name, size)
    return backfill


def forget(db: Database, backfill: str) -> None:
    """Drop a backfill's work list; the articles it brought stay."""
    for table in _FAMILY:
        column = "id" if table == "backfills" else "backfill"
        db.execute(f"DELETE FROM {table} WHERE {column} = ?", [backfill])  # noqa: S608 - constants


def resume(db: Database, backfill: str) -> None:
    """Let what was claimed be claimed again: whoever claimed it is gone, as the caller has made sure."""
    db.execute(
        "UPDATE backfill_items SET state = 'waiting' WHERE backfill = ? AND state = 'claimed'", [backfill]
    )


def retry(db: Database, backfill: str) -> int:
    """Give everything that failed another chance; give how much that is."""
    pages = db.execute(
        """UPDATE backfill_items SET state = 'waiting', attempts = 0, next_try = ''
           WHERE backfill = ? AND state = 'failed'""",
        [backfill],
    ).rowcount
    steps = db.execute(
        "UPDATE backfill_steps SET state = 'waiting' WHERE backfill = ? AND state = 'failed'", [backfill]
    ).rowcount
    if steps:
        db.execute("UPDATE backfills SET state = 'planning' WHERE id = ?", [backfill])
    elif pages:
        db.execute("UPDATE backfills SET state = 'working' WHERE id = ?", [backfill])
    return int(pages) + int(steps)


def enter(db: Database, backfill: str, state: BackfillState, note: str | None, now: datetime) -> None:
    """Move a backfill to a state, or note why it stopped in the one it is in."""
    db.execute(
        "UPDATE backfills SET state = ?, note = ?, updated = max(updated, ?) WHERE id = ?",
        [state, note, stamp(now), backfill],
    )


def _backfill_of(row: dict[str, Any]) -> Backfill:
    times = {name: instant(row[name]) for name in ("created", "updated")}
    return Backfill(**{name: row[name] for name in Backfill.__dataclass_fields__} | times)
