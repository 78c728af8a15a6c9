"""Spare a destination that fails, and give it up when it stays dead: pure functions from one condition to the next.

Without it every queued delivery would find out for itself, one patience after the other, that nobody is there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.outcome import Delivered, Gone, Outcome, Refused, RetryLater
from alerts.retry import LONGEST_WISH, Schedule, jittered
from state.destinations import Health

TOLERATED_FAILURES = 3
LONGEST_PAUSE = timedelta(minutes=30)
DEAD_AFTER = timedelta(days=5)
"""After so long without one success a destination is disabled, as Svix does."""


def after(condition: Health, outcome: Outcome, schedule: Schedule, now: datetime) -> Health:
    """Give a destination's condition after one more outcome."""
    match outcome:
        case Delivered():
            return Health(condition.id)
        case Gone(why=why):
            return replace(condition, disabled_at=now, why=f"it wants nothing any more ({why})")
        case Refused():
            return condition  # that delivery is unfit, which says nothing about the next
        case RetryLater():
            return _after_failure(condition, outcome, schedule, now)


def _after_failure(condition: Health, outcome: RetryLater, schedule: Schedule, now: datetime) -> Health:
    failures = condition.failures + 1
    since = condition.failing_since or now
    wish = timedelta(0) if outcome.ambiguous else outcome.after or timedelta(0)
    pause = min(wish, LONGEST_WISH)
    if failures >= TOLERATED_FAILURES:
        rung = min(failures - TOLERATED_FAILURES + 1, len(schedule.pauses))
        rest = schedule.pauses[rung - 1] if rung else timedelta(0)
        pause = max(pause, jittered(min(rest, LONGEST_PAUSE), condition.id, failures))
    dead = now - since >= DEAD_AFTER
    return Health(
        id=condition.id,
        failures=failures,
        failing_since=since,
        open_until=now + pause if pause else None,
        disabled_at=now if dead else None,
        why=f"nothing arrived since {since:%Y-%m-%d %H:%M} UTC ({outcome.why})" if dead else None,
    )
