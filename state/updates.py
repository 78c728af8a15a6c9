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
    """Name an alert, and a destination that was told of its story."""

    alert: Alert
    destination: str


_HEARD = [reason for reason in Reason if reason.delivers or reason is Reason.TOLD]
_MARKS = ",".join(f"'{reason}'" for reason in _HEARD)


def told(db: Database, story_id: str) -> tuple[Told, ...]:
    """Give where a story was sent, with every alert that was raised on it and not silenced.

    A destination told for one subscription is told for all that lead there. Those that had an update are left out.
    """
    rows = db.query(
        f"""SELECT alerts.*, sent.destination FROM alerts JOIN (
               SELECT DISTINCT destination FROM alerts
               JOIN delivery_alerts ON alert_id = alerts.id JOIN deliveries ON deliveries.id = delivery_id
               WHERE story_id = :story AND state IN ('leased', 'delivered')) AS sent
           WHERE story_id = :story AND reason IN ({_MARKS}) AND sent.destination NOT IN (
               SELECT destination FROM alerts JOIN delivery_alerts ON alert_id = alerts.id
               JOIN deliveries ON deliveries.id = delivery_id WHERE story_id = :story AND change IS NOT NULL)
           ORDER BY alerts.rowid""",  # noqa: S608 - only constants are put in
        {"story": story_id},
    )
    return tuple(Told(alert_of(row), row["destination"]) for row in rows)


def followers(db: Database, urls: Sequence[str]) -> frozenset[str]:
    """Give the subscriptions that were told of the stories of some articles."""
    rows = db.execute(
        f"""SELECT DISTINCT subscription FROM alerts WHERE reason IN ({_MARKS}) AND story_id IN
            (SELECT story_id FROM articles WHERE url IN ({",".join("?" * len(urls))}))""",  # noqa: S608 - only constants and question marks are put in
        list(urls),
    )
    return frozenset(str(row[0]) for row in rows)


def informed(db: Database, urls: Sequence[str]) -> frozenset[str]:
    """Give the subscriptions that were told of the stories of some articles, or had muted them."""
    rows = db.execute(
        f"""SELECT DISTINCT subscription FROM alerts WHERE reason IN ({_MARKS}, '{Reason.MUTED}', '{Reason.NO_UPDATES}')
            AND story_id IN (SELECT story_id FROM articles WHERE url IN ({",".join("?" * len(urls))}))""",  # noqa: S608 - only constants and question marks are put in
        list(urls),
    )
    return frozenset(str(row[0]) for row in rows)
