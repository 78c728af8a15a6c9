"""Many hosts that cannot be reached at once are an outage of ours; one or two are theirs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.outage import Outage

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("grade", ["dns", "route", "timeout"])
def test_from_the_third_host_on_that_cannot_be_reached_our_own_network_is_to_blame(grade):
    outage = Outage()
    verdicts = [outage.is_ours(host, grade, NOW) for host in ("a", "a", "b", "c", "a")]
    assert verdicts == [False, False, False, True, True]


def test_a_host_that_answers_ends_it_whatever_it_says():
    outage = Outage()
    for host in "abc":
        outage.is_ours(host, "dns", NOW)
    assert not outage.is_ours("d", "connect", NOW)
    assert not outage.is_ours("a", "dns", NOW)
    outage.is_ours("b", "dns", NOW)
    outage.reached()
    assert not outage.is_ours("c", "dns", NOW)


def test_hosts_that_failed_long_apart_are_no_outage():
    outage = Outage()
    assert not any(
        outage.is_ours(host, "dns", NOW + 11 * MINUTE * number) for number, host in enumerate("abcdef")
    )


def test_an_outage_lasts_an_hour_at_most_and_is_looked_for_ever_more_rarely():
    """Where all sites are gone for good, findings must come: nobody else would tell."""
    outage, now, pauses = Outage(), NOW, []
    outage.is_ours("a", "timeout", now)
    outage.is_ours("b", "timeout", now)
    while outage.is_ours("c", "timeout", now):
        pauses.append(outage.pause(now) // MINUTE)
        now += outage.pause(now)
    assert pauses == [1, 1, 2, 4, 8, 15, 15, 15]
    assert timedelta(hours=1) <= now - NOW < timedelta(hours=1.5)
    assert not any(outage.is_ours(host, "timeout", now) for host in "abcd")
    assert outage.latest(now + 360 * MINUTE, 5 * MINUTE, now) == now + 15 * MINUTE
    assert outage.latest(now + 360 * MINUTE, 120 * MINUTE, now) == now + 120 * MINUTE
    outage.reached()
    assert outage.latest(now + 360 * MINUTE, 5 * MINUTE, now) == now + 360 * MINUTE
    assert [outage.is_ours(host, "timeout", now) for host in "abc"] == [False, False, True]
    assert outage.pause(now) == MINUTE
