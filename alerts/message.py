"""Hold one delivery as it is handed to a channel: rendered, with nothing left to look up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts.cards import Card


@dataclass(frozen=True, slots=True)
class Message:
    """Carry every form of one delivery; a channel takes the one it needs.

    `id` is the delivery's and the same on every try. `thread` names what messages about one story share. `payload` is
    the machine-readable form, `card` the short one for chats. Strings may still hold anything that a page said, except line breaks in `subject`: each
    channel makes them safe for its own output.
    """

    id: str
    created: datetime
    subject: str
    text: str
    html: str
    payload: dict[str, Any] = field(default_factory=dict)
    card: Card | None = None
    thread: str | None = None
    attempt: int = 1
