"""Say before a backfill what it will take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from crawler.backfill.spool import PIECE
from state import backfill_files, backfill_items, backfill_results, backfills
from state.database import open_reader

_ASSUMED = 30_000
"""Bytes of a page on its way, where none of its source is held."""
_CC_NEWS = 2**30
"""Bytes of a file of CC-NEWS, which are cut at about this size."""
PAGES_PER_SECOND = 25
"""Pages that two cores read and place in a second (tests/bench/backfill.py), a cautious figure."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Hold what is ahead: pages and files to get, requests made for the plan and to be made, minutes, bytes."""

    pages: int
    held: int
    files: int
    requests: int
    planned_with: int
    minutes: float
    bytes: int
    judged_by: int
    failed_listings: int

    def shape(self) -> dict[str, Any]:
        """Shape it as JSON."""
        return asdict(self) | {"minutes": round(self.minutes, 1)}

    def lines(self) -> list[str]:
        """Say it in words."""
        basis = f"as {self.judged_by} stored pages go" if self.judged_by else "assumed, nothing of it is held"
        what = f"{self.files} files, " if self.files else ""
        lines = [
            f"plan      {what}{self.pages} pages to get; {self.held} are held already",
            f"requests  {self.requests} to be made, {self.planned_with} made for this plan",
            f"time      at least {self.minutes:.1f} minutes at the manners owed",
            f"bytes     about {self.bytes / 1e6:.1f} MB ({basis})",
        ]
        if self.failed_listings:
            lines.append(f"warning   {self.failed_listings} listings could not be read; the log says why")
        return lines


def estimate(
    work: Path,
    state: Path,
    backfill: str,
    sources: tuple[str, ...],
    delay: Callable[[str], timedelta],
    in_files: tuple[int, int] = (0, 0),
) -> Estimate:
    """Judge the work list in `work` by what `state` holds and by the delay of each host.

    `in_files` counts the pages to read and those held in files on this machine.
    """
    with open_reader(work) as db:
        counts = backfill_results.counts(db, backfill)
        hosts = backfill_items.waiting_hosts(db, backfill)
        files = [file for file in backfill_files.every_file(db, backfill) if file.state != "done"]
        made = backfills.find(db, backfill)
        failed = len(backfill_results.failures(db, backfill))
    size, judged_by = _sizes(state, sources)
    pages = sum(hosts.values())
    seconds = max((count * delay(host).total_seconds() for host, count in hosts.items()), default=0.0)
    local, held = in_files
    file_bytes = sum(file.size or _CC_NEWS for file in files)
    return Estimate(
        pages=pages + local,
        held=counts.get("held", 0) + held,
        files=len(files),
        requests=pages + sum(1 + (file.size or _CC_NEWS) // PIECE for file in files if "://" in file.name),
        planned_with=made.requests if made is not None else 0,
        minutes=max(seconds, (pages + local) / PAGES_PER_SECOND) / 60,
        bytes=pages * (size or _ASSUMED) + file_bytes,
        judged_by=judged_by,
        failed_listings=failed,
    )


def _sizes(state: Path, sources: tuple[str, ...]) -> tuple[int, int]:
    if not state.exists():
        return 0, 0
    with open_reader(state) as db:
        return backfill_results.sizes(db, sources)
