"""Hold what contracts judge and what they answer with.

A source is measured by itself: by its own looks, pages and silences of before. What it never did usually is no fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from state.health import Vitals
from state.records import Source
from state.sources import SourceState


@dataclass(frozen=True, slots=True)
class Case:
    """Hold all that a contract judges: the source, what is remembered of it, its signs, and what it should bring.

    `expected` gives how many items its rhythm promises for the time since its last news.
    """

    source: Source
    state: SourceState
    vitals: Vitals
    expected: Callable[[], float]
    now: datetime


@dataclass(frozen=True, slots=True)
class Complaint:
    """Say what is wrong, and by what it was seen."""

    reason: str
    evidence: str


Contract = Callable[[Case], Complaint | None]
"""Complain of one thing that can be wrong, or not."""
