"""Reading foreign bytes in processes that can be killed: one bad input costs only itself."""

from __future__ import annotations

import asyncio
import errno
import multiprocessing.util
import os
import signal
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.configuration.place import find_file
from crawler.workers import NoWorkers, WorkerKilled, Workers
from state.errors import ConfigurationError


@pytest.fixture
def workers():
    opened = Workers(count=1, deadline=timedelta(seconds=2), memory=400 * 2**20)
    yield opened
    opened.close()


async def test_bad_inputs_cost_only_themselves(workers):
    """All in one, because starting the workers is what takes time."""
    assert await workers.run(sorted, [3, 1, 2], reverse=True) == [3, 2, 1]
    first = await workers.run(os.getpid)
    assert first != os.getpid()

    with pytest.raises(ConfigurationError, match="there is no configuration file"):
        await workers.run(find_file, Path("/nowhere/yuewatch.yaml"))
    with pytest.raises(WorkerKilled, match="reading failed with ZeroDivisionError: "):
        await workers.run(divmod, 1, 0)
    with pytest.raises(WorkerKilled, match="more memory than it may have"):
        await workers.run(bytearray, 2**30)
    assert await workers.run(os.getpid) == first

    with pytest.raises(WorkerKilled, match="took longer than 2 s and was stopped"):
        await workers.run(time.sleep, 60)
    second = await workers.run(os.getpid)
    assert second != first

    with pytest.raises(WorkerKilled, match="the reading process died"):
        await workers.run(os.abort)
    assert await workers.run(os.getpid) not in {first, second}


async def test_whoever_waits_behind_a_hanging_input_gets_an_answer(workers):
    hanging = asyncio.ensure_future(workers.run(time.sleep, 60))
    behind = [asyncio.ensure_future(workers.run(abs, -number)) for number in range(5)]
    assert await asyncio.gather(*behind) == [0, 1, 2, 3, 4]
    with pytest.raises(WorkerKilled):
        await hanging


async def test_a_worker_that_is_killed_while_it_has_nothing_to_do_is_replaced(workers):
    """The kernel does that when memory is short; no later page may suffer."""
    for _ in range(3):
        os.kill(await workers.run(os.getpid), signal.SIGKILL)
        with suppress(WorkerKilled):  # the task that comes just then may be lost
            await workers.run(abs, -1)
    await asyncio.sleep(0.3)
    assert [await workers.run(abs, -number) for number in range(3)] == [0, 1, 2]


async def test_a_fork_server_that_died_costs_no_input():
    workers = Workers(count=1)
    try:
        worker = await workers.run(os.getpid)
        for pid in (await workers.run(os.getppid), worker):
            os.kill(pid, signal.SIGKILL)
        assert await workers.run(abs, -1) == 1
    finally:
        workers.close()


async def test_where_no_process_can_be_started_nothing_is_said_of_the_input_and_later_it_is_read(monkeypatch):
    workers = Workers(count=1)
    monkeypatch.setattr("crawler.workers._PAUSES", (0, 0.1))
    try:
        worker = await workers.run(os.getpid)
        with monkeypatch.context() as without_memory:
            without_memory.setattr(multiprocessing.util, "spawnv_passfds", _no_memory)
            for pid in (await workers.run(os.getppid), worker):
                os.kill(pid, signal.SIGKILL)
            with pytest.raises(NoWorkers, match="no process for reading could be started"):
                await workers.run(abs, -1)
        assert await workers.run(abs, -1) == 1
    finally:
        workers.close()


def _no_memory(*_):
    raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))


async def test_closing_kills_what_still_runs():
    workers = Workers(count=1, deadline=timedelta(seconds=60))
    pid = await workers.run(os.getpid)
    hanging = asyncio.ensure_future(workers.run(time.sleep, 60))
    await asyncio.sleep(0.2)
    workers.close()
    hanging.cancel()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIG_DFL)
