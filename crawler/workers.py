"""Run the reading of foreign bytes in processes that can be killed."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import timedelta
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from state.errors import ReadError, YuewatchError

P = ParamSpec("P")
T = TypeVar("T")

# A forkserver imports these once; each worker starts from there in milliseconds.
_PRELOAD = ["crawler.reading.page", "crawler.leads.read"]
_TASKS_PER_WORKER = 500


class WorkerKilled(ReadError):  # noqa: N818 - named for what it tells
    """Report that a worker was killed, died or failed over one input; the next input gets a sound worker."""


class Workers:
    """Run pure functions over foreign bytes under a deadline and a memory limit.

    A worker that hangs is killed and replaced; whoever waits gets WorkerKilled, everybody else notices nothing.
    """

    def __init__(
        self, count: int = 2, deadline: timedelta = timedelta(seconds=10), memory: int = 512 * 2**20
    ) -> None:
        self._deadline = deadline.total_seconds()
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOAD)
        self._pool = ProcessPool(
            max_workers=count,
            max_tasks=_TASKS_PER_WORKER,
            initializer=_limit,
            initargs=(memory,),
            context=context,
        )

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` in a worker and give its result, or raise what it raised; WorkerKilled past the deadline."""
        future = self._pool.schedule(function, args=list(args), kwargs=dict(kwargs), timeout=self._deadline)
        try:
            return await asyncio.wrap_future(future)
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

    def close(self) -> None:
        """Stop all workers, killing what still runs."""
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble is untyped
        self._pool.join()


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
