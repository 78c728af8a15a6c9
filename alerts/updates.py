"""Decide who hears again of a story because a much better source carries it now: never a second first alert."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerts.routing import Mailbag, mailbag, mute_on
from alerts.subscription import Subscription
from state.records import Alert, Article, Delivery
from state.standing import Standing
from state.updates import Told

LEAD = "lead"
"""Names the change of a story's lead, in the state and in messages."""


def lead_updates(
    *,
    told: Sequence[Told],
    article: Article,
    story_id: str,
    subscriptions: Sequence[Subscription],
    now: datetime,
    standing: Standing,
) -> tuple[Delivery, ...]:
    """Give the deliveries that tell of a story's new lead `article` those who were told of the story and ask for that.

    An update waits for digests and quiet hours like any alert of normal severity.
    """
    asking = {one.id: one for one in subscriptions if LEAD in one.updates}
    bags: dict[Mailbag, list[Alert]] = {}
    for each in told:
        subscription = asking.get(each.alert.subscription)
        if subscription is None or each.destination not in subscription.destinations:
            continue
        if mute_on(each.alert.rule, subscription, article, story_id, standing.mutes):
            continue
        bag = mailbag(subscription, each.destination, "normal", now, standing)
        bags.setdefault(bag, []).append(each.alert)
    return tuple(bag.delivery(alerts, now, "update", LEAD) for bag, alerts in bags.items())
