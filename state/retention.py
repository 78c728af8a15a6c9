"""Forget what has been kept long enough: attempts, notices, ended mutes, people who left or never confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from state import subscribers
from state.times import stamp


@dataclass(frozen=True, slots=True)
class Limits:
    """Say how long what is finished is kept; `confirm` is how long a request waits for its confirmation."""

    attempts: timedelta
    notices: timedelta
    subscribers: timedelta
    confirm: timedelta


def prune(db: Database, limits: Limits, now: datetime) -> int:
    """Delete what is older than its limit; give the number of rows.

    Deliveries of alerts stay: they are what keeps a destination from being told twice.
    """
    number = 0
    for statement, limit in (
        (
            """DELETE FROM attempts WHERE at < ? AND delivery_id IN
               (SELECT id FROM deliveries WHERE state IN ('delivered', 'dropped'))""",
            limits.attempts,
        ),
        ("DELETE FROM mutes WHERE until < ?", limits.attempts),
        (
            "DELETE FROM deliveries WHERE notice IS NOT NULL AND state IN ('delivered', 'dropped') AND finished_at < ?",
            limits.notices,
        ),
    ):
        number += db.execute(statement, [stamp(now - limit)]).rowcount
    gone = [
        row["id"]
        for row in db.query(
            """SELECT id FROM subscribers WHERE state = 'unsubscribed' AND ended_at < ?
               OR state = 'pending' AND asked_at < ?""",
            [stamp(now - limits.subscribers), stamp(now - limits.confirm)],
        )
    ]
    subscribers.erase(db, gone)
    return number + len(gone)
