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
