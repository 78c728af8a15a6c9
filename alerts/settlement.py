"""Say what follows from an outcome, for a delivery and for its destination, and write it down in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlite_utils import Database

from alerts import breaker
from alerts.destination import Destination
from alerts.outcome import Delivered, Gone, Outcome, Refused, RetryLater
from alerts.retry import LONGEST_WISH, next_pause
from state import destinations as conditions
from state import outbox, sources
from state.deliveries import Contents, Notice, load_delivery
from state.records import Delivery, DeliveryState

log = structlog.get_logger(__name__)

_OUTAGE = timedelta(days=1)
"""When no source at all has answered for so long, our own network is as likely to be down as a destination."""


def agenda(db: Database, fallbacks: Mapping[str, str], now: datetime) -> dict[str, datetime]:
    """Tell when each destination is to be served next, after what waits for disabled ones is settled."""
    conditions.cut_pauses(db, now + LONGEST_WISH)
    conditions.settle_disabled(db, fallbacks, now)
    return outbox.agenda(db)


def claim_next(db: Database, destination: Destination, now: datetime, lease: timedelta) -> Contents | None:
    """Lease the next due delivery of a destination and load all it carries; None where nothing is due.

    One that cannot be loaded has failed a try, and lets the next pass: it must not hold up its lane for ever.
    """
    while claimed := outbox.claim(db, now, lease, 1, destination=destination.id):
        (delivery,) = claimed
        try:
            return load_delivery(db, delivery.id)
        except sqlite3.Error:
            raise  # the state is ill, not this delivery
        except Exception as error:  # noqa: BLE001 - whatever is odd in it; the message may quote what is stored
            log.warning("delivery unreadable", delivery=delivery.id, error=type(error).__name__)
            unread = RetryLater(f"it could not be read from the state ({type(error).__name__})")
            state, due_at = _next_state(destination, delivery, unread, now)
            outbox.record(db, outbox.Attempt(delivery.id, now, "retry_later", unread.why), state, due_at)
    return None


def settle(
    db: Database,
    destination: Destination,
    delivery: Delivery,
    outcome: Outcome,
    at: datetime,
    took: timedelta,
    now: datetime,
    operators: Sequence[str] = (),
) -> DeliveryState:
    """Store an outcome and what follows from it for the delivery and for its destination.

    `operators` are the destinations of those who run yuewatch: they hear of it when this one is disabled.
    """
    state, due_at = _next_state(destination, delivery, outcome, now)
    if outcome_name(outcome) == "ambiguous" and outbox.tried(db, delivery.id, "ambiguous"):
        # It most likely is there already: somebody should look before a third copy goes out.
        state, due_at = "parked", now
    attempt = outbox.Attempt(delivery.id, at, outcome_name(outcome), outcome.why, took)
    outbox.record(db, attempt, state, due_at)
    before = conditions.health(db, destination.id)
    condition = breaker.after(before, outcome, destination.schedule, now, out_of_tries=state == "parked")
    if isinstance(outcome, RetryLater) and sources.all_silent_since(db, now - _OUTAGE):
        condition = replace(condition, disabled_at=None, why=None)  # no outage of ours disables them all
    if condition != before:
        conditions.keep(db, condition)
    if condition.disabled_at and not before.disabled_at:
        log.warning("destination disabled", destination=destination.id, why=condition.why)
        farewell = _farewell(condition, destination.fallback)
        if destination.fallback is not None:
            outbox.notify(db, destination.fallback, farewell, now)
            # What is due follows when it is parked, too; see `agenda`.
            outbox.pass_on_parked(db, destination.id, destination.fallback, _silent_since(before, now), now)
        for operator in operators:
            if operator != destination.id:
                outbox.notify(db, operator, farewell, now)
    return state


def fallbacks_of(destinations: Iterable[Destination]) -> dict[str, str]:
    """Tell which destination stands in for which."""
    return {one.id: one.fallback for one in destinations if one.fallback is not None}


def _silent_since(condition: conditions.Health, now: datetime) -> datetime:
    """Tell since when nothing has arrived, as far as it is known."""
    return min(
        moment for moment in (condition.failing_since, condition.losing_since, now) if moment is not None
    )


def _farewell(condition: conditions.Health, fallback: str | None) -> Notice:
    heir = f", and comes to {fallback} from now on" if fallback else ""
    return Notice(
        key=f"disabled {condition.id} {condition.disabled_at}",
        title=f"The destination {condition.id} is disabled",
        lines=(
            f"Why: {condition.why}.",
            f"What falls due there is parked{heir}.",
            f"Once it is mended, `yuewatch alerts retry --destination {condition.id}` enables it and sends what is parked.",
        ),
    )


def _next_state(
    destination: Destination, delivery: Delivery, outcome: Outcome, now: datetime
) -> tuple[DeliveryState, datetime]:
    match outcome:
        case Delivered():
            return "delivered", now
        case Refused() | Gone():
            return "parked", now
        case RetryLater():
            pause = next_pause(
                destination.schedule,
                delivery_id=delivery.id,
                attempts=delivery.attempts,
                elapsed=now - (delivery.since or now),
                wished=outcome.after,
            )
            return ("parked", now) if pause is None else ("due", now + pause)


def outcome_name(outcome: Outcome) -> outbox.OutcomeName:
    """Name an outcome as the attempts table does."""
    match outcome:
        case Delivered():
            return "delivered"
        case RetryLater(ambiguous=True):
            return "ambiguous"
        case RetryLater():
            return "retry_later"
        case Refused():
            return "refused"
        case Gone():
            return "gone"
