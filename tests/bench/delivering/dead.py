"""Compare what a hundred endpoints wait, all well and with one of them sick: side by side, in the same moments.

A case is measured against a world that is all well in the same process, so that the machine's other work meets both. Cases
take turns; the median over the turns of a case is told. A second world that is well shows what chance alone does.
"""

from __future__ import annotations

import asyncio
import statistics
import threading
from collections import defaultdict
from dataclasses import replace
from typing import NamedTuple

from alerts.destination import Destination
from alerts.message import Message
from alerts.outcome import Outcome

from .delays import Load, World, delays, destination, percentile
from .endpoints import Receivers
from .table import Row

ENDPOINTS = 100
WELL = "well"
LAST = "last"


class _Case(NamedTuple):
    """Name what the hundredth endpoint does, and how much waits for it at the beginning."""

    behaviour: str
    waiting: int = 0

    def __str__(self) -> str:
        return f"{self.behaviour}, {self.waiting:,} waiting" if self.waiting else self.behaviour


CASES = (_Case(WELL), _Case("hangs"), _Case("refuses"), _Case("drips"), _Case("hangs", 1000))


class _Meter:
    """Count how many threads are inside a destination's sender at the same time."""

    def __init__(self, measured: Destination) -> None:
        self.destination = replace(measured, send=self._send)
        self.most = 0
        self._real = measured.send
        self._inside = 0
        self._lock = threading.Lock()

    def _send(self, message: Message) -> Outcome:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
        try:
            return self._real(message)
        finally:
            with self._lock:
                self._inside -= 1


class _Found(NamedTuple):
    """Hold what one turn found: the others' p99 in seconds in both worlds, and the most the sick one had in use."""

    well: float
    sick: float
    deliveries: int
    workers: int
    sockets: int

    @property
    def change(self) -> float:
        return self.sick / self.well - 1


def dead(rounds: int, stories: int = 60) -> list[Row]:
    """Row A9: what a sick endpoint among a hundred changes for the others, and what it takes up."""
    found: dict[_Case, list[_Found]] = defaultdict(list)
    for number in range(rounds):
        for case in CASES:
            found[case].append(_measure(case, stories))
            print(f"    round {number + 1}, {case}: {found[case][-1]}", flush=True)
    sick = [turn for case, turns in found.items() if case.behaviour != WELL for turn in turns]
    return [*(_row(_what(case), turns) for case, turns in found.items()), _row("all the sick ones", sick)]


def _what(case: _Case) -> str:
    if case.behaviour == WELL:
        return f"the same with all {ENDPOINTS} well: what chance alone does"
    return f"one among {ENDPOINTS} endpoints {case}: the others' p99 beside a world that is well"


def _measure(case: _Case, stories: int) -> _Found:
    with Receivers() as receivers:
        well, sick = (_destinations(receivers, behaviour) for behaviour in (WELL, case.behaviour))
        meter = _Meter(sick[LAST])
        sick[LAST] = meter.destination
        load = Load(stories, 3, 10, left_out=LAST)
        waits = asyncio.run(delays(receivers, load, World(well), World(sick, case.waiting)))
        before, after = (percentile(each, 0.99) for each in waits)
        return _Found(before, after, sum(map(len, waits)), meter.most, receivers.report().most_open)


def _destinations(receivers: Receivers, behaviour: str) -> dict[str, Destination]:
    """Give ninety-nine that are well, and the last."""
    ports = dict.fromkeys((f"d{number}" for number in range(ENDPOINTS - 1)), receivers.ports[WELL])
    ports[LAST] = receivers.ports[behaviour]
    return {name: destination(name, port) for name, port in ports.items()}


def _row(what: str, turns: list[_Found]) -> Row:
    changes = sorted(turn.change for turn in turns)
    well, sick = (statistics.median(each) * 1000 for each in zip(*(turn[:2] for turn in turns), strict=True))
    workers, sockets = max(turn.workers for turn in turns), max(turn.sockets for turn in turns)
    return Row(
        what,
        "changes < 5 %; it has ≤ 1 worker, ≤ 1 socket",
        f"{100 * statistics.median(changes):+.1f} % (median of {len(changes)} turns, {100 * changes[0]:+.0f} to"
        f" {100 * changes[-1]:+.0f} %; {well:.0f} → {sick:.0f} ms, {sum(turn.deliveries for turn in turns):,} deliveries);"
        f" {workers} worker, {sockets} socket",
    )
