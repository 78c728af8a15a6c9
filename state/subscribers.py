"""Keep the people that subscribed by command: their addresses stand here and nowhere else.

pending ──confirm──► confirmed ──unsubscribe──► unsubscribed ──add──► pending
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlite_utils import Database

from state.times import instant, instant_or_none, stamp

SubscriberState = Literal["pending", "confirmed", "unsubscribed"]

SCHEMA = (
    """CREATE TABLE subscribers (
        id TEXT PRIMARY KEY,
        address TEXT NOT NULL,
        subscription TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'confirmed', 'unsubscribed')),
        created TEXT NOT NULL,
        asked_at TEXT NOT NULL,
        invited_at TEXT,
        confirmed_at TEXT,
        ended_at TEXT,
        UNIQUE (address, subscription)
    ) STRICT""",
    "CREATE TABLE token_key (value TEXT NOT NULL) STRICT",
)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Hold one person's wish for one subscription; `id` names the person's destination, without the address.

    `asked_at` is the time of the latest request, `invited_at` of the confirmation mail that answered it.
    """

    id: str
    address: str
    subscription: str
    state: SubscriberState
    created: datetime
    asked_at: datetime
    invited_at: datetime | None = None
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None


def add(db: Database, address: str, subscription: str, now: datetime) -> Subscriber:
    """Note a request; one that is confirmed stays so, any other is to be confirmed (again)."""
    db.execute(
        """INSERT INTO subscribers (id, address, subscription, state, created, asked_at)
           VALUES (?, ?, ?, 'pending', ?, ?)
           ON CONFLICT (address, subscription) DO UPDATE SET state = 'pending', asked_at = excluded.asked_at,
               invited_at = NULL, confirmed_at = NULL, ended_at = NULL WHERE state <> 'confirmed'""",
        [f"reader-{secrets.token_hex(8)}", address, subscription, stamp(now), stamp(now)],
    )
    row = next(
        db.query("SELECT * FROM subscribers WHERE address = ? AND subscription = ?", [address, subscription])
    )
    return _subscriber(row)


def find(db: Database, id_: str) -> Subscriber | None:
    """Give one by id."""
    row = next(iter(db.query("SELECT * FROM subscribers WHERE id = ?", [id_])), None)
    return None if row is None else _subscriber(row)


def of_address(db: Database, address: str) -> tuple[Subscriber, ...]:
    """Give all that is kept of an address, in whatever case it is written: nobody may stay because of a capital."""
    rows = db.query(
        "SELECT * FROM subscribers WHERE address = ? COLLATE NOCASE ORDER BY created, id", [address]
    )
    return tuple(_subscriber(row) for row in rows)


def every(db: Database, *, active: bool = False) -> tuple[Subscriber, ...]:
    """Give all subscribers, the oldest first; only those that may be written to where `active`."""
    rows = db.query(
        "SELECT * FROM subscribers WHERE NOT ? OR state <> 'unsubscribed' ORDER BY created, id", [active]
    )
    return tuple(_subscriber(row) for row in rows)


def set_invited(db: Database, id_: str, now: datetime) -> None:
    """Note that the confirmation mail is on its way."""
    db.execute("UPDATE subscribers SET invited_at = ? WHERE id = ?", [stamp(now), id_])


def confirm(db: Database, id_: str, now: datetime) -> None:
    """Note that the person wants it."""
    db.execute("UPDATE subscribers SET state = 'confirmed', confirmed_at = ? WHERE id = ?", [stamp(now), id_])


def unsubscribe(db: Database, id_: str, now: datetime) -> None:
    """Note that the person wants nothing any more, and drop what was on its way."""
    db.execute("UPDATE subscribers SET state = 'unsubscribed', ended_at = ? WHERE id = ?", [stamp(now), id_])
    db.execute(
        """UPDATE deliveries SET state = 'dropped', finished_at = ?
           WHERE destination = ? AND state IN ('held', 'due', 'leased', 'parked')""",
        [stamp(now), id_],
    )


def erase(db: Database, ids: Sequence[str]) -> None:
    """Delete subscribers with every delivery to them, held ones included."""
    for id_ in ids:
        db.execute("DELETE FROM deliveries WHERE destination = ?", [id_])
        db.execute("DELETE FROM destinations WHERE id = ?", [id_])
        db.execute("DELETE FROM subscribers WHERE id = ?", [id_])


def messages(db: Database, id_: str) -> list[dict[str, Any]]:
    """Give what was sent to a subscriber: id, state, times, and the articles it told of."""
    rows = db.query(
        """SELECT deliveries.id, state, deliveries.created, finished_at, group_concat(article_url, char(10)) AS urls
           FROM deliveries LEFT JOIN delivery_alerts ON delivery_id = deliveries.id
           LEFT JOIN alerts ON alerts.id = alert_id
           WHERE destination = ? GROUP BY deliveries.id ORDER BY deliveries.rowid""",
        [id_],
    )
    return [
        {
            "delivery_id": row["id"],
            "state": row["state"],
            "created": row["created"],
            "finished": row["finished_at"],
            "articles": (row["urls"] or "").splitlines(),
        }
        for row in rows
    ]


def token_key(db: Database) -> bytes:
    """Give the key that tokens are signed with, made at first use."""
    row = db.execute("SELECT value FROM token_key").fetchone()
    if row is None:
        db.execute("INSERT INTO token_key (value) VALUES (?)", [secrets.token_hex(32)])
        return token_key(db)
    return bytes.fromhex(row[0])


def _subscriber(row: dict[str, Any]) -> Subscriber:
    return Subscriber(
        id=row["id"],
        address=row["address"],
        subscription=row["subscription"],
        state=row["state"],
        created=instant(row["created"]),
        asked_at=instant(row["asked_at"]),
        invited_at=instant_or_none(row["invited_at"]),
        confirmed_at=instant_or_none(row["confirmed_at"]),
        ended_at=instant_or_none(row["ended_at"]),
    )
