"""Run a coroutine on Twisted's asyncio reactor, the one loop of a yuewatch process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from scrapy.utils.reactor import install_reactor

from crawler.fetching.settings import TWISTED_REACTOR

T = TypeVar("T")


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main()` to its end on the reactor and give its result; may be called once per process."""
    install_reactor(TWISTED_REACTOR)
    from twisted.internet import reactor as module  # noqa: PLC0415 - importing it installs it, so it must come after

    reactor: Any = module  # what the name holds is the reactor, whatever its type stubs say
    loop = asyncio.get_event_loop()
    task: asyncio.Task[T] = loop.create_task(main())
    task.add_done_callback(lambda _: reactor.stop())
    reactor.run(installSignalHandlers=False)
    return task.result()
