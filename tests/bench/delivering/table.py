"""Hold what was measured beside what was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """Name one thing that was measured, what was asked of it, and what was found."""

    what: str
    asked: str
    found: str


def as_markdown(rows: Iterable[Row]) -> str:
    """Write rows as a table for the reference."""
    lines = ["| what | to reach | found |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
