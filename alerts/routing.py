"""Decide who hears of an article's matches, and why the others don't: a pure function from values to values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.subscription import Subscription
from alerts.timing import Hold, hold
from state.ids import derived_id
from state.reasons import Reason
from state.records import Alert, Article, Delivery, Match, Origin, Severity, Source, Story
from state.standing import NOTHING_STANDS, Mute, MuteKind, Standing

__all__ = ["Mailbag", "Reason", "Routed", "mailbag", "mute_on", "route"]

_SILENT_ORIGINS: dict[Origin, Reason] = {
    "baseline": Reason.BASELINE,
    "backfill": Reason.BACKFILL,
    "import": Reason.IMPORT,
}
SEVERITIES: tuple[Severity, ...] = ("urgent", "high", "normal", "low")


@dataclass(frozen=True, slots=True)
class Routed:
    """Hold what one article causes: an alert for every match asked for, deliveries for those that go out."""

    alerts: tuple[Alert, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Mailbag:
    """Name what alerts travel together in: what is held is kept apart by subscription, what goes at once is not."""

    destination: str
    hold: Hold | None = None
    subscription: str = ""

    def delivery(self, alerts: Sequence[Alert], now: datetime, *marks: str) -> Delivery:
        """Give the delivery of these alerts; `marks` keep what goes at once apart from another delivery of the same."""
        ids = tuple(sorted(alert.id for alert in alerts))
        delivery = Delivery(
            id=derived_id("dl", self.destination, *marks, *ids),
            destination=self.destination,
            subscription=alerts[0].subscription,
            alert_ids=ids,
            state="due",
            due_at=now,
            created=now,
        )
        if self.hold is None:
            return delivery
        # Equal for all that waits for the same moment, so that the state lets them join one delivery.
        until = self.hold.until
        shared = derived_id("dl", self.destination, self.subscription, self.hold.reason, until.isoformat())
        return replace(delivery, id=shared, state="held", due_at=until, held_for=self.hold.reason)


def route(  # noqa: PLR0913 - each is a value of its own, and all are named
    *,
    article: Article,
    source: Source | None,
    story: Story,
    matches: Sequence[Match],
    subscriptions: Sequence[Subscription],
    origin: Origin,
    fresh: bool,
    now: datetime,
    standing: Standing = NOTHING_STANDS,
) -> Routed:
    """Give the alerts and deliveries that `matches`, found in `article` of `story`, cause.

    Every match that a subscription asks for yields an alert with a named reason; only live, fresh, unmuted ones are
    delivered, at once or held as the subscription's timing says. All alerts that go to one destination at one time
    share one delivery, so nobody gets three messages about one article. Whether an alert is the first of its story,
    `state.outbox.store` decides, because only the state knows; `standing` is what it knew beforehand.
    """
    silence = _silence(origin, fresh=fresh)
    alerts: list[Alert] = []
    mailbags: dict[Mailbag, list[Alert]] = {}
    for subscription in subscriptions:
        asked = [
            match
            for match in matches
            if subscription.asks_for(match, article, source)
            and subscription.id not in standing.informed.get(match.rule, ())
        ]
        reasons = [
            silence
            or mute_on(match.rule, subscription, article, story.id, standing.mutes)
            or _unwanted(match, subscription, standing)
            for match in asked
        ]
        loud = [match for match, reason in zip(asked, reasons, strict=True) if reason is None]
        bags = _mailbags(subscription, loud, now, standing)
        sent_for = next((bag.hold.reason for bag in bags if bag.hold), Reason.NEW)
        if any(bag.hold is None for bag in bags):
            sent_for = Reason.NEW
        raised = [
            _alert(
                story,
                match,
                subscription,
                article,
                reason or _named(sent_for, match, subscription, standing),
                now,
            )
            for match, reason in zip(asked, reasons, strict=True)
        ]
        alerts.extend(raised)
        for bag in bags:
            mailbags.setdefault(bag, []).extend(alert for alert in raised if Reason(alert.reason).delivers)
    deliveries = tuple(bag.delivery(held, now) for bag, held in mailbags.items())
    return Routed(tuple(alerts), deliveries)


def _silence(origin: Origin, *, fresh: bool) -> Reason | None:
    if not fresh and origin in {"live", "baseline"}:
        return Reason.OLD
    return _SILENT_ORIGINS.get(origin)


def mute_on(
    rule: str, subscription: Subscription, article: Article, story_id: str, mutes: Iterable[Mute]
) -> Reason | None:
    """Tell whether a mute stands on what an alert is about, or at least on the article that raises it."""
    concerned: dict[MuteKind, set[str]] = {
        "rule": {rule},
        "organisation": {entity.id for entity in article.entities},
        "source": {article.source_id or ""},
        "story": {story_id},
        "subscription": {subscription.id},
    }
    standing = {mute.kind for mute in mutes if mute.value in concerned[mute.kind]}
    if not standing:
        return None
    return Reason.MUTED_ARTICLE if standing <= {"organisation", "source"} else Reason.MUTED


def _is_update(match: Match, subscription: Subscription, standing: Standing) -> bool:
    """Tell whether a match is a new stage of what the subscription was told of."""
    return bool(match.facts.get("earlier")) and subscription.id in standing.followers


def _unwanted(match: Match, subscription: Subscription, standing: Standing) -> Reason | None:
    wanted = "stage" in subscription.updates or not _is_update(match, subscription, standing)
    return None if wanted else Reason.NO_UPDATES


def _named(sent_for: Reason, match: Match, subscription: Subscription, standing: Standing) -> Reason:
    return Reason.UPDATE if _is_update(match, subscription, standing) else sent_for


def _mailbags(
    subscription: Subscription, loud: Sequence[Match], now: datetime, standing: Standing
) -> list[Mailbag]:
    if not loud:
        return []
    severity = min((match.severity for match in loud), key=SEVERITIES.index)
    return [
        mailbag(subscription, destination, severity, now, standing)
        for destination in subscription.destinations
    ]


def mailbag(
    subscription: Subscription, destination: str, severity: Severity, now: datetime, standing: Standing
) -> Mailbag:
    """Choose what an alert of a subscription travels in to one destination, as its timing says."""
    held = hold(subscription.timing, severity, now, standing.sent_to(subscription.id, destination))
    return Mailbag(destination, held, subscription.id if held else "")


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
