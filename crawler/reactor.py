"""Run a coroutine on Twisted's asyncio reactor, the one loop of a yuewatch process."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from scrapy.utils.reactor import install_reactor

from crawler.fetching.settings import TWISTED_REACTOR

T = TypeVar("T")
_ENDING = (signal.SIGINT, signal.SIGTERM)


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main()` to its end on the reactor and give its result; may be called once per process.

    SIGINT and SIGTERM cancel it, unless it handles them itself, and end the process once it has put things in order;
    the second one ends it on the spot. Raises SystemExit with 128 plus the signal's number then, as shells expect.
    """
    install_reactor(TWISTED_REACTOR)
    from twisted.internet import reactor as module  # noqa: PLC0415 - importing it installs it, so it must come after

    reactor: Any = module  # what the name holds is the reactor, whatever its type stubs say
    loop = asyncio.get_event_loop()
    task: asyncio.Task[T] = loop.create_task(main())
    task.add_done_callback(lambda _: reactor.stop())
    caught: list[int] = []

    def interrupt(number: int) -> None:
        caught.append(number)
        for each in _ENDING:
            loop.remove_signal_handler(each)
            signal.signal(each, signal.SIG_DFL)
        task.cancel()

    for number in _ENDING:
        loop.add_signal_handler(number, interrupt, number)
    reactor.run(installSignalHandlers=False)
    if task.cancelled() and caught:
        raise SystemExit(128 + caught[0])
    return task.result()
