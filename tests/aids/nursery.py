"""Start yuewatch out of a process that has imported everything, so that hundreds of starts take minutes, not an hour.

Run as a program it is that process. Orders are lines of JSON on its standard input: `["born", {…}]` is answered with a
pid, `["poll", pid]` with null while it lives and else with its exit code as `subprocess` gives it. What is born is a
process as any other, with a fork server of its own; only its imports were made before. The real command is started by
`make demo` and the tutorial's test, and with COVER_PROCESSES=1 by every test.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from functools import cache
from importlib import import_module
from multiprocessing import forkserver, util
from pathlib import Path
from typing import Any, TypedDict

_NEEDED = (
    "crawler.cli.main",
    "crawler.cli.run",
    "crawler.cli.backfill",
    "crawler.cli.crawl",
    "crawler.daemon",
    "crawler.reactor",
    "crawler.fetching.handler",
    "crawler.fetching.middlewares",
    "crawler.leads.read",
    "crawler.reading.page",
    "scrapy.downloadermiddlewares.httpcompression",
    "scrapy.extensions.feedexport",
    "spiders.sites",
    "spiders.feed",
)

ANEW = "COVER_PROCESSES" in os.environ
"""Start the real command each time, which coverage can follow."""
_ADDING = os.O_WRONLY | os.O_CREAT | os.O_APPEND


class _Order(TypedDict):
    """Say what to start, where, and where its output is added to."""

    words: list[str]
    given: str
    out: str
    err: str
    folder: str
    environment: dict[str, str]


class Born:
    """Stand for one process, as `subprocess.Popen` does."""

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
        if self.poll() is None:
            handle = os.pidfd_open(self.pid)
            try:
                ended, _, _ = select.select([handle], [], [], timeout)
            finally:
                os.close(handle)
            if not ended:
                raise subprocess.TimeoutExpired("yuewatch", timeout)
        while (code := self.poll()) is None:
            time.sleep(0.001)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Send it SIGKILL."""
        self.send_signal(signal.SIGKILL)


Process = Born | subprocess.Popen[str]


class Nursery:
    """Keep the process of which others are born."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._one_at_a_time = threading.Lock()

    def born(self, order: _Order) -> Born:
        """Start a process."""
        return Born(self, self.ask("born", order))

    def ask(self, *order: Any) -> Any:
        """Give an order and its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._one_at_a_time:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End it; what was born of it lives on."""
        self._process.communicate()


def start(
    *words: str | Path,
    out: Path,
    err: Path | None = None,
    given: Path | None = None,
    folder: Path | None = None,
    environment: dict[str, str] | None = None,
) -> Process:
    """Start `yuewatch WORDS`; what it writes is added to `out`, standard error to `err` where that is named."""
    order = _Order(
        words=[str(word) for word in words],
        given=str(given or os.devnull),
        out=str(out),
        err=str(err or out),
        folder=str(folder or Path.cwd()),
        environment=dict(os.environ) if environment is None else environment,
    )
    return _start_anew(order) if ANEW else _nursery().born(order)


def run(*words: str | Path, patience: float, given: str | None = None, **where: Any) -> tuple[int, str, str]:
    """Run `yuewatch WORDS` to its end; give its exit code, standard output and standard error."""
    with tempfile.TemporaryDirectory() as folder:
        out, err, asked = (Path(folder) / name for name in ("out", "err", "given"))
        asked.write_text(given or "", "utf-8")
        process = start(*words, out=out, err=err, given=asked, **where)
        try:
            code = process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        return code, out.read_text("utf-8"), err.read_text("utf-8")


@cache
def _nursery() -> Nursery:
    """Give the one nursery of this test process."""
    opened = Nursery()
    atexit.register(opened.close)
    return opened


def _start_anew(order: _Order) -> subprocess.Popen[str]:
    command = [str(Path(sys.executable).with_name("yuewatch")), *order["words"]]
    with (
        Path(order["given"]).open() as given,
        Path(order["out"]).open("a") as out,
        Path(order["err"]).open("a") as err,
    ):
        return subprocess.Popen(
            command,
            cwd=order["folder"],
            env=order["environment"],
            stdin=given,
            stdout=out,
            stderr=err,
            text=True,
        )


def _give_birth(order: _Order) -> int:
    pid = os.fork()
    if pid:
        return pid
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    given = os.open(order["given"], os.O_RDONLY)
    out, err = (os.open(name, _ADDING, 0o644) for name in (order["out"], order["err"]))
    for ours, theirs in ((given, 0), (out, 1), (err, 2)):
        os.dup2(ours, theirs)
        os.close(ours)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115 - they stay open
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115 - as above
    _give_birth_to_a_fork_server()
    import_module("crawler.cli.main").main(order["words"], prog_name="yuewatch")
    raise AssertionError("click ends the process")


def _give_birth_to_a_fork_server() -> None:
    """Fork it, too, as long as nothing runs beside us; one that is needed later is started as always."""
    real = util.spawnv_passfds
    util.spawnv_passfds = _fork_and_run
    try:
        forkserver.set_forkserver_preload(import_module("crawler.workers").PRELOAD)
        forkserver.ensure_running()
    finally:
        util.spawnv_passfds = real


def _fork_and_run(_path: bytes, words: list[str], kept: list[int]) -> int:
    pid = os.fork()
    if pid:
        return pid
    begin = 3
    for descriptor in sorted(kept):
        os.closerange(begin, descriptor)
        begin = descriptor + 1
    os.closerange(begin, os.sysconf("SC_OPEN_MAX"))
    code = 1
    try:
        exec(words[-1], {})  # what it would have run with `python -c`
        code = 0
    except SystemExit:
        code = 0
    finally:
        os._exit(code)


def _poll(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _keep() -> None:
    for module in _NEEDED:
        import_module(module)
    orders = {"born": _give_birth, "poll": _poll}
    for line in sys.stdin:
        what, *given = json.loads(line)
        sys.stdout.write(json.dumps(orders[what](*given)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _keep()
