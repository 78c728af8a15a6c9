"""Meet receivers that do all they may do, with the patience that users have, and compare with the standard."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from receivers import Cell, attempt, disagreement, matrix

from alerts.channels.webhook import PATIENCE
from alerts.message import Message

from .table import Row


def behaviours(patience: float = PATIENCE.total_seconds()) -> list[Row]:
    """Row A6: every behaviour in every phase; cells run side by side, because many are waits."""
    cells = matrix(patience)
    message = Message("dl_1", datetime.now(UTC), "subject", "text", "<p>html</p>", {"type": "alert"})

    def meet(cell: Cell) -> str | None:
        with tempfile.TemporaryDirectory() as folder:
            return disagreement(cell, *attempt(cell, message, patience, Path(folder)))

    with ThreadPoolExecutor(32) as threads:
        wrong = [found for found in threads.map(meet, cells) if found is not None]
    print(*wrong, sep="\n")
    kinds = len({cell.behaviour for cell in cells})
    return [
        Row(
            f"receiver matrix: {kinds} behaviours in 3 phases, patience {patience:g} s",
            "outcome of the standard: 100 %",
            f"{len(cells) - len(wrong)} of {len(cells)}",
        )
    ]
