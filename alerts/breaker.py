"""Spare a destination that fails, and give it up when it stays dead: pure functions from one condition to the next.

Without it every queued delivery would find out for itself, one patience after the other, that nobody is there.

Two things make a destination dead, each for `DEAD_AFTER` without one success. It fails whenever it is tried, and is tried
at least every `LONGEST_GAP`: so four failures or more are spread over that time, and neither a daemon that was off, nor
a clock that jumped, nor two hiccups a week apart count as days of silence. Or it loses message after message for good,
refused or out of tries, on `ENOUGH_LOSSES` separate days: a weekly digest is tried too seldom for the first.
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
LONGEST_GAP = timedelta(days=2)
"""Failures further apart say nothing of the time between; the longest pause of a schedule, 24 h + 20 %, is within it."""
ENOUGH_LOSSES = 3
"""One may be the message's fault and two the same mistake made twice; so a weekly digest's destination goes in its third week."""
_SEPARATE = timedelta(hours=12)
"""Losses closer together are one: what ails a server for an afternoon parks many messages."""


def after(
    condition: Health, outcome: Outcome, schedule: Schedule, now: datetime, *, out_of_tries: bool = False
) -> Health:
    """Give a destination's condition after one more outcome; `out_of_tries` where it was the message's last try."""
    match outcome:
        case Delivered():
            return Health(condition.id)
        case Gone(why=why):
            return replace(condition, disabled_at=now, why=f"it wants nothing any more ({why})")
        case Refused(theirs=False):
            return condition  # that message is unfit, which says nothing about the next
        case Refused(why=why):
            answered = replace(condition, failures=0, failing_since=None, failed_at=None, open_until=None)
            return _after_loss(answered, why, now)
        case RetryLater():
            failed = _after_failure(condition, outcome, schedule, now)
            return _after_loss(failed, outcome.why, now) if out_of_tries else failed


def _after_failure(condition: Health, outcome: RetryLater, schedule: Schedule, now: datetime) -> Health:
    since, last = condition.failing_since, condition.failed_at
    goes_on = since is not None and last is not None and abs(now - last) <= LONGEST_GAP
    since = since if since is not None and goes_on else now
    failures = condition.failures + 1 if goes_on else 1
    wish = timedelta(0) if outcome.ambiguous else outcome.after or timedelta(0)
    pause = min(wish, LONGEST_WISH)
    if failures >= TOLERATED_FAILURES:
        rung = min(failures - TOLERATED_FAILURES + 1, len(schedule.pauses))
        rest = schedule.pauses[rung - 1] if rung else timedelta(0)
        pause = max(pause, jittered(min(rest, LONGEST_PAUSE), condition.id, failures))
    failed = replace(
        condition,
        failures=failures,
        failing_since=since,
        failed_at=now,
        open_until=now + pause if pause else None,
    )
    return _disabled(failed, since, outcome.why, now) if now - since >= DEAD_AFTER else failed


def _after_loss(condition: Health, why: str, now: datetime) -> Health:
    """Count a message that is lost for good, unless it was lost together with the one before."""
    since, last = condition.losing_since, condition.lost_at
    if since is None or last is None or since > now:
        return replace(condition, losses=1, losing_since=now, lost_at=now)
    if abs(now - last) < _SEPARATE:
        return condition
    lost = replace(condition, losses=condition.losses + 1, lost_at=now)
    dead = lost.losses >= ENOUGH_LOSSES and now - since >= DEAD_AFTER
    return _disabled(lost, since, why, now) if dead else lost


def _disabled(condition: Health, since: datetime, why: str, now: datetime) -> Health:
    why = f"nothing arrived since {since:%Y-%m-%d %H:%M} UTC ({why})"
    return replace(condition, disabled_at=now, why=why)
