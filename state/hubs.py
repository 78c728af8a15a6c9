"""Keep the hubs that feeds offer, and our subscriptions there: the table is the state machine.

offered ──asked, verified──► active ──renewed before its end──► active
   ▲                           │
   └── refused ◄── denied ─────┤
                               └── source switched off ──► leaving ──verified, or a day later──► gone

`awaits` names what a hub was asked for and may therefore verify; a verification of anything else is refused.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlite_utils import Database

from state.times import instant, instant_or_none, stamp

SCHEMA = (
    """CREATE TABLE hubs (
        source_id TEXT PRIMARY KEY,
        hub TEXT NOT NULL,
        topic TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'offered',
        awaits TEXT,
        token TEXT UNIQUE,
        secret TEXT,
        next_try TEXT NOT NULL,
        lease_until TEXT,
        pushes INTEGER NOT NULL DEFAULT 0,
        strange INTEGER NOT NULL DEFAULT 0,
        remark TEXT
    ) STRICT""",
)

Mode = Literal["subscribe", "unsubscribe"]
HubState = Literal["offered", "active", "refused", "leaving"]

_LEAST_BETWEEN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Subscription:
    """Hold one feed's hub and how we stand with it; `token` and `secret` are None before it was first asked."""

    source_id: str
    hub: str
    topic: str
    state: HubState
    awaits: Mode | None
    token: str | None
    secret: str | None
    next_try: datetime
    lease_until: datetime | None
    pushes: int
    strange: int
    remark: str | None


def offer(db: Database, source_id: str, hub: str, topic: str, now: datetime) -> None:
    """Note the hub that a feed names; another one than before begins anew, under another token."""
    db.execute(
        """INSERT INTO hubs (source_id, hub, topic, next_try) VALUES (?, ?, ?, ?)
           ON CONFLICT (source_id) DO UPDATE SET hub = excluded.hub, topic = excluded.topic, state = 'offered',
               awaits = NULL, token = NULL, secret = NULL, next_try = excluded.next_try, lease_until = NULL, remark = NULL
           WHERE hubs.hub <> excluded.hub OR hubs.topic <> excluded.topic""",
        [source_id, hub, topic, stamp(now)],
    )


def forget(db: Database, source_id: str) -> None:
    """Forget the hub of a feed that names none any more, or that we have left."""
    db.execute("DELETE FROM hubs WHERE source_id = ?", [source_id])


def every(db: Database) -> tuple[Subscription, ...]:
    """Give all of them, by source."""
    return tuple(_subscription(row) for row in db.query("SELECT * FROM hubs ORDER BY source_id"))


def due(db: Database, enabled: Collection[str], now: datetime) -> tuple[tuple[Subscription, Mode], ...]:
    """Give what hubs are to be asked for now; what was left a day ago without an answer is forgotten."""
    found: list[tuple[Subscription, Mode]] = []
    for one in every(db):
        if one.source_id in enabled:
            if one.state == "leaving" or one.next_try <= now:
                found.append((one, "subscribe"))
        elif one.state == "active":
            found.append((one, "unsubscribe"))
        elif one.state == "leaving" and one.next_try <= now:
            forget(db, one.source_id)
    return tuple(found)


def ask(db: Database, source_id: str, mode: Mode, token: str, secret: str, again: datetime) -> None:
    """Note, before a hub is asked, what it may verify from now on, and when to ask again where it does not."""
    state = (
        "CASE WHEN state = 'active' THEN 'active' ELSE 'offered' END" if mode == "subscribe" else "'leaving'"
    )
    db.execute(
        f"UPDATE hubs SET state = {state}, awaits = ?, token = ?, secret = ?, next_try = ? WHERE source_id = ?",  # noqa: S608 - only constants are put in
        [mode, token, secret, stamp(again), source_id],
    )


def fail(db: Database, source_id: str, why: str, again: datetime) -> None:
    """Note that a hub did not take a request, or denied it, and when to ask again."""
    db.execute(
        """UPDATE hubs SET state = CASE WHEN state = 'leaving' THEN state ELSE 'refused' END, awaits = NULL, remark = ?,
           next_try = ? WHERE source_id = ?""",
        [why, stamp(again), source_id],
    )


def verify(db: Database, source_id: str, mode: Mode, lease: timedelta, now: datetime) -> None:
    """Note that a hub verified what it was asked for; a subscription is renewed well before its end."""
    if mode == "unsubscribe":
        forget(db, source_id)
        return
    db.execute(
        """UPDATE hubs SET state = 'active', awaits = NULL, remark = NULL, lease_until = ?, next_try = ?
           WHERE source_id = ?""",
        [stamp(now + lease), stamp(now + lease - min(lease / 4, timedelta(days=1))), source_id],
    )


def ring(db: Database, source_id: str, now: datetime) -> None:
    """Make a feed due that a hub has news of, a minute after its last look at the earliest; a failing one keeps its turn."""
    db.execute("UPDATE hubs SET pushes = pushes + 1 WHERE source_id = ?", [source_id])
    row = db.execute(
        "SELECT last_poll, next_due FROM sources WHERE id = ? AND failures = 0", [source_id]
    ).fetchone()
    if row is not None:
        last = instant_or_none(row[0])
        earliest = now if last is None else max(now, last + _LEAST_BETWEEN)
        due_at = min(instant(row[1]), earliest)
        db.execute("UPDATE sources SET next_due = ? WHERE id = ?", [stamp(due_at), source_id])


def count_strange(db: Database, source_id: str) -> None:
    """Count a push whose signature is not the hub's."""
    db.execute("UPDATE hubs SET strange = strange + 1 WHERE source_id = ?", [source_id])


def _subscription(row: dict[str, object]) -> Subscription:
    times = {"next_try": instant(str(row["next_try"])), "lease_until": instant_or_none(row["lease_until"])}  # type: ignore[arg-type]  # a column of text
    return Subscription(**{**row, **times})  # type: ignore[arg-type]  # columns are typed by the STRICT table
