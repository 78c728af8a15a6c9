"""Keep the archive files that backfills read, the place reached in each, and what could not be used of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class File:
    """Hold one archive file: `offset` and `record` are where the first record not yet ingested begins."""

    number: int
    name: str
    size: int
    state: str = "waiting"
    offset: int = 0
    record: int = 0


def add_fault(db: Database, backfill: str, place: str, why: str) -> None:
    """Note what could not be used of a file, by its place in it; of two reasons the last, which knows more, stands."""
    db.execute(
        "INSERT OR REPLACE INTO backfill_faults (backfill, place, why) VALUES (?, ?, ?)",
        [backfill, place, why],
    )


def add_files(db: Database, backfill: str, files: Sequence[tuple[str, int]]) -> None:
    """Add files that an index led to, in its order; those already known stay as they are."""
    known = {file.name for file in every_file(db, backfill)}
    fresh = [file for file in files if file[0] not in known]
    for number, (name, size) in enumerate(fresh, len(known)):
        add_file(db, backfill, number, name, size)


def every_file(db: Database, backfill: str) -> list[File]:
    """Give the files of a backfill in their order."""
    rows = db.query("SELECT * FROM backfill_files WHERE backfill = ? ORDER BY number", [backfill])
    return [File(**{name: row[name] for name in File.__dataclass_fields__}) for row in rows]


def advance(db: Database, backfill: str, file: File, skipped: int) -> None:
    """Move a file's place on, adding to what was passed over in it."""
    db.execute(
        """UPDATE backfill_files SET state = ?, offset = ?, record = ?, size = ?, skipped = skipped + ?
           WHERE backfill = ? AND number = ?""",
        [file.state, file.offset, file.record, file.size, skipped, backfill, file.number],
    )


def add_file(db: Database, backfill: str, number: int, name: str, size: int) -> None:
    """Add one file with its size in bytes, 0 where it is not known yet."""
    db.execute(
        "INSERT INTO backfill_files (backfill, number, name, size) VALUES (?, ?, ?, ?)",
        [backfill, number, name, size],
    )
