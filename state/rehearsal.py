"""Rehearse the outbox in memory: the same tables and the same rules, and nobody is told anything."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime

from sqlite_utils import Database

from state.outbox_schema import SCHEMA
from state.times import stamp


@contextmanager
def rehearsal() -> Iterator[Database]:
    """Give an empty outbox that vanishes with the block; `state.outbox.store` and `state.standing` work on it."""
    with closing(sqlite3.connect(":memory:")) as connection:
        database = Database(connection, execute_plugins=False)
        for statement in SCHEMA:
            database.execute(statement)
        yield database


def send_due(db: Database, now: datetime) -> None:
    """Count everything that is due by a time as sent when it was due."""
    db.execute(
        "UPDATE deliveries SET state = 'delivered', since = due_at WHERE state IN ('held', 'due') AND due_at <= ?",
        [stamp(now)],
    )
