"""Count what a backfill does, and show it: a display on a terminal, JSON lines elsewhere."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from crawler.backfill.requests import Outcome

_EVERY = 10.0


@dataclass(slots=True)
class Tally:
    """Hold the figures of one run; `todo` and `settled` count what the display measures: pages, or bytes of files."""

    phase: str = "planning"
    todo: int = 0
    settled: int = 0
    requests: int = 0
    fetched: int = 0
    bytes: int = 0
    held: int = 0
    kept: int = 0
    folded: int = 0
    known: int = 0
    skipped: int = 0
    failed: int = 0
    matches: int = 0
    alerts: int = 0
    began: float = field(default_factory=time.monotonic)

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count what became of a block."""
        for outcome in outcomes:
            self.kept += outcome.state == "kept"
            self.known += outcome.state == "known"
            self.skipped += outcome.state == "skipped"
            self.failed += outcome.state == "failed"
            self.folded += outcome.relation is not None
            self.matches += outcome.matches
            self.alerts += outcome.alerts

    def rate(self) -> float:
        """Give the pages a second that were read so far."""
        took = time.monotonic() - self.began
        return (self.kept + self.known + self.skipped) / took if took > 0 else 0.0

    def shape(self) -> dict[str, Any]:
        """Shape the figures for JSON."""
        figures = asdict(self)
        took = time.monotonic() - figures.pop("began")
        left = self.todo - self.settled
        speed = self.settled / took if took > 0 else 0.0
        return figures | {
            "seconds": round(took, 1),
            "pages_per_second": round(self.rate(), 2),
            "remaining_seconds": round(left / speed) if speed > 0 and left > 0 else None,
        }

    def line(self) -> str:
        """Say the figures in one line."""
        return (
            f"{self.phase}: {self.kept} kept, {self.folded} folded, {self.matches} matches, "
            f"{self.known} known, {self.skipped} outside, {self.failed} failed, {self.rate():.1f}/s"
        )


class Display:
    """Show a tally as it grows."""

    def __init__(self, tally: Tally, progress: Progress | None) -> None:
        self._tally = tally
        self._progress = progress
        self._task = progress.add_task("", total=None) if progress is not None else None
        self._told = time.monotonic()

    def refresh(self) -> None:
        """Show the figures as they stand; off a terminal at most every ten seconds."""
        if self._progress is not None and self._task is not None:
            self._progress.update(
                self._task,
                description=self._tally.line(),
                total=self._tally.todo or None,
                completed=self._tally.settled,
            )
        elif time.monotonic() - self._told >= _EVERY:
            self.tell()

    def tell(self) -> None:
        """Write the figures as a JSON line, off a terminal."""
        if self._progress is None:
            self._told = time.monotonic()
            sys.stdout.write(json.dumps({"progress": self._tally.shape()}) + "\n")
            sys.stdout.flush()


@contextmanager
def display(tally: Tally) -> Iterator[Display]:
    """Show a tally for the length of the block."""
    if not sys.stdout.isatty():
        yield Display(tally, None)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(markup=False), transient=True) as progress:
        yield Display(tally, progress)
