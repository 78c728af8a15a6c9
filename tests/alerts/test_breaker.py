from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.breaker import DEAD_AFTER, LONGEST_GAP, LONGEST_PAUSE, TOLERATED_FAILURES, after
from alerts.outcome import Delivered, Gone, Refused, RetryLater
from alerts.retry import EMAIL, WEBHOOK, jittered
from state.destinations import Health

WELL = Health("hook")
FAILED = RetryLater("HTTP 500")
REFUSED = Refused("SMTP 550 to RCPT", theirs=True)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


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


def test_a_message_that_we_refuse_ourselves_says_nothing_about_its_destination(now):
    assert after(fail(2, now), Refused("too large"), WEBHOOK, now) == fail(2, now)


def test_a_wish_for_patience_is_kept_at_once(now):
    condition = after(WELL, RetryLater("HTTP 429", timedelta(minutes=5)), WEBHOOK, now)
    assert condition.open_until == now + timedelta(minutes=5)


def test_an_ambiguous_mail_does_not_hold_up_the_others(now):
    condition = after(WELL, RetryLater("no answer", timedelta(minutes=30), ambiguous=True), WEBHOOK, now)
    assert condition.open_until is None


def lived(now, *tries):
    """Give the condition after tries, each with the time that passed before it."""
    condition = WELL
    for passed, outcome in tries:
        now += passed
        condition = after(condition, outcome, WEBHOOK, now)
    return condition


@pytest.mark.parametrize(("passed", "disabled"), [(timedelta(hours=23), False), (DAY, True)])
def test_a_destination_dead_for_days_is_disabled_and_says_why(now, passed, disabled):
    condition = lived(now, (0 * DAY, FAILED), (2 * DAY, FAILED), (2 * DAY, FAILED), (passed, FAILED))
    assert (condition.disabled_at is not None) is disabled
    assert not disabled or "nothing arrived since 2026-11-21 10:00 UTC (HTTP 500)" in condition.why


@pytest.mark.parametrize("schedule", [WEBHOOK, EMAIL], ids=["webhook", "e-mail"])
def test_one_message_tried_again_and_again_is_enough_to_know_that_nobody_is_there(now, schedule):
    condition, began, pause, tries = WELL, now, 0 * DAY, 0
    while pause is not None and not condition.disabled_at:
        now += jittered(pause, "dl", tries)
        tries += 1
        condition = after(condition, FAILED, schedule, now)
        pause = schedule.pause(tries, now - began)
    assert condition.disabled_at - began < DEAD_AFTER + 2 * DAY


@pytest.mark.parametrize(
    "tries",
    [
        [
            (0 * DAY, FAILED),
            (6 * DAY, FAILED),
        ],  # two hiccups, or the network is not up yet when the daemon is
        [(0 * DAY, FAILED), (DAY, FAILED), (DAY, FAILED), (4 * DAY, FAILED)],
        [(0 * DAY, FAILED), (400 * DAY, FAILED)],  # the clock jumped
        [(0 * DAY, FAILED), (timedelta(minutes=5), REFUSED), (6 * DAY, FAILED)],
        [(0 * DAY, REFUSED), (6 * DAY, REFUSED)],
        [(number // 9 * 6 * DAY, REFUSED) for number in range(10)],  # nine in a row, and one more days later
        [(0 * DAY, REFUSED), (3 * DAY, Delivered()), (3 * DAY, REFUSED), (DAY, REFUSED)],
    ],
)
def test_days_of_which_nothing_is_known_do_not_count_against_a_destination(now, tries):
    assert lived(now, *tries).disabled_at is None


def test_after_a_gap_the_count_of_failures_begins_anew(now):
    condition = after(fail(9, now), FAILED, WEBHOOK, now + LONGEST_GAP + timedelta(seconds=1))
    assert (condition.failures, condition.open_until) == (1, None)


def test_an_answered_refusal_is_a_sign_of_life(now):
    condition = after(fail(2, now), REFUSED, WEBHOOK, now)
    assert (condition.failures, condition.failing_since, condition.losses) == (0, None, 1)


@pytest.mark.parametrize("every", [timedelta(hours=1), DAY, WEEK])
def test_a_mailbox_that_refuses_everything_is_disabled_however_seldom_it_is_written_to(now, every):
    condition, began, tries = WELL, now, 0
    while not condition.disabled_at:
        condition = after(condition, REFUSED, EMAIL, now)
        now += every
        tries += 1
    assert tries == {timedelta(hours=1): 121, DAY: 6, WEEK: 3}[every]
    assert condition.why == f"nothing arrived since {began:%Y-%m-%d %H:%M} UTC (SMTP 550 to RCPT)"


def test_so_is_one_that_fails_until_each_weekly_message_is_out_of_tries(now):
    condition = WELL
    for week in range(3):
        assert condition.disabled_at is None
        condition = after(condition, FAILED, WEBHOOK, now + week * WEEK)
        condition = after(
            condition, FAILED, WEBHOOK, now + week * WEEK + timedelta(minutes=5), out_of_tries=True
        )
    assert condition.disabled_at is not None


def test_a_wrong_clock_is_no_evidence_when_it_is_right_again(now):
    ahead = lived(now + 400 * DAY, (0 * DAY, FAILED), (0 * DAY, REFUSED))
    assert after(ahead, FAILED, WEBHOOK, now).failing_since == now
    assert after(ahead, REFUSED, WEBHOOK, now).losing_since == now


def test_gone_disables_at_once(now):
    assert after(WELL, Gone("HTTP 410"), WEBHOOK, now).disabled_at == now
