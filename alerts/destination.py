"""Hold one opened destination: what the dispatcher needs to know of it, whatever its channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from alerts.message import Message
from alerts.outcome import Outcome
from alerts.retry import Schedule

Sender = Callable[[Message], Outcome]
"""Send one message, blocking, within the destination's `patience`; called in a thread of its own."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Name a destination and how to send to it. Addresses and secrets are inside `send` alone, where no log sees them."""

    id: str
    channel: str
    send: Sender = field(repr=False)
    schedule: Schedule
    patience: timedelta
    fallback: str | None = None
    interval: timedelta = timedelta(0)
