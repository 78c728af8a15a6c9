"""Decide who hears of an article's matches, and why the others don't: a pure function from values to values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.subscription import Subscription
from state.ids import derived_id
from state.reasons import Reason
from state.records import Alert, Article, Delivery, Match, Origin, Source, Story

__all__ = ["Reason", "Routed", "route"]

_SILENT_ORIGINS: dict[Origin, Reason] = {
    "baseline": Reason.BASELINE,
    "backfill": Reason.BACKFILL,
    "import": Reason.IMPORT,
}


@dataclass(frozen=True, slots=True)
class Routed:
    """Hold what one article causes: an alert for every match asked for, deliveries for those that go out."""

    alerts: tuple[Alert, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


def route(
    *,
    article: Article,
    source: Source | None,
    story: Story,
    matches: Sequence[Match],
    subscriptions: Sequence[Subscription],
    origin: Origin,
    fresh: bool,
    now: datetime,
) -> Routed:
    """Give the alerts and deliveries that `matches`, found in `article` of `story`, cause.

    Every match that a subscription asks for yields an alert with a named reason; only live, fresh ones are delivered.
    All alerts that go to one destination share one delivery, so nobody gets three messages about one article.
    Whether an alert is the first of its story, `state.outbox.store` decides, because only the state knows.
    """
    reason = _reason(origin, fresh=fresh)
    alerts: list[Alert] = []
    mailbags: dict[str, list[Alert]] = {}
    for subscription in subscriptions:
        asked = [match for match in matches if subscription.asks_for(match, article, source)]
        raised = [_alert(story, match, subscription, article, reason, now) for match in asked]
        alerts.extend(raised)
        if reason.delivers and raised:
            for destination in subscription.destinations:
                mailbags.setdefault(destination, []).extend(raised)
    deliveries = tuple(_delivery(destination, bag, now) for destination, bag in mailbags.items())
    return Routed(tuple(alerts), deliveries)


def _reason(origin: Origin, *, fresh: bool) -> Reason:
    silent = _SILENT_ORIGINS.get(origin)
    if silent is not None:
        return silent
    return Reason.NEW if fresh else Reason.OLD


def _alert(
    story: Story,
    match: Match,
    subscription: Subscription,
    article: Article,
    reason: Reason,
    now: datetime,
) -> Alert:
    return Alert(
        id=derived_id("al", story.id, match.rule, subscription.id),
        story_id=story.id,
        rule=match.rule,
        subscription=subscription.id,
        created=now,
        reason=reason,
        article_url=article.url,
    )


def _delivery(destination: str, alerts: Sequence[Alert], now: datetime) -> Delivery:
    ids = tuple(sorted(alert.id for alert in alerts))
    return Delivery(
        id=derived_id("dl", destination, *ids),
        destination=destination,
        subscription=alerts[0].subscription,
        alert_ids=ids,
        state="due",
        due_at=now,
        created=now,
    )
