"""Remember how each destination is doing: its run of failures, whether it is spared for now, whether it is disabled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from state import outbox
from state.times import instant_or_none, stamp, stamp_or_none


@dataclass(frozen=True, slots=True)
class Health:
    """Hold a destination's condition. `open_until` is its breaker: until then nothing is tried.

    `failures` are tries in a row that failed, the last at `failed_at`. `losses` are messages lost for good since one
    arrived, each half a day or more after the one before, the last at `lost_at`.
    """

    id: str
    failures: int = 0
    failing_since: datetime | None = None
    open_until: datetime | None = None
    disabled_at: datetime | None = None
    why: str | None = None
    failed_at: datetime | None = None
    losses: int = 0
    losing_since: datetime | None = None
    lost_at: datetime | None = None


def health(db: Database, destination: str) -> Health:
    """Give the condition of one destination; one never heard of is well."""
    row = next(iter(db.query("SELECT * FROM destinations WHERE id = ?", [destination])), None)
    return Health(destination) if row is None else _health_of(row)


def every_health(db: Database) -> tuple[Health, ...]:
    """Give the condition of all destinations that ever failed."""
    return tuple(_health_of(row) for row in db.query("SELECT * FROM destinations ORDER BY id"))


def keep(db: Database, condition: Health) -> None:
    """Store the condition of a destination."""
    db.execute(
        """INSERT OR REPLACE INTO destinations (id, failures, failing_since, open_until, disabled_at, why,
               failed_at, losses, losing_since, lost_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            condition.id,
            condition.failures,
            stamp_or_none(condition.failing_since),
            stamp_or_none(condition.open_until),
            stamp_or_none(condition.disabled_at),
            condition.why,
            stamp_or_none(condition.failed_at),
            condition.losses,
            stamp_or_none(condition.losing_since),
            stamp_or_none(condition.lost_at),
        ],
    )


def cut_pauses(db: Database, latest: datetime) -> None:
    """End every pause at `latest` that would last longer: a clock was wrong when it began."""
    db.execute("UPDATE destinations SET open_until = :at WHERE open_until > :at", {"at": stamp(latest)})


def enable(db: Database, destination: str) -> bool:
    """Forget a destination's failures and let it be tried again; tell whether it was disabled."""
    disabled = health(db, destination).disabled_at is not None
    db.execute("DELETE FROM destinations WHERE id = ?", [destination])
    return disabled


def settle_disabled(db: Database, fallbacks: Mapping[str, str], now: datetime) -> int:
    """Park what is due at disabled destinations, in sight and revivable, and pass it on to their fallbacks; count it.

    What is held gathers until its time, as it would have, and then goes on in one message.
    """
    waiting = list(
        db.query(
            # CROSS JOIN keeps SQLite from walking the whole queue: disabled destinations are few.
            """SELECT deliveries.id, destination, why FROM destinations
               CROSS JOIN deliveries ON destination = destinations.id AND state IN ('held', 'due', 'leased')
               WHERE disabled_at IS NOT NULL AND (state = 'due' OR state = 'held' AND due_at <= ?)
               ORDER BY deliveries.rowid""",
            [stamp(now)],
        )
    )
    for row in waiting:
        db.execute(
            "UPDATE deliveries SET state = 'parked', last_error = ?, finished_at = ? WHERE id = ?",
            [f"destination disabled: {row['why']}", stamp(now), row["id"]],
        )
        fallback = fallbacks.get(row["destination"])
        delivery = outbox.find(db, row["id"])
        if fallback is not None and delivery is not None:
            outbox.pass_on(db, delivery, fallback, now)
    return len(waiting)


def _health_of(row: dict[str, object]) -> Health:
    times = {key: instant_or_none(None if row[key] is None else str(row[key])) for key in _TIMES}
    return Health(**{**row, **times})  # type: ignore[arg-type]  # columns are typed by the STRICT table


_TIMES = ("failing_since", "open_until", "disabled_at", "failed_at", "losing_since", "lost_at")
