"""yuewatch as its user meets it: a folder, a configuration, and verbs on a command line."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nursery
import pytest
import yaml
from click.testing import CliRunner
from nursery import Process

from crawler.cli.main import main
from crawler.configuration.load import load_configuration
from crawler.ingest import Ingested
from crawler.station import build_ingest
from state.records import Article, Origin
from state.writer import Writer

PACK = Path(__file__).parents[1] / "packs" / "robots"
PATIENCE = 120
"""Seconds until something that should have happened counts as hanging."""


@dataclass(frozen=True)
class Outcome:
    """Hold what a verb left behind: exit code, output, and the log lines it wrote on standard error."""

    code: int
    out: str
    err: str

    @property
    def log(self) -> list[dict[str, Any]]:
        """Give the structured log lines."""
        return [json.loads(line) for line in self.err.splitlines() if line.startswith("{")]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Read standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class Desk:
    """Keep a folder with one configuration, and run yuewatch there as its user does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "yuewatch.yaml"
        self.state = folder / "state.db"
        self.processes: list[Process] = []

    def write(self, **configuration: Any) -> None:
        """Write the configuration: loopback may be read, there is hardly a delay, and only the sources named count."""
        fetching = {"delay": "0.01s", "deadline": "30s", "allow_addresses": ["127.0.0.1"]}
        fetching |= configuration.pop("fetching", {})
        whole = {
            "state": "state.db",
            "pack": str(PACK),
            "pack_sources": False,
            "log": {"format": "json"},
            "fetching": fetching,
        }
        self.file.write_text(yaml.safe_dump(whole | configuration, allow_unicode=True), "utf-8")

    def webhook(self, url: str, **more: Any) -> dict[str, Any]:
        """Describe a webhook destination on loopback."""
        secret = self.folder / "secret"
        secret.write_text("whsec_b25seSBmb3IgdGVzdHMsIHNlY3JldCBmcm9tIG5vYm9keQ==\n")
        secret.chmod(0o600)
        return {"type": "webhook", "url": url, "secret_file": str(secret), "allow": ["127.0.0.1"]} | more

    def run(self, *words: str | Path, given: str | None = None, patience: float = PATIENCE) -> Outcome:
        """Run one verb to its end."""
        return Outcome(
            *nursery.run(
                *self._words(*words),
                patience=patience,
                given=given,
                folder=self.folder,
                environment=self.environment(),
            )
        )

    def start(self, *words: str | Path) -> Process:
        """Start a verb that goes on, such as `run`; its log goes to `daemon.log`."""
        log = self.folder / "daemon.log"
        process = nursery.start(
            *self._words(*words), out=log, folder=self.folder, environment=self.environment()
        )
        self.processes.append(process)
        return process

    def daemon(self) -> Process:
        """Start the daemon and wait until it says that it is running."""
        before = len(self.told("running"))
        process = self.start("run")
        self.until(lambda: len(self.told("running")) > before, process)
        return process

    def told(self, event: str) -> list[dict[str, Any]]:
        """Give the daemon's log lines of one event."""
        log = self.folder / "daemon.log"
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        return [row for row in map(_json_or_none, lines) if row is not None and row.get("event") == event]

    def until(self, condition: Callable[[], Any], process: Process | None = None) -> Any:
        """Wait until something holds, and give it; fail with the daemon's log where it never does."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and (process is None or process.poll() is None):
            found = condition()
            if found:
                return found
            time.sleep(0.05)
        log = self.folder / "daemon.log"
        return pytest.fail(f"waited in vain; the log says\n{log.read_text('utf-8') if log.exists() else ''}")

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """Run a verb in this process, and give its JSON lines."""
        return self.here(*words).rows

    def here(self, *words: str | Path, given: bytes | None = None) -> Outcome:
        """Run a verb that needs no event loop of its own in this process, which saves seconds of start-up."""

        before = Path.cwd()
        os.chdir(self.folder)
        try:
            result = CliRunner(env={"COLUMNS": "250"}).invoke(
                main, ["--config", str(self.file), *map(str, words)], input=given
            )
        finally:
            os.chdir(before)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    def ingest(
        self, *articles: Article, origin: Origin = "live", now: datetime | None = None
    ) -> list[Ingested]:
        """Put articles through the walk's one transaction in this process, as the daemon does once they are read."""
        configuration = load_configuration(self.file)
        ingest = build_ingest(configuration)
        at = now or datetime.now(UTC)
        with Writer(configuration.state) as writer:
            return [writer.run_now(ingest.article, article, origin, at) for article in articles]

    def _words(self, *words: str | Path) -> list[str]:
        return ["--config", str(self.file), *map(str, words)]

    def environment(self) -> dict[str, str]:
        """Give the test's environment without what could lead yuewatch to other files."""
        ours = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("YUEWATCH_") and name not in {"NOTIFY_SOCKET", "WATCHDOG_USEC"}
        }
        return ours | {"XDG_CONFIG_HOME": str(self.folder), "COLUMNS": "200"}

    def close(self) -> None:
        """End what still runs."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait(10)


def _json_or_none(line: str) -> dict[str, Any] | None:
    return json.loads(line) if line.startswith("{") else None
