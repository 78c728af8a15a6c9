"""Put alerts and deliveries into the outbox, so that nobody is told of anything twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlite_utils import Database

from state.deliveries import Notice, find, notice_of
from state.held import leave_to_earlier
from state.ids import derived_id
from state.reasons import Reason
from state.records import Alert, Delivery
from state.times import stamp

OPERATORS = "operators"
"""Stands in the place of a subscription where those who run yuewatch are told something."""
_MOST_AT_ONCE = 50
"""More stories than this a message only counts."""


def store(
    db: Database, alerts: Iterable[Alert], deliveries: Iterable[Delivery], now: datetime
) -> tuple[Delivery, ...]:
    """Store alerts and the deliveries that carry them; return the deliveries that stand.

    An alert already stored (story, rule and subscription are its key) is left alone, and no delivery carries it again;
    only one that was silent because of its article alone makes way for one that is not.
    A destination is told of a story once, at the earliest of the times that are asked for; an alert that no
    destination needs gets the reason `told`.
    """
    created = {alert.id: alert for alert in alerts if _insert_alert(db, alert)}
    standing: list[Delivery] = []
    carried: set[str] = set()
    asked: set[str] = set()
    for delivery in _earliest_first(deliveries):
        fresh = tuple(id_ for id_ in delivery.alert_ids if id_ in created)
        asked.update(fresh)
        untold = tuple(id_ for id_ in fresh if not _told(db, created[id_].story_id, delivery))
        if untold:
            standing.append(_insert_delivery(db, delivery, untold, now))
            carried.update(untold)
    for id_ in asked - carried:
        db.execute("UPDATE alerts SET reason = ? WHERE id = ?", [Reason.TOLD, id_])
    return tuple(standing)


def announce(db: Database, deliveries: Iterable[Delivery], now: datetime) -> int:
    """Send alerts that are stored already and were kept silent; give how many go out.

    A story that a destination has been told of stays silent there, and an alert goes out there once.
    """
    announced: set[str] = set()
    for delivery in _earliest_first(deliveries):
        announced.update(_send_untold(db, delivery, now))
    for alert_id in announced:
        db.execute("UPDATE alerts SET reason = ? WHERE id = ?", [Reason.DIGEST, alert_id])
    return len(announced)


def post_update(db: Database, deliveries: Iterable[Delivery], change: str, now: datetime) -> None:
    """Send alerts once more to who was told of them, because something has changed; `change` names what.

    A destination hears of a change once, at the earliest of the times that are asked for.
    """
    for delivery in _earliest_first(deliveries):
        stories = (_alert_story(db, alert_id) for alert_id in delivery.alert_ids)
        untold = [id_ for id_, story in stories if story and not _told(db, story, delivery, change)]
        if untold:
            _insert_delivery(db, delivery, untold, now, change)


def pass_on(db: Database, delivery: Delivery, destination: str, now: datetime) -> bool:
    """Send what a delivery carries to another destination too, as far as that was not told of it; tell whether any was."""
    try:
        notice = notice_of(db, delivery.id)
    except (KeyError, TypeError, ValueError):
        return False  # what cannot be read cannot be told elsewhere either; it stays in sight where it is
    if notice is not None:
        return notify(db, destination, notice, now)
    sent = [_send_copy(db, part, destination, now, change) for change, part in _parts(db, delivery)]
    return any(sent)


def pass_on_parked(db: Database, source: str, destination: str, since: datetime, now: datetime) -> None:
    """Send what was parked at `source` since a time to another destination too, in one message for each subscription."""
    rows = db.query(
        """SELECT id FROM deliveries WHERE state = 'parked' AND destination = ? AND finished_at >= ?
           ORDER BY created, rowid""",
        [source, stamp(since)],
    )
    carrying: dict[tuple[str, str | None], list[Delivery]] = {}
    for delivery in [found for row in list(rows) if (found := find(db, row["id"])) is not None]:
        for change, part in _parts(db, delivery):
            carrying.setdefault((delivery.subscription, change), []).append(part)
        if not delivery.alert_ids:
            pass_on(db, delivery, destination, now)
    for (_, change), parts in carrying.items():
        told = tuple(dict.fromkeys(alert_id for part in parts for alert_id in part.alert_ids))
        for start in range(0, len(told), _MOST_AT_ONCE):
            ids = told[start : start + _MOST_AT_ONCE]
            together = replace(parts[0], id=derived_id("dl", source, *ids), alert_ids=ids)
            _send_copy(db, together, destination, now, change)


def _parts(db: Database, delivery: Delivery) -> list[tuple[str | None, Delivery]]:
    """Part what a delivery tells first from each kind of change that it tells of."""
    rows = db.query(
        "SELECT alert_id, change FROM delivery_alerts WHERE delivery_id = ? ORDER BY alert_id", [delivery.id]
    )
    told: dict[str | None, list[str]] = {}
    for row in rows:
        told.setdefault(row["change"], []).append(row["alert_id"])
    return [(change, replace(delivery, alert_ids=tuple(ids))) for change, ids in told.items()]


def _send_copy(
    db: Database, delivery: Delivery, destination: str, now: datetime, change: str | None
) -> tuple[str, ...]:
    """Send the same alerts to another destination, at once unless they are held; give those it was not told of."""
    marks = (change,) if change else ()
    copy = replace(
        delivery, id=derived_id("dl", destination, delivery.id, *marks), destination=destination, created=now
    )
    if delivery.state != "held":
        copy = replace(copy, state="due", due_at=now, held_for=None)
    return _send_untold(db, copy, now, change)


def notify(db: Database, destination: str, notice: Notice, now: datetime) -> bool:
    """Tell those who run yuewatch something, once for each `notice.key`; tell whether it is new."""
    change = db.execute(
        """INSERT INTO deliveries (id, destination, subscription, state, created, due_at, notice)
           VALUES (?, ?, ?, 'due', ?, ?, ?) ON CONFLICT DO NOTHING""",
        [
            derived_id("dl", destination, notice.key),
            destination,
            OPERATORS,
            stamp(now),
            stamp(now),
            json.dumps(asdict(notice), ensure_ascii=False),
        ],
    )
    return change.rowcount == 1


def _earliest_first(deliveries: Iterable[Delivery]) -> list[Delivery]:
    return sorted(deliveries, key=lambda delivery: delivery.due_at)


def _send_untold(
    db: Database, delivery: Delivery, now: datetime, change: str | None = None
) -> tuple[str, ...]:
    """Insert a delivery of stored alerts, as far as its destination was not told of their stories, or of a change."""
    alerts = (_alert_story(db, alert_id) for alert_id in delivery.alert_ids)
    untold = tuple(
        alert_id for alert_id, story in alerts if story is not None and not _told(db, story, delivery, change)
    )
    if untold:
        _insert_delivery(db, delivery, untold, now, change)
    return untold


def _alert_story(db: Database, alert_id: str) -> tuple[str, str | None]:
    row = db.execute("SELECT story_id FROM alerts WHERE id = ?", [alert_id]).fetchone()
    return alert_id, None if row is None else str(row[0])


def _insert_alert(db: Database, alert: Alert) -> bool:
    if Reason(alert.reason).delivers:
        of_article = [reason for reason in Reason if reason.is_of_article]
        db.execute(
            f"""DELETE FROM alerts WHERE story_id = ? AND rule = ? AND subscription = ?
                AND reason IN ({",".join("?" * len(of_article))})""",  # noqa: S608 - only question marks are put in
            [alert.story_id, alert.rule, alert.subscription, *of_article],
        )
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


def _told(db: Database, story_id: str, delivery: Delivery, change: str | None = None) -> bool:
    """Tell whether the delivery's destination has been, or is about to be, told of a story, or of a change of it.

    What is held for longer tells nobody yet: it does not keep back what goes out before it.
    """
    row = db.execute(
        """SELECT 1 FROM alerts JOIN delivery_alerts ON alert_id = alerts.id JOIN deliveries ON deliveries.id = delivery_id
           WHERE story_id = :story AND destination = :destination AND deliveries.id <> :id
           AND (:change IS NULL OR change = :change)
           AND state <> 'dropped' AND (state <> 'held' OR due_at <= :due) LIMIT 1""",
        {
            "story": story_id,
            "destination": delivery.destination,
            "id": delivery.id,
            "change": change,
            "due": stamp(delivery.due_at),
        },
    ).fetchone()
    return row is not None


def _insert_delivery(
    db: Database, delivery: Delivery, alert_ids: Sequence[str], now: datetime, change: str | None = None
) -> Delivery:
    """Insert a delivery of these alerts, or let them join a held one of the same id; later ones leave them to it."""
    kept = _named_for(db, replace(delivery, alert_ids=tuple(alert_ids)), delivery, now)
    db.execute(
        """INSERT INTO deliveries (id, destination, subscription, state, created, due_at, held_for)
           VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
        [
            kept.id,
            kept.destination,
            kept.subscription,
            kept.state,
            stamp(kept.created),
            stamp(kept.due_at),
            kept.held_for,
        ],
    )
    for alert_id in alert_ids:
        db.execute(
            "INSERT INTO delivery_alerts (delivery_id, alert_id, change) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [kept.id, alert_id, change],
        )
    leave_to_earlier(db, kept, alert_ids, change)
    return kept


def _named_for(db: Database, kept: Delivery, asked: Delivery, now: datetime) -> Delivery:
    """Give `kept` an id of its own unless it is what was asked for, or may join a delivery still being held."""
    if asked.state == "held":
        while (present := find(db, kept.id)) is not None and present.state == "dropped":
            # That message was given up, not sent: what comes later waits in another for the same time.
            kept = replace(kept, id=derived_id("dl", kept.id, "again"))
        if present is None or present.state == "held":
            return kept
        # That digest has left already: what comes too late for it goes out by itself.
        kept = replace(kept, state="due", due_at=now)
    elif kept.alert_ids == asked.alert_ids:
        return kept
    return replace(kept, id=derived_id("dl", kept.destination, *kept.alert_ids))
