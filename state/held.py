"""Take out of what is still held what is not to be sent with it any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from state.reasons import Reason
from state.records import Delivery
from state.times import stamp

_HELD = """SELECT delivery_id, alerts.id FROM alerts
    JOIN delivery_alerts ON alert_id = alerts.id JOIN deliveries ON deliveries.id = delivery_id"""
_CONCERNS: dict[str, tuple[Reason, str]] = {
    "rule": (Reason.MUTED, "rule = ?"),
    "story": (Reason.MUTED, "story_id = ?"),
    "subscription": (Reason.MUTED, "alerts.subscription = ?"),
    "source": (Reason.MUTED_ARTICLE, "(SELECT source_id FROM articles WHERE url = article_url) = ?"),
    "organisation": (
        Reason.MUTED_ARTICLE,
        """? IN (SELECT json_extract(entity.value, '$.id') FROM articles, json_each(entities) AS entity
                 WHERE url = article_url)""",
    ),
}
"""Says by the kind of a mute which alerts it silences, and the reason they get."""


def leave_to_earlier(
    db: Database, earlier: Delivery, alert_ids: Iterable[str], change: str | None = None
) -> None:
    """Take what a delivery tells out of deliveries to its destination that are held for longer.

    An update (`change`) takes the place of the same update only, first news that of first news.
    """
    for alert_id in alert_ids:
        _take_out(
            db,
            Reason.TOLD,
            # The plus has SQLite begin at the story's few alerts, not at all that is held.
            """+state = 'held' AND story_id = (SELECT story_id FROM alerts WHERE id = ?)
               AND destination = ? AND due_at > ? AND change IS ?""",
            [alert_id, earlier.destination, stamp(earlier.due_at), change],
        )


def leave_out_muted(db: Database, kind: str, value: str, until: datetime) -> int:
    """Take what a new mute is on out of all that would leave before its end; count it."""
    reason, concerned = _CONCERNS[kind]
    return _take_out(db, reason, f"state = 'held' AND {concerned} AND due_at < ?", [value, stamp(until)])


def drop_strays(db: Database, known: Iterable[str], now: datetime) -> Counter[str]:
    """Drop what is held for subscriptions that the configuration no longer has; count it by subscription."""
    names = list(known)
    rows = db.execute(
        f"""UPDATE deliveries SET state = 'dropped', last_error = 'no such subscription is configured', finished_at = ?
            WHERE state = 'held' AND subscription NOT IN ({",".join("?" * len(names))}) RETURNING subscription""",  # noqa: S608 - only question marks are put in
        [stamp(now), *names],
    ).fetchall()
    return Counter(str(row[0]) for row in rows)


def _take_out(db: Database, reason: Reason, which: str, values: list[Any]) -> int:
    """Take alerts out of held deliveries, giving the reason to those that nothing carries now; count them.

    A delivery that is emptied by this is deleted: nobody has heard of it, and what comes later may open it again.
    """
    rows = db.execute(f"{_HELD} WHERE {which}", values).fetchall()
    for delivery_id, alert_id in rows:
        db.execute(
            "DELETE FROM delivery_alerts WHERE delivery_id = ? AND alert_id = ?", [delivery_id, alert_id]
        )
        db.execute(
            """UPDATE alerts SET reason = ?
               WHERE id = ? AND NOT EXISTS (SELECT 1 FROM delivery_alerts WHERE alert_id = alerts.id)""",
            [reason, alert_id],
        )
        db.execute(
            """DELETE FROM deliveries
               WHERE id = ? AND NOT EXISTS (SELECT 1 FROM delivery_alerts WHERE delivery_id = deliveries.id)""",
            [delivery_id],
        )
    return len(rows)
