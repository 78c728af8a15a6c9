"""Send one clearly marked test message, past the outbox, and tell what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from alerts.destination import Destination
from alerts.outcome import Outcome, RetryLater
from alerts.rendering import Renderer
from alerts.subscription import Lang, Subscription
from state.deliveries import Contents, Notice
from state.ids import derived_id
from state.records import Delivery

_TITLES: dict[Lang, str] = {"en": "Test message: this is no alert", "zh": "测试消息：这不是提醒"}
_LINES: dict[Lang, tuple[str, str]] = {
    "en": (
        "Somebody tried the subscription {name}. Messages of that subscription come to this address.",
        "There is nothing to do.",
    ),
    "zh": ("有人测试了订阅“{name}”，该订阅的消息会发送到此处。", "无需任何操作。"),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """Tell what became of the test message at one destination."""

    destination: str
    channel: str
    outcome: Outcome


def try_out(
    subscription: Subscription, destinations: Sequence[Destination], renderer: Renderer, now: datetime
) -> list[Trial]:
    """Send a test message to each destination, all at once; nothing is stored and nothing is tried again."""
    with ThreadPoolExecutor(max(1, len(destinations)), thread_name_prefix="trial") as threads:
        outcomes = threads.map(lambda one: _send(subscription, one, renderer, now), destinations)
        return [
            Trial(one.id, one.channel, outcome) for one, outcome in zip(destinations, outcomes, strict=True)
        ]


def _send(subscription: Subscription, destination: Destination, renderer: Renderer, now: datetime) -> Outcome:
    lines = tuple(line.format(name=subscription.name) for line in _LINES[subscription.lang])
    notice = Notice(f"test {now.isoformat()}", _TITLES[subscription.lang], lines)
    delivery = Delivery(
        id=derived_id("dl", destination.id, notice.key),
        destination=destination.id,
        subscription=subscription.id,
        alert_ids=(),
        state="leased",
        due_at=now,
        created=now,
        attempts=1,
    )
    try:
        return destination.send(renderer.render(Contents(delivery, notice=notice)))
    except Exception as error:  # noqa: BLE001 - a channel may raise anything, and its message may hold secrets
        return RetryLater(type(error).__name__)
