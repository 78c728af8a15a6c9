from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.breaker import DEAD_AFTER, LONGEST_PAUSE, TOLERATED_FAILURES, after
from alerts.outcome import Delivered, Gone, Refused, RetryLater
from alerts.retry import WEBHOOK
from state.destinations import Health

WELL = Health("hook")
FAILED = RetryLater("HTTP 500")


def fail(times, now, condition=WELL):
    for _ in range(times):
        condition = after(condition, FAILED, WEBHOOK, now)
    return condition


def test_a_few_failures_are_tolerated(now):
    condition = fail(TOLERATED_FAILURES - 1, now)
    assert (condition.open_until, condition.failing_since) == (None, now)


def test_then_the_destination_is_spared_for_growing_pauses(now):
    pauses = [fail(TOLERATED_FAILURES + more, now).open_until - now for more in range(8)]
    assert pauses[0] < timedelta(seconds=10)
    assert pauses[1] > timedelta(minutes=3)
    assert max(pauses) <= LONGEST_PAUSE * 1.2


def test_one_success_forgives_everything(now):
    assert after(fail(9, now), Delivered(), WEBHOOK, now) == WELL


def test_a_refused_delivery_says_nothing_about_its_destination(now):
    assert after(fail(2, now), Refused("too large"), WEBHOOK, now) == fail(2, now)


def test_a_wish_for_patience_is_kept_at_once(now):
    condition = after(WELL, RetryLater("HTTP 429", timedelta(minutes=5)), WEBHOOK, now)
    assert condition.open_until == now + timedelta(minutes=5)


def test_an_ambiguous_mail_does_not_hold_up_the_others(now):
    condition = after(WELL, RetryLater("no answer", timedelta(minutes=30), ambiguous=True), WEBHOOK, now)
    assert condition.open_until is None


@pytest.mark.parametrize(
    ("passed", "disabled"), [(DEAD_AFTER - timedelta(seconds=1), False), (DEAD_AFTER, True)]
)
def test_a_destination_dead_for_days_is_disabled_and_says_why(now, passed, disabled):
    condition = after(fail(5, now), FAILED, WEBHOOK, now + passed)
    assert (condition.disabled_at is not None) is disabled
    assert not disabled or "nothing arrived since 2026-11-21 10:00 UTC (HTTP 500)" in condition.why


def test_gone_disables_at_once(now):
    assert after(WELL, Gone("HTTP 410"), WEBHOOK, now).disabled_at == now
