"""Visits of hosts go on whatever the loop is busy with: a host that is never visited again would be our own silence."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from crawler.daemon import Daemon

HOST = "gd.example"


class Agenda:
    """Say that the host is always due, and keep the loop busy for longer than a visit rests each time it is asked."""

    async def due_times(self):
        asyncio.get_running_loop().call_soon(time.sleep, 0.3)
        return {HOST: datetime.now(UTC) - timedelta(minutes=1)}


@pytest.fixture
async def visits():
    """Count the visits of a daemon that does nothing else."""
    visited = []

    async def visit(host):
        visited.append(host)
        return SimpleNamespace(polls=(), leads=())

    station = SimpleNamespace(agenda=Agenda(), visit=visit, writer=SimpleNamespace(trouble=None))
    daemon = Daemon(station, lambda: None)
    daemon._scheduler.start()
    yield daemon, visited
    daemon._stop.set()
    daemon._scheduler.shutdown(wait=False)
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(*daemon._rounds), 5)


async def test_a_loop_that_was_busy_when_a_visit_was_due_does_not_end_the_visits(visits):
    daemon, visited = visits
    await daemon._plan_all()
    await asyncio.sleep(4)
    assert len(visited) >= 4


async def test_a_host_that_was_forgotten_is_found_again(visits):
    daemon, visited = visits
    await daemon._plan_forgotten()
    await asyncio.sleep(1)
    assert set(visited) == {HOST}
