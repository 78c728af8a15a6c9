"""Copy the state while it is in use, and prove that the copy is whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from state.database import open_reader
from state.errors import StateError


def back_up(state: Path, target: Path) -> int:
    """Write a consistent copy of `state` to `target` and check it; return its number of database pages.

    The copy appears under its name only when it is whole. Raises StateError where the check finds damage, or where
    `target` is the state file itself, which a running daemon would go on writing to unseen.
    """
    if target.exists() and state.exists() and target.samefile(state):
        raise StateError(f"{target} is the state file itself; nothing was changed. Name another file.")
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with open_reader(state) as database:
            unfinished.touch(0o600)
            with closing(sqlite3.connect(unfinished)) as copy:
                database.conn.backup(copy)
                verdict = _verdict(copy)
                pages = int(copy.execute("PRAGMA page_count").fetchone()[0])
        if verdict != "ok":
            raise StateError(
                f"the copy of {state} is damaged ({verdict}); the state file itself may be, restore an older backup"
            )
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return pages


def _verdict(copy: sqlite3.Connection) -> str:
    """Give what SQLite says of a file's integrity; some damage it reports, over some it stumbles."""
    try:
        return str(copy.execute("PRAGMA integrity_check").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)
