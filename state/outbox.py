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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlite_utils import Database

from state.ids import derived_id
from state.reasons import Reason
from state.records import Alert, Delivery, DeliveryState
from state.times import instant, stamp

SCHEMA: tuple[str, ...] = (
    """CREATE TABLE alerts (
        id TEXT PRIMARY KEY,
        story_id TEXT NOT NULL,
        rule TEXT NOT NULL,
        subscription TEXT NOT NULL,
        article_url TEXT NOT NULL,
        created TEXT NOT NULL,
        reason TEXT NOT NULL,
        UNIQUE (story_id, rule, subscription)
    ) STRICT""",
    "CREATE INDEX alerts_created ON alerts (created)",
    """CREATE TABLE deliveries (
        id TEXT PRIMARY KEY,
        destination TEXT NOT NULL,
        subscription TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('held', 'due', 'leased', 'delivered', 'parked', 'dropped')),
        created TEXT NOT NULL,
        due_at TEXT NOT NULL,
        since TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        last_error TEXT,
        finished_at TEXT
    ) STRICT""",
    """CREATE INDEX deliveries_open ON deliveries (destination, due_at)
       WHERE state IN ('held', 'due', 'leased')""",
    "CREATE INDEX deliveries_state ON deliveries (state, created)",
    """CREATE TABLE delivery_alerts (
        delivery_id TEXT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
        alert_id TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
        PRIMARY KEY (delivery_id, alert_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX delivery_alerts_alert ON delivery_alerts (alert_id)",
    """CREATE TABLE attempts (
        delivery_id TEXT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
        at TEXT NOT NULL,
        outcome TEXT NOT NULL,
        why TEXT NOT NULL,
        took_ms INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX attempts_delivery ON attempts (delivery_id)",
    """CREATE TABLE destinations (
        id TEXT PRIMARY KEY,
        failures INTEGER NOT NULL DEFAULT 0,
        failing_since TEXT,
        open_until TEXT,
        disabled_at TEXT,
        why TEXT
    ) STRICT""",
)

OutcomeName = Literal["delivered", "retry_later", "ambiguous", "refused", "gone"]

_OPEN = "state IN ('held', 'due', 'leased')"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Report one try of a delivery. `why` never holds an address, a secret or foreign text."""

    delivery_id: str
    at: datetime
    outcome: OutcomeName
    why: str = ""
    took: timedelta = timedelta(0)


def store(
    db: Database, alerts: Iterable[Alert], deliveries: Iterable[Delivery], now: datetime
) -> tuple[Delivery, ...]:
    """Store alerts and the deliveries that carry them; return the deliveries that stand.

    An alert already stored (story, rule and subscription are its key) is left alone, and no delivery carries it again.
    A destination already told of a story is not told twice; an alert that no destination needs gets the reason `told`.
    """
    created = {alert.id: alert for alert in alerts if _insert_alert(db, alert)}
    standing: list[Delivery] = []
    carried: set[str] = set()
    asked: set[str] = set()
    for delivery in deliveries:
        fresh = tuple(id_ for id_ in delivery.alert_ids if id_ in created)
        asked.update(fresh)
        untold = tuple(id_ for id_ in fresh if not _told(db, created[id_].story_id, delivery))
        if untold:
            standing.append(_insert_delivery(db, delivery, untold, now))
            carried.update(untold)
    for id_ in asked - carried:
        db.execute("UPDATE alerts SET reason = ? WHERE id = ?", [Reason.TOLD, id_])
    return tuple(standing)


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
    """
    rows = list(
        db.query(
            f"""SELECT id FROM deliveries WHERE {_OPEN} AND due_at <= :now
                AND (:destination IS NULL OR destination = :destination)
                ORDER BY due_at, rowid LIMIT :limit""",  # noqa: S608 - only a constant is put in
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


def record(db: Database, attempt: Attempt, state: DeliveryState, due_at: datetime) -> None:
    """Store what an attempt came to and move its delivery to `state`, due again at `due_at` where that is open.

    A delivery that somebody dropped or finished in the meantime keeps its state.
    """
    finished = stamp(due_at) if state in ("delivered", "parked", "dropped") else None
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


def release_leases(db: Database, now: datetime) -> int:
    """Make leased deliveries due at once; only for a process that begins, whose predecessor the write lock proves dead."""
    change = db.execute(
        f"UPDATE deliveries SET state = 'due', due_at = ? WHERE {_OPEN} AND state = 'leased'",  # noqa: S608 - only a constant is put in
        [stamp(now)],
    )
    return change.rowcount


def find(db: Database, delivery_id: str) -> Delivery | None:
    """Give one delivery."""
    row = next(iter(db.query("SELECT * FROM deliveries WHERE id = ?", [delivery_id])), None)
    return None if row is None else delivery_of(db, row)


def delivery_of(db: Database, row: dict[str, Any]) -> Delivery:
    """Rebuild a delivery from its row."""
    carried = db.query(
        "SELECT alert_id FROM delivery_alerts WHERE delivery_id = ? ORDER BY alert_id", [row["id"]]
    )
    return Delivery(
        id=row["id"],
        destination=row["destination"],
        subscription=row["subscription"],
        alert_ids=tuple(item["alert_id"] for item in carried),
        state=row["state"],
        due_at=instant(row["due_at"]),
        created=instant(row["created"]),
        attempts=row["attempts"],
        last_error=row["last_error"],
    )


def _insert_alert(db: Database, alert: Alert) -> bool:
    change = db.execute(
        """INSERT INTO alerts (id, story_id, rule, subscription, article_url, created, reason)
           VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
        [
            alert.id,
            alert.story_id,
            alert.rule,
            alert.subscription,
            alert.article_url,
            stamp(alert.created),
            alert.reason,
        ],
    )
    return change.rowcount == 1


def _told(db: Database, story_id: str, delivery: Delivery) -> bool:
    """Tell whether the delivery's destination has been, or is about to be, told of a story.

    A digest still being held tells nobody yet, so it does not keep a message from going out at once.
    """
    silent = ("dropped",) if delivery.state == "held" else ("dropped", "held")
    row = db.execute(
        f"""SELECT 1 FROM alerts JOIN delivery_alerts ON alert_id = alerts.id JOIN deliveries ON deliveries.id = delivery_id
            WHERE story_id = ? AND destination = ? AND deliveries.id <> ?
            AND state NOT IN ({",".join("?" * len(silent))}) LIMIT 1""",  # noqa: S608 - only question marks are put in
        [story_id, delivery.destination, delivery.id, *silent],
    ).fetchone()
    return row is not None


def _insert_delivery(db: Database, delivery: Delivery, alert_ids: Sequence[str], now: datetime) -> Delivery:
    """Insert a delivery of these alerts, or let them join a held one of the same id."""
    kept = _named_for(db, replace(delivery, alert_ids=tuple(alert_ids)), delivery, now)
    db.execute(
        """INSERT INTO deliveries (id, destination, subscription, state, created, due_at) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT DO NOTHING""",
        [kept.id, kept.destination, kept.subscription, kept.state, stamp(kept.created), stamp(kept.due_at)],
    )
    for alert_id in alert_ids:
        db.execute(
            "INSERT INTO delivery_alerts (delivery_id, alert_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [kept.id, alert_id],
        )
    return kept


def _named_for(db: Database, kept: Delivery, asked: Delivery, now: datetime) -> Delivery:
    """Give `kept` an id of its own unless it is what was asked for, or may join a delivery still being held."""
    if asked.state == "held":
        present = find(db, asked.id)
        if present is None or present.state == "held":
            return kept
        # That digest has left already: what comes too late for it goes out by itself.
        kept = replace(kept, state="due", due_at=now)
    elif kept.alert_ids == asked.alert_ids:
        return kept
    return replace(kept, id=derived_id("dl", kept.destination, *kept.alert_ids))
