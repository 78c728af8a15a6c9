"""Say when a failed delivery is tried again: schedules are data, and the pause is a pure function.

The pauses are those of Standard Webhooks 1.0 (ten tries over 75 h 35 min), carried on daily to the seventh day; for
e-mail to the fifth, as RFC 5321 section 4.5.4.1 asks of mail servers.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta

JITTER = 0.2
LONGEST_WISH = timedelta(days=1)
"""A receiver's Retry-After beyond this is not believed."""

_PART = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s*(ms|s|m|h|d|w)\s*")
_PAUSE = re.compile(f"(?:{_PART.pattern})+")
_UNIT_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass(frozen=True, slots=True)
class Schedule:
    """Name the pauses after the first, second, … try; then `then` again and again until `lifetime` has passed.

    Without `then` the schedule ends with its pauses.
    """

    pauses: tuple[timedelta, ...]
    then: timedelta | None = None
    lifetime: timedelta = timedelta(0)

    def pause(self, attempts: int, elapsed: timedelta) -> timedelta | None:
        """Give the pause after the `attempts`-th try, `elapsed` since the first; None where it was the last."""
        if attempts <= len(self.pauses):
            return self.pauses[attempts - 1]
        if self.then is not None and elapsed < self.lifetime:
            return self.then
        return None


def _pauses(text: str) -> tuple[timedelta, ...]:
    return tuple(parse_pause(word) for word in text.split())


def parse_pause(text: str) -> timedelta:
    """Read a length of time such as `500ms`, `30s`, `1h30m` or `2w`; raise ValueError naming what was not understood."""
    if len(text) > 40 or not _PAUSE.fullmatch(text.strip()):
        raise ValueError(
            f"{text[:40]!r} is not a length of time; write a number and s, m, h, d or w, like 30s"
        )
    parts = _PART.findall(text)
    return timedelta(seconds=sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts))


def jittered(pause: timedelta, delivery_id: str, attempts: int) -> timedelta:
    """Spread a pause by up to ±20 %, always the same for the same try, so that a crash does not reshuffle it."""
    digest = hashlib.blake2b(f"{delivery_id}\x1f{attempts}".encode(), digest_size=4).digest()
    share = int.from_bytes(digest, "big") / 0xFFFFFFFF
    return pause * (1 - JITTER + 2 * JITTER * share)


def next_pause(
    schedule: Schedule,
    *,
    delivery_id: str,
    attempts: int,
    elapsed: timedelta,
    wished: timedelta | None = None,
) -> timedelta | None:
    """Give the time until the next try, or None where the delivery is to be parked.

    `wished` is the receiver's Retry-After: never sooner than that, believed up to a day.
    """
    pause = schedule.pause(attempts, elapsed)
    if pause is None:
        return None
    pause = jittered(pause, delivery_id, attempts)
    return pause if wished is None else max(pause, min(wished, LONGEST_WISH))


_STANDARD = _pauses("5s 5m 30m 2h 5h 10h 14h 20h 24h")

WEBHOOK = Schedule(_STANDARD, then=timedelta(days=1), lifetime=timedelta(days=7))
EMAIL = Schedule(_STANDARD, then=timedelta(days=1), lifetime=timedelta(days=5))
