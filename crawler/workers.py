"""Run the reading of foreign bytes in processes that can be killed."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from state.errors import ReadError, YuewatchError

P = ParamSpec("P")
T = TypeVar("T")

# A forkserver imports these once; each worker starts from there in milliseconds.
PRELOAD = ["crawler.reading.page", "crawler.leads.read"]
_TASKS_PER_WORKER = 500
_PAUSES = (0, 1, 4)
"""Seconds before the pool is opened anew, each time that no worker could be had."""


class WorkerKilled(ReadError):  # noqa: N818 - named for what it tells
    """Report that a worker was killed, died or failed over one input; the next input gets a sound worker."""


class NoWorkers(YuewatchError):  # noqa: N818 - named for what it tells
    """Report that no worker could be started: nothing is known of the input, which is to be kept and read later."""


class Workers:
    """Run pure functions over foreign bytes under a deadline and a memory limit.

    A worker that hangs is killed and replaced; whoever waits gets WorkerKilled, everybody else notices nothing. Where
    none can be started (memory or processes are used up), everybody gets NoWorkers after some seconds.
    """

    def __init__(
        self, count: int = 2, deadline: timedelta = timedelta(seconds=10), memory: int = 512 * 2**20
    ) -> None:
        self._deadline = deadline.total_seconds()
        self._count = count
        self._memory = memory
        self._pool = self._open()

    def _open(self) -> ProcessPool:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOAD)
        return ProcessPool(
            max_workers=self._count,
            max_tasks=_TASKS_PER_WORKER,
            initializer=_limit,
            initargs=(self._memory,),
            context=context,
        )

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` in a worker and give its result, or raise what it raised; WorkerKilled past the deadline."""
        try:
            return await self._run(function, args, kwargs)
        except (FutureTimeoutError, TimeoutError) as error:
            raise WorkerKilled(f"reading took longer than {self._deadline:g} s and was stopped") from error
        except ProcessExpired as error:
            raise WorkerKilled(f"the reading process died (exit code {error.exitcode})") from error
        except MemoryError as error:
            raise WorkerKilled("reading needed more memory than it may have") from error
        except YuewatchError:
            raise
        except Exception as error:
            raise WorkerKilled(f"reading failed with {type(error).__name__}: {error}") from error

    async def _run(self, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        for pause in (*_PAUSES, None):
            try:
                return await asyncio.wrap_future(self._schedule(function, args, kwargs))
            except BrokenProcessPool:
                # The fork server is gone, or a worker could not be started: no fault of this input, which a new pool may serve.
                if pause is not None:
                    await asyncio.sleep(pause)
        raise NoWorkers(
            "no process for reading could be started; look for memory and processes of this machine"
        )

    def _schedule(
        self, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Future[T]:
        """Hand a task to the pool, or to a new one where it is broken.

        A worker that dies while idle (the kernel short of memory, a careless kill) breaks its pool for good.
        """
        try:
            return self._pool.schedule(function, args=list(args), kwargs=kwargs, timeout=self._deadline)
        except RuntimeError:
            self.close()
            self._pool = self._open()
        try:
            return self._pool.schedule(function, args=list(args), kwargs=kwargs, timeout=self._deadline)
        except RuntimeError as error:
            raise BrokenProcessPool(str(error)) from error

    def close(self) -> None:
        """Stop all workers, killing what still runs."""
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble is untyped
        with suppress(RuntimeError):  # a broken pool cannot be joined, and has nothing left to wait for
            self._pool.join()


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
