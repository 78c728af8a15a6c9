"""Say what a subscription would have received: routing and timing over the stored archive, telling nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from alerts.routing import SEVERITIES, route
from alerts.subscription import Subscription
from crawler.ingest import Ingest
from crawler.news import own_news
from crawler.threads import tells_of_new_stage
from state import articles, deliveries, matches, outbox, stories
from state.reasons import Reason
from state.records import Alert, Article, Match, Origin, Severity, Story
from state.rehearsal import rehearsal, send_due
from state.standing import Mute, standing
from state.times import instant

NOWHERE = "(no destination)"
"""Stands in for the destinations of a subscription that has none."""


@dataclass(frozen=True, slots=True)
class Item:
    """Name one story in a message, or one that was kept quiet, with the rule that found it and why."""

    story_id: str
    url: str
    title: str | None
    rule: str
    status: str
    severity: Severity
    reason: str


@dataclass(frozen=True, slots=True)
class Message:
    """Hold what would have come in one message, the most severe first; without a destination, what stayed quiet."""

    at: datetime
    destination: str | None
    reason: str
    items: tuple[Item, ...]

    def shape(self) -> dict[str, Any]:
        """Shape it for JSON."""
        return {
            "at": self.at.isoformat(timespec="seconds"),
            "destination": self.destination,
            "reason": self.reason,
            "stories": [asdict(item) for item in self.items],
        }


@dataclass(frozen=True, slots=True)
class _Found:
    """Hold a stored article with what routing is asked about it."""

    article: Article
    story: Story
    origin: Origin
    at: datetime
    matches: tuple[Match, ...]


def preview(
    db: Database, ingest: Ingest, subscription: Subscription, since: datetime, mutes: Sequence[Mute] = ()
) -> tuple[Message, ...]:
    """Route what was stored since a time to one subscription alone; give the messages and what would have stayed quiet.

    Stories are taken as they stand today, articles at the time they were stored, mutes where they stood already. Other
    subscriptions to the same destinations are left out of it, and so are updates.
    """
    asker = replace(subscription, destinations=subscription.destinations or (NOWHERE,))
    items: dict[str, Item] = {}
    with rehearsal() as box:
        for found in _found(db, since):
            send_due(box, found.at)
            source = ingest.source_of(found.article.source_id)
            zone = source.zone if source is not None else "UTC"
            stands = replace(
                standing(box, found.at), mutes=tuple(mute for mute in mutes if mute.created <= found.at)
            )
            routed = route(
                article=found.article,
                source=source,
                story=found.story,
                matches=found.matches,
                subscriptions=[asker],
                origin=found.origin,
                fresh=ingest.is_fresh(found.article, zone, found.at),
                now=found.at,
                standing=stands,
            )
            outbox.store(box, routed.alerts, routed.deliveries, found.at)
            for alert in routed.alerts:
                known = items.get(alert.id)
                if known is None or Reason(known.reason).is_of_article:
                    items[alert.id] = _item(alert, found)
        return tuple(_messages(box, items))


def _found(db: Database, since: datetime) -> Iterable[_Found]:
    for row in articles.matched_since(db, since):
        at = instant(row["stored_at"])
        story = stories.find(db, row["story_id"])
        if story is None:
            continue
        contained = [link.story_id for link in story.links if link.kind == "contains"]
        of_article = matches.of_article(db, row["url"])
        news = tuple(
            match for match in own_news(db, of_article, contained, before=at) if tells_of_new_stage(match)
        )
        yield _Found(articles.article_of(row), story, row["origin"], at, news)


def _item(alert: Alert, found: _Found) -> Item:
    match = next(match for match in found.matches if match.rule == alert.rule)
    return Item(
        alert.story_id,
        alert.article_url,
        found.article.title,
        alert.rule,
        match.status,
        match.severity,
        alert.reason,
    )


def _messages(box: Database, items: dict[str, Item]) -> Iterable[Message]:
    """Give what the rehearsed outbox holds: deliveries in the order they would have come, then silent alerts by reason."""
    oldest_first = reversed(tuple(deliveries.listing(box)))
    for delivery in sorted(oldest_first, key=lambda one: one.due_at):
        carried = sorted(
            (items[alert] for alert in delivery.alert_ids),
            key=lambda item: SEVERITIES.index(item.severity),
        )
        yield Message(delivery.due_at, delivery.destination, delivery.held_for or Reason.NEW, tuple(carried))
    for alert, _ in deliveries.every_alert(box):
        if not Reason(alert.reason).delivers:
            quiet = replace(items[alert.id], reason=str(alert.reason))
            yield Message(alert.created, None, alert.reason, (quiet,))
