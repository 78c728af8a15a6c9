"""Tell what happened since one last looked: articles, alerts, sources and destinations that broke or recovered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlite_utils import Database

from state.records import Origin, Relation
from state.times import stamp


@dataclass(frozen=True, slots=True)
class NewArticle:
    """Hold what is worth telling of a new article."""

    title: str | None
    publisher: str | None
    source_id: str | None
    origin: Origin
    relation: Relation | None
    folded: bool


@dataclass(frozen=True, slots=True)
class NewAlert:
    """Hold what is worth telling of a new alert, with its first evidence sentence."""

    rule: str
    subscription: str
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class SourceChange:
    """Tell that a source began to fail, or works again where `error` is None."""

    id: str
    error: str | None


@dataclass(frozen=True, slots=True)
class DestinationChange:
    """Tell that a destination is spared because it fails, or takes messages again where `failures` is 0."""

    id: str
    failures: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Hold what happened between two looks."""

    articles: tuple[NewArticle, ...] = ()
    alerts: tuple[NewAlert, ...] = ()
    sources: tuple[SourceChange, ...] = ()
    destinations: tuple[DestinationChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Since:
    """Mark how far one has looked."""

    article: int = 0
    alert: int = 0
    errors: Mapping[str, str] = field(default_factory=dict)
    spared: Mapping[str, int] = field(default_factory=dict)


def since(db: Database, mark: Since) -> tuple[Seen, Since]:
    """Give what happened since `mark`, and the mark for the next look."""
    fresh = list(db.query("SELECT * FROM articles WHERE id > ? ORDER BY id", [mark.article]))
    raised = list(
        db.query(
            """SELECT alerts.rowid AS number, alerts.*, matches.evidence FROM alerts
               LEFT JOIN matches ON matches.article_url = alerts.article_url AND matches.rule = alerts.rule
               WHERE alerts.rowid > ? AND alerts.reason NOT IN ('baseline') ORDER BY alerts.rowid""",
            [mark.alert],
        )
    )
    failing = {
        row["id"]: row["last_error"]
        for row in db.query("SELECT id, last_error FROM sources WHERE failures > 0")
    }
    changes = [SourceChange(name, error) for name, error in failing.items() if name not in mark.errors]
    changes += [SourceChange(name, None) for name in mark.errors if name not in failing]
    spared = {
        row["id"]: row["failures"]
        for row in db.query("SELECT id, failures FROM destinations WHERE open_until IS NOT NULL")
    }
    spells = [DestinationChange(name, number) for name, number in spared.items() if name not in mark.spared]
    spells += [DestinationChange(name, 0) for name in mark.spared if name not in spared]
    articles = tuple(
        NewArticle(
            row["title"],
            row["publisher"],
            row["source_id"],
            row["origin"],
            row["relation"],
            json.loads(row["folded"])["copies"] > 0,
        )
        for row in fresh
    )
    alerts = tuple(
        NewAlert(row["rule"], row["subscription"], row["reason"], _sentence(row["evidence"]))
        for row in raised
    )
    latest = Since(
        max((row["id"] for row in fresh), default=mark.article),
        max((row["number"] for row in raised), default=mark.alert),
        failing,
        spared,
    )
    return Seen(articles, alerts, tuple(changes), tuple(spells)), latest


def quiet(db: Database) -> bool:
    """Tell whether nothing waits to be fetched or read, and every source was polled at least once."""
    row = db.execute(
        """SELECT (SELECT count(*) FROM leads WHERE state = 'waiting') + (SELECT count(*) FROM pages WHERE state = 'waiting')
                  + (SELECT count(*) FROM sources WHERE last_poll IS NULL)"""
    ).fetchone()
    return int(row[0]) == 0


def unsent(db: Database, until: datetime) -> int:
    """Count the deliveries under way, and those held that are to be released before `until`."""
    row = db.execute(
        """SELECT count(*) FROM deliveries WHERE state IN ('due', 'leased') OR state = 'held' AND due_at < ?""",
        [stamp(until)],
    ).fetchone()
    return int(row[0])


def latest_alerted(db: Database) -> str | None:
    """Give the address of the article of the latest delivered alert."""
    row = db.execute(
        """SELECT article_url FROM alerts JOIN delivery_alerts ON alert_id = alerts.id JOIN deliveries ON deliveries.id = delivery_id
           WHERE state = 'delivered' ORDER BY alerts.rowid DESC LIMIT 1"""
    ).fetchone()
    return None if row is None else str(row[0])


def _sentence(evidence: str | None) -> str:
    items = json.loads(evidence) if evidence else []
    return str(items[0]["sentence"]) if items else ""
