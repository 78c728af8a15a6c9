"""Read deliveries, alone or with everything that rendering them needs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from sqlite_utils import Database

from state import articles, matches
from state.reasons import Reason
from state.records import Alert, Article, Delivery, DeliveryState, Match
from state.times import instant, instant_or_none

MOST_CARRIERS = 20
"""So many other carriers of a story are named; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """Name another article that carries the same story or corroborates it."""

    url: str
    title: str | None
    publisher: str | None
    lang: str | None
    relation: str


@dataclass(frozen=True, slots=True)
class AlertContents:
    """Hold one alert with what it tells: the article that matched, the story's lead and who else carries it.

    `match` is None where the article was read again and no longer matches; `carried_by` counts all other carriers.
    `change` names what is new where the reader was told of the story before: "lead" is a much better source.
    """

    alert: Alert
    article: Article
    lead: Article
    match: Match | None = None
    carriers: tuple[Carrier, ...] = ()
    carried_by: int = 0
    corroborating: tuple[Carrier, ...] = ()
    change: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Tell the people who run yuewatch something about yuewatch; `key` names the occasion, so it is told once."""

    key: str
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """Hold a delivery with all it carries: alerts, or a notice."""

    delivery: Delivery
    alerts: tuple[AlertContents, ...] = ()
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """Report one past attempt of a delivery."""

    at: datetime
    outcome: str
    why: str
    took: timedelta


def find(db: Database, delivery_id: str) -> Delivery | None:
    """Give one delivery."""
    row = next(iter(db.query("SELECT * FROM deliveries WHERE id = ?", [delivery_id])), None)
    return None if row is None else _delivery_of(db, row)


def listing(
    db: Database, *, states: Sequence[DeliveryState] = (), destination: str | None = None, limit: int = -1
) -> Iterator[Delivery]:
    """Give deliveries in these states (all, if none is named), newest first."""
    rows = db.query(
        f"""SELECT * FROM deliveries WHERE (:every OR state IN ({",".join(f":s{i}" for i in range(len(states)))}))
            AND (:destination IS NULL OR destination = :destination) ORDER BY created DESC, rowid DESC LIMIT :limit""",  # noqa: S608 - only names of parameters are put in
        {
            "every": not states,
            "destination": destination,
            "limit": limit,
            **{f"s{i}": state for i, state in enumerate(states)},
        },
    )
    for row in rows:
        yield _delivery_of(db, row)


def attempts(db: Database, delivery_id: str) -> tuple[Tried, ...]:
    """Give what was tried for one delivery, oldest first."""
    rows = db.query("SELECT * FROM attempts WHERE delivery_id = ? ORDER BY rowid", [delivery_id])
    return tuple(
        Tried(instant(row["at"]), row["outcome"], row["why"], timedelta(milliseconds=row["took_ms"]))
        for row in rows
    )


def counts(db: Database) -> dict[tuple[str, DeliveryState], int]:
    """Count deliveries by destination and state."""
    rows = db.query("SELECT destination, state, count(*) AS n FROM deliveries GROUP BY 1, 2")
    return {(row["destination"], row["state"]): row["n"] for row in rows}


def reasons(db: Database) -> dict[str, int]:
    """Count alerts by the reason they were sent, held back or kept silent for."""
    return {
        row["reason"]: row["n"]
        for row in db.query("SELECT reason, count(*) AS n FROM alerts GROUP BY reason")
    }


@dataclass(frozen=True, slots=True)
class Tally:
    """Count one subscription's alerts by reason, and tell when the latest was raised."""

    reasons: dict[str, int]
    latest: datetime


def tallies(db: Database) -> dict[str, Tally]:
    """Count the alerts of every subscription that ever had one."""
    rows = db.query(
        "SELECT subscription, reason, count(*) AS n, max(created) AS latest FROM alerts GROUP BY 1, 2 ORDER BY 1, 2"
    )
    found: dict[str, Tally] = {}
    for row in rows:
        before = found.get(row["subscription"], Tally({}, instant(row["latest"])))
        latest = max(before.latest, instant(row["latest"]))
        found[row["subscription"]] = Tally(before.reasons | {row["reason"]: row["n"]}, latest)
    return found


def latest_stories(db: Database, subscription: str, limit: int) -> tuple[tuple[AlertContents, ...], ...]:
    """Give the alerts of a subscription that were not kept quiet, by story: so many stories, the latest first."""
    heard = [reason for reason in Reason if reason.delivers or reason is Reason.TOLD]
    marks = ",".join("?" * len(heard))
    rows = db.query(
        f"""SELECT story_id, max(created) AS latest FROM alerts WHERE subscription = ? AND reason IN ({marks})
            GROUP BY story_id ORDER BY latest DESC, max(rowid) DESC LIMIT ?""",  # noqa: S608 - only question marks are put in
        [subscription, *heard, limit],
    )
    stories = []
    for row in list(rows):
        found = db.query(
            f"""SELECT * FROM alerts WHERE story_id = ? AND subscription = ? AND reason IN ({marks})
                ORDER BY created, rowid""",  # noqa: S608 - only question marks are put in
            [row["story_id"], subscription, *heard],
        )
        loaded = (_contents(db, alert_of(one), None) for one in found)
        stories.append(tuple(contents for contents in loaded if contents is not None))
    return tuple(story for story in stories if story)


_CARRIED_BY = (
    "FROM deliveries JOIN delivery_alerts ON delivery_id = id WHERE alert_id = ? ORDER BY created, id"
)
_KEPT = 64
"""Deliveries held in memory: a digest carries thousands of alerts, and is read once for all of them."""


def every_alert(db: Database) -> Iterator[tuple[Alert, tuple[Delivery, ...]]]:
    """Give all alerts in the order they were raised, each with the deliveries that carry it."""
    known = lru_cache(_KEPT)(partial(find, db))
    for row in db.query("SELECT * FROM alerts ORDER BY created, rowid"):
        ids = db.execute(f"SELECT deliveries.id {_CARRIED_BY}", [row["id"]])
        yield alert_of(row), tuple(one for (id_,) in ids.fetchall() if (one := known(id_)) is not None)


def alerts_of_story(db: Database, story_id: str) -> list[tuple[Alert, tuple[Delivery, ...]]]:
    """Give the alerts of one story, each with the deliveries that carry it."""
    rows = db.query("SELECT * FROM alerts WHERE story_id = ? ORDER BY created, rowid", [story_id])
    return [(alert_of(row), _carrying(db, row["id"])) for row in rows]


def _carrying(db: Database, alert_id: str) -> tuple[Delivery, ...]:
    rows = db.query(f"SELECT deliveries.* {_CARRIED_BY}", [alert_id])
    return tuple(_delivery_of(db, row) for row in rows)


def load_delivery(db: Database, delivery_id: str) -> Contents | None:
    """Give a delivery with its alerts, each with its match, article, lead and other carriers; None for an unknown id.

    An alert whose article is no longer stored (erased, out of retention) is left out.
    """
    delivery = find(db, delivery_id)
    if delivery is None:
        return None
    notice = notice_of(db, delivery_id)
    if notice is not None:
        return Contents(delivery, notice=notice)
    rows = db.query(
        """SELECT alerts.*, change FROM alerts JOIN delivery_alerts ON alert_id = id
           WHERE delivery_id = ? ORDER BY created, alerts.rowid""",
        [delivery_id],
    )
    loaded = (_contents(db, alert_of(row), row["change"]) for row in rows)
    return Contents(delivery, tuple(contents for contents in loaded if contents is not None))


def notice_of(db: Database, delivery_id: str) -> Notice | None:
    """Give the notice that a delivery carries, None where it carries alerts."""
    row = db.execute("SELECT notice FROM deliveries WHERE id = ?", [delivery_id]).fetchone()
    if row is None or row[0] is None:
        return None
    told = json.loads(row[0])
    return Notice(told["key"], told["title"], tuple(told["lines"]))


def _contents(db: Database, alert: Alert, change: str | None) -> AlertContents | None:
    article = articles.find(db, alert.article_url)
    if article is None:
        return None
    found = next((m for m in matches.of_article(db, alert.article_url) if m.rule == alert.rule), None)
    lead = _lead(db, alert.story_id) or article
    carriers, total = _carriers(db, alert.story_id, lead.url)
    return AlertContents(
        alert=alert,
        article=article,
        lead=lead,
        match=found,
        carriers=carriers,
        carried_by=total,
        corroborating=_corroborating(db, alert.story_id),
        change=change,
    )


def _lead(db: Database, story_id: str) -> Article | None:
    row = db.execute("SELECT lead_url FROM stories WHERE id = ?", [story_id]).fetchone()
    return None if row is None else articles.find(db, row[0])


def _carriers(db: Database, story_id: str, lead_url: str) -> tuple[tuple[Carrier, ...], int]:
    rows = db.query(
        """SELECT url, title, publisher, lang, relation, count(*) OVER () AS total FROM articles
           WHERE story_id = ? AND url <> ? ORDER BY id LIMIT ?""",
        [story_id, lead_url, MOST_CARRIERS],
    )
    found = [(_carrier(row), row["total"]) for row in rows]
    return tuple(carrier for carrier, _ in found), found[0][1] if found else 0


def _corroborating(db: Database, story_id: str) -> tuple[Carrier, ...]:
    rows = db.query(
        """SELECT url, title, publisher, lang, 'corroborates' AS relation FROM stories JOIN articles ON url = lead_url
           WHERE stories.id IN (
               SELECT other_id FROM story_links WHERE story_id = :id AND kind = 'corroborates'
               UNION SELECT story_id FROM story_links WHERE other_id = :id AND kind = 'corroborates')
           ORDER BY articles.id LIMIT :limit""",
        {"id": story_id, "limit": MOST_CARRIERS},
    )
    return tuple(_carrier(row) for row in rows)


def _carrier(row: dict[str, Any]) -> Carrier:
    return Carrier(row["url"], row["title"], row["publisher"], row["lang"], row["relation"] or "")


def alert_of(row: dict[str, Any]) -> Alert:
    """Rebuild an alert from its row."""
    return Alert(
        id=row["id"],
        story_id=row["story_id"],
        rule=row["rule"],
        subscription=row["subscription"],
        created=instant(row["created"]),
        reason=row["reason"],
        article_url=row["article_url"],
    )


def _delivery_of(db: Database, row: dict[str, Any]) -> Delivery:
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
        since=instant_or_none(row["since"]),
        held_for=row["held_for"],
    )
