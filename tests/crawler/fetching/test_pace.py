"""Turns: one request at a time on a host, with its delay between two starts, over all crawls."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from crawler.fetching.pace import LONGEST_HOLD, HostHeld, Pace

DELAY = 0.05


@pytest.fixture
def pace():
    return Pace(timedelta(seconds=DELAY))


async def _visit(pace, host, log, length=0.0):
    async with pace.turn(host):
        log.append((host, time.monotonic()))
        await asyncio.sleep(length)
        log.append((host, time.monotonic()))


async def test_starts_on_one_host_are_at_least_the_delay_apart(pace):
    log = []
    await asyncio.gather(*(_visit(pace, "gd.example", log) for _ in range(5)))
    starts = [moment for _, moment in log[::2]]
    assert all(later - earlier >= DELAY for earlier, later in pairwise(starts))


async def test_a_turn_does_not_begin_before_the_last_one_ends(pace):
    log = []
    await asyncio.gather(*(_visit(pace, "gd.example", log, length=2 * DELAY) for _ in range(3)))
    moments = [moment for _, moment in log]
    assert moments == sorted(moments)


async def test_hosts_do_not_wait_for_each_other(pace):
    log = []
    async with pace.turn("gd.example"):
        await _visit(pace, "sz.example", log)
    assert len(log) == 2


async def test_the_delay_counts_from_start_to_start_so_a_slow_page_costs_no_extra_wait(pace):
    async with pace.turn("gd.example"):
        await asyncio.sleep(2 * DELAY)
        ended = time.monotonic()
    waits = []

    async def note(seconds):
        waits.append(seconds)

    sleep, asyncio.sleep = asyncio.sleep, note
    try:
        async with pace.turn("gd.example"):
            assert time.monotonic() >= ended
    finally:
        asyncio.sleep = sleep
    assert waits == []


async def test_a_turn_that_fails_or_is_cancelled_frees_the_host(pace):
    with pytest.raises(ZeroDivisionError):
        async with pace.turn("gd.example"):
            raise ZeroDivisionError
    waiting = asyncio.create_task(_visit(pace, "gd.example", [], length=60))
    await asyncio.sleep(2 * DELAY)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    log = []
    await _visit(pace, "gd.example", log)
    assert len(log) == 2


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (0.0, DELAY),  # it can only slow us down
        (0.2, 0.2),
        (1e9, 120.0),
        (float("inf"), 120.0),
    ],
)
async def test_a_crawl_delay_slows_us_down_within_bounds(pace, asked, kept):
    pace.set_crawl_delay("gd.example", asked)
    assert pace._delays["gd.example"] == kept
    if kept > 1:
        return
    log = []
    await _visit(pace, "gd.example", log)
    await _visit(pace, "gd.example", log)
    assert log[2][1] - log[0][1] >= kept


async def test_after_a_restart_every_host_waits_once_as_if_it_had_just_been_asked(pace):
    pace.resume({"https://slow.example": 3 * DELAY})
    begun = time.monotonic()
    log = []
    await asyncio.gather(_visit(pace, "gd.example", log), _visit(pace, "slow.example", log))
    starts = dict(log[::-1])
    assert starts["gd.example"] - begun >= DELAY - 0.001
    assert starts["slow.example"] - begun >= 3 * DELAY - 0.001


async def test_a_site_may_take_back_its_crawl_delay(pace):
    pace.set_crawl_delay("gd.example", 60.0)
    pace.set_crawl_delay("gd.example", 0.0)
    assert pace.delay_of("gd.example") == timedelta(seconds=DELAY)


async def test_of_two_robots_txt_of_a_host_the_longer_delay_holds(pace):
    """That of http is often missing, while https is what is crawled."""
    pace.resume({"https://gd.example": 60.0})
    pace.set_crawl_delay("gd.example", 0.0, "http://gd.example")
    assert pace.delay_of("gd.example") == timedelta(minutes=1)
    pace.set_crawl_delay("gd.example", 10.0, "https://gd.example")
    assert pace.delay_of("gd.example") == timedelta(seconds=10)
    pace.set_crawl_delay("gd.example", 0.0, "https://gd.example")
    assert pace.delay_of("gd.example") == timedelta(seconds=DELAY)


async def test_a_held_host_gets_no_turn_and_says_until_when(pace):
    until = pace.hold("gd.example", datetime.now(UTC) + timedelta(hours=1))
    with pytest.raises(HostHeld, match=r"gd\.example asked us to stay away until") as held:
        async with pace.turn("gd.example"):
            pass
    assert held.value.until == until
    assert held.value.retryable
    await _visit(pace, "sz.example", [])


async def test_a_hold_that_comes_while_waiting_is_heeded_too(pace):
    async def wait():
        async with pace.turn("gd.example"):
            pytest.fail("a turn began on a held host")

    async with pace.turn("gd.example"):
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        pace.hold("gd.example", datetime.now(UTC) + timedelta(hours=1))
    with pytest.raises(HostHeld):
        await waiting


def test_a_hold_lasts_a_day_at_most(pace):
    before = datetime.now(UTC)
    until = pace.hold("gd.example", before + timedelta(days=3650))
    assert before + LONGEST_HOLD <= until <= datetime.now(UTC) + LONGEST_HOLD


def test_a_longer_hold_stands(pace):
    longer = pace.hold("gd.example", datetime.now(UTC) + timedelta(hours=2))
    assert pace.hold("gd.example", datetime.now(UTC) + timedelta(hours=1)) == longer


async def test_a_hold_that_is_over_is_forgotten(pace):
    pace.hold("gd.example", datetime.now(UTC) - timedelta(seconds=1))
    await _visit(pace, "gd.example", [])
    assert pace.holds == {}
