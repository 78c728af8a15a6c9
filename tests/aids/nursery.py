"""Give birth to daemons from a process that has imported everything, so that a thousand starts take minutes, not hours.

Run as a program it is that process. Orders are lines of JSON on its standard input: `["born", config, log]` is answered
with a pid, `["poll", pid]` with null while it lives and else with its exit code as `subprocess` gives it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from multiprocessing import forkserver
from pathlib import Path
from typing import Any, Self

_NEEDED = (
    "crawler.cli.main",
    "crawler.cli.run",
    "crawler.daemon",
    "crawler.reactor",
    "crawler.fetching.handler",
    "crawler.fetching.middlewares",
    "scrapy.downloadermiddlewares.httpcompression",
    "scrapy.extensions.feedexport",
    "spiders.sites",
    "spiders.feed",
)


class Born:
    """Stand for one daemon, as `subprocess.Popen` does."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """Give the exit code, None while it lives."""
        if self._code is None:
            self._code = self._nursery.ask("poll", self.pid)
        return self._code

    def wait(self, timeout: float = 60) -> int:
        """Wait for its end, and give its exit code."""
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("yuewatch run", timeout)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Send it SIGKILL."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """Keep the process of which daemons are born."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def born(self, config: Path, log: Path) -> Born:
        """Start a daemon."""
        return Born(self, self.ask("born", str(config), str(log)))

    def ask(self, *order: Any) -> Any:
        """Give an order and its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def _give_birth(config: str, log: str) -> int:
    forkserver.ensure_running()  # it falls over a daemon that dies while asking it for a reader
    pid = os.fork()
    if pid:
        return pid
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, theirs in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(ours, theirs)
    # What reads pages has been imported once, too: whoever is born forks its readers from the nursery's own fork server.
    forkserver._forkserver.ensure_running = lambda: None
    main = import_module("crawler.cli.main").main
    main(["--config", config, "run"], prog_name="yuewatch")
    raise AssertionError("click ends the process")


def _poll(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _keep() -> None:
    for module in _NEEDED:
        import_module(module)
    forkserver.set_forkserver_preload(import_module("crawler.workers").PRELOAD)
    orders = {"born": _give_birth, "poll": _poll}
    for line in sys.stdin:
        what, *given = json.loads(line)
        sys.stdout.write(json.dumps(orders[what](*given)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _keep()
