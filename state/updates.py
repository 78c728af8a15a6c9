"""Tell what was told already, so that an update can follow it, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from state.deliveries import alert_of
from state.reasons import Reason
from state.records import Alert


@dataclass(frozen=True, slots=True)
class Told:
    """Name an alert, and a destination that it was sent to."""

    alert: Alert
    destination: str


def told(db: Database, story_id: str) -> tuple[Told, ...]:
    """Give what was sent of a story; destinations that had an update on it are left out."""
    rows = db.query(
        """SELECT alerts.*, destination FROM alerts
           JOIN delivery_alerts ON alert_id = alerts.id JOIN deliveries ON deliveries.id = delivery_id
           WHERE story_id = :story AND state IN ('leased', 'delivered') AND destination NOT IN (
               SELECT destination FROM alerts JOIN delivery_alerts ON alert_id = alerts.id
               JOIN deliveries ON deliveries.id = delivery_id WHERE story_id = :story AND change IS NOT NULL)
           ORDER BY alerts.rowid""",
        {"story": story_id},
    )
    return tuple(Told(alert_of(row), row["destination"]) for row in rows)


def followers(db: Database, urls: Sequence[str]) -> frozenset[str]:
    """Give the subscriptions that were told of the stories of some articles."""
    reasons = [reason for reason in Reason if reason.delivers or reason is Reason.TOLD]
    rows = db.execute(
        f"""SELECT DISTINCT subscription FROM alerts WHERE reason IN ({",".join("?" * len(reasons))}) AND story_id IN
            (SELECT story_id FROM articles WHERE url IN ({",".join("?" * len(urls))}))""",  # noqa: S608 - only question marks are put in
        [*reasons, *urls],
    )
    return frozenset(str(row[0]) for row in rows)
