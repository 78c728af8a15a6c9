"""Keep alerts and their deliveries: the table is the state machine.

held ──release──► due ──claim──► leased ──┬─► delivered
                   ▲                      ├─► due (retry later)
                   └── lease runs out ────┤
                                          └─► parked ──retry──► due

An open delivery (held, due, leased) is claimable as soon as its `due_at` has passed: for a held one that is its
release, for a leased one the end of its lease. So one query releases, claims and rescues, and no other job exists
that could be forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlite_utils import Database

from state.deliveries import find, listing, load_delivery
from state.outbox_schema import SCHEMA
from state.posting import announce, notify, pass_on, pass_on_parked, post_update, store
from state.records import Delivery, DeliveryState
from state.times import instant, stamp

__all__ = [
    "SCHEMA",
    "Attempt",
    "OutcomeName",
    "agenda",
    "announce",
    "claim",
    "count_open",
    "drop",
    "find",
    "listing",
    "load_delivery",
    "notify",
    "park_strays",
    "pass_on",
    "pass_on_parked",
    "post_update",
    "record",
    "release_leases",
    "retry",
    "revive_strays",
    "send_instead",
    "store",
    "tried",
]

OutcomeName = Literal["delivered", "retry_later", "ambiguous", "refused", "gone"]

_OPEN_STATES: tuple[DeliveryState, ...] = ("held", "due", "leased")
_OPEN = "state IN ('held', 'due', 'leased')"
_WAITING = f"FROM deliveries INDEXED BY deliveries_open WHERE {_OPEN}"
_AGENDA = f"""WITH RECURSIVE waiting (id) AS (
        SELECT min(destination) {_WAITING}
        UNION ALL
        SELECT (SELECT min(destination) {_WAITING} AND destination > waiting.id) FROM waiting WHERE id IS NOT NULL
    )
    SELECT waiting.id AS destination,
        max((SELECT min(due_at) {_WAITING} AND destination = waiting.id), coalesce(open_until, '')) AS at
    FROM waiting LEFT JOIN destinations ON destinations.id = waiting.id
    WHERE waiting.id IS NOT NULL AND disabled_at IS NULL"""  # noqa: S608 - only constants are put in


@dataclass(frozen=True, slots=True)
class Attempt:
    """Report one try of a delivery. `why` never holds an address, a secret or foreign text."""

    delivery_id: str
    at: datetime
    outcome: OutcomeName
    why: str = ""
    took: timedelta = timedelta(0)


def claim(
    db: Database,
    now: datetime,
    lease: timedelta,
    limit: int,
    *,
    destination: str | None = None,
) -> tuple[Delivery, ...]:
    """Lease up to `limit` deliveries whose time has come (of one destination, if named), oldest first.

    Nobody else is given them until `now + lease`; whoever holds them records an outcome or lets the lease run out.
    A destination that is disabled, or that its breaker spares for now, is passed over.
    """
    # Named, because SQLite would rather walk all that is open by state, and sort it, than look at one destination's.
    whose = "" if destination is None else "AND destination = :destination"
    index = "" if destination is None else "INDEXED BY deliveries_open"
    rows = list(
        db.query(
            f"""SELECT id FROM deliveries {index} WHERE {_OPEN} AND due_at <= :now {whose}
                AND destination NOT IN (SELECT id FROM destinations WHERE disabled_at IS NOT NULL OR open_until > :now)
                ORDER BY due_at, rowid LIMIT :limit""",  # noqa: S608 - only constants are put in
            {"now": stamp(now), "destination": destination, "limit": limit},
        )
    )
    for row in rows:
        db.execute(
            """UPDATE deliveries SET state = 'leased', due_at = ?, since = coalesce(since, ?), attempts = attempts + 1
               WHERE id = ?""",
            [stamp(now + lease), stamp(now), row["id"]],
        )
    return tuple(delivery for row in rows if (delivery := find(db, row["id"])) is not None)


def agenda(db: Database) -> dict[str, datetime]:
    """Tell for each destination with open deliveries when the next is to be claimed; disabled ones are left out.

    Steps from destination to destination through the index: what waits for a dead one costs the others nothing.
    """
    rows = db.query(_AGENDA)
    return {row["destination"]: instant(row["at"]) for row in rows}


def count_open(db: Database) -> int:
    """Count the deliveries that are still to be made."""
    return int(db.execute(f"SELECT count(*) FROM deliveries WHERE {_OPEN}").fetchone()[0])  # noqa: S608 - only a constant is put in


def record(db: Database, attempt: Attempt, state: DeliveryState, due_at: datetime) -> None:
    """Store what an attempt came to and move its delivery to `state`, due again at `due_at` where that is open.

    A delivery that somebody dropped or finished in the meantime keeps its state.
    """
    finished = None if state in _OPEN_STATES else stamp(due_at)
    db.execute(
        "INSERT INTO attempts (delivery_id, at, outcome, why, took_ms) VALUES (?, ?, ?, ?, ?)",
        [
            attempt.delivery_id,
            stamp(attempt.at),
            attempt.outcome,
            attempt.why,
            attempt.took // timedelta(milliseconds=1),
        ],
    )
    db.execute(
        """UPDATE deliveries SET state = ?, due_at = ?, last_error = ?, finished_at = ?
           WHERE id = ? AND state = 'leased'""",
        [state, stamp(due_at), attempt.why or None, finished, attempt.delivery_id],
    )


def tried(db: Database, delivery_id: str, outcome: OutcomeName) -> bool:
    """Tell whether an attempt of this delivery ever came to `outcome`."""
    row = db.execute(
        "SELECT 1 FROM attempts WHERE delivery_id = ? AND outcome = ?", [delivery_id, outcome]
    ).fetchone()
    return row is not None


def release_leases(db: Database, now: datetime) -> int:
    """Make leased deliveries due at once: only for a process that begins, whose predecessor the write lock proves dead."""
    return _change(db, "UPDATE deliveries SET state = 'due', due_at = ? WHERE state = 'leased'", [stamp(now)])


def park_strays(db: Database, known: Iterable[str], now: datetime) -> dict[str, int]:
    """Park what is due at destinations that the configuration does not have; count it by destination.

    What is held waits for its time, so that a corrected configuration finds it as it was.
    """
    strays = """FROM deliveries WHERE (state = 'due' OR state IN ('held', 'leased') AND due_at <= :now)
        AND destination NOT IN (SELECT value FROM json_each(:known))"""
    which = {"now": stamp(now), "known": json.dumps(list(known)), "why": _STRAY}
    rows = db.query(f"SELECT destination, count(*) AS n {strays} GROUP BY 1", which)
    parked = {row["destination"]: row["n"] for row in rows}
    if parked:
        db.execute(
            f"""UPDATE deliveries SET state = 'parked', last_error = :why, finished_at = :now
                WHERE id IN (SELECT id {strays})""",  # noqa: S608 - only a constant is put in
            which,
        )
    return parked


def revive_strays(db: Database, known: Iterable[str], since: datetime, now: datetime) -> int:
    """Make due again what was parked since a time for want of a destination that there is now; return how many."""
    return _change(
        db,
        """UPDATE deliveries SET state = 'due', due_at = :now, since = NULL, attempts = 0, finished_at = NULL
           WHERE state = 'parked' AND last_error = :why AND finished_at >= :since
           AND destination IN (SELECT value FROM json_each(:known))""",
        {"now": stamp(now), "since": stamp(since), "known": json.dumps(list(known)), "why": _STRAY},
    )


def send_instead(
    db: Database, now: datetime, *, to: str, delivery_id: str | None = None, destination: str | None = None
) -> int:
    """Send what waits or is parked (one, or all of one destination) to another destination instead; return how many.

    What is held stays held until its time. The new one hears of no story twice.
    """
    rows = db.query(
        """SELECT id FROM deliveries WHERE state IN ('held', 'due', 'parked')
           AND (:id IS NULL OR id = :id) AND (:destination IS NULL OR destination = :destination) ORDER BY rowid""",
        {"id": delivery_id, "destination": destination},
    )
    found = [delivery for row in list(rows) if (delivery := find(db, row["id"])) is not None]
    sent = [one for one in found if pass_on(db, one, to, now) or one.alert_ids]
    for one in sent:
        db.execute(
            "UPDATE deliveries SET state = 'dropped', last_error = ?, finished_at = ? WHERE id = ?",
            [f"sent to {to} instead", stamp(now), one.id],
        )
    return len(sent)


def retry(
    db: Database,
    now: datetime,
    *,
    delivery_id: str | None = None,
    destination: str | None = None,
    among: Sequence[str] | None = None,
) -> int:
    """Make parked and waiting deliveries due at once, with all their tries ahead of them; return how many.

    Names one delivery, all of one destination, all of several (`among`), or all. The destinations concerned are enabled
    again.
    """
    which = {
        "now": stamp(now),
        "id": delivery_id,
        "destination": destination,
        "among": None if among is None else json.dumps(among),
    }
    db.execute(
        f"""DELETE FROM destinations
            WHERE id IN (SELECT destination FROM deliveries WHERE {_REVIVED})""",  # noqa: S608 - only a constant is put in
        which,
    )
    return _change(
        db,
        f"""UPDATE deliveries SET state = 'due', due_at = :now, since = NULL, attempts = 0, finished_at = NULL
            WHERE {_REVIVED}""",  # noqa: S608 - only a constant is put in
        which,
    )


def drop(
    db: Database, now: datetime, *, delivery_id: str | None = None, destination: str | None = None
) -> int:
    """Give up parked deliveries for good (one, all of one destination, or all), or one that waits; return how many."""
    return _change(
        db,
        """UPDATE deliveries SET state = 'dropped', finished_at = :now
           WHERE (state = 'parked' OR id = :id AND state IN ('held', 'due'))
           AND (:id IS NULL OR id = :id) AND (:destination IS NULL OR destination = :destination)""",
        {"now": stamp(now), "id": delivery_id, "destination": destination},
    )


_STRAY = "no such destination is configured"
_REVIVED = """state IN ('parked', 'due') AND (:among IS NULL OR destination IN (SELECT value FROM json_each(:among)))
    AND (:id IS NULL OR id = :id) AND (:destination IS NULL OR destination = :destination)"""


def _change(db: Database, sql: str, values: list[Any] | dict[str, Any]) -> int:
    return int(db.execute(sql, values).rowcount)
