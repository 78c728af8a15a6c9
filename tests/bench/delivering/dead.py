"""Compare what a hundred endpoints wait, all well and with one of them sick, in turns in one run.

The machine's other work changes from minute to minute, so each round measures every case once, in an order that moves on,
and a case is compared with its own round; the median over rounds is told.
"""

from __future__ import annotations

import asyncio
import statistics
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from alerts.destination import Destination
from alerts.message import Message
from alerts.outcome import Outcome

from .delays import Load, delays, destination, percentile
from .endpoints import Receivers
from .table import Row

ENDPOINTS = 100
WELL = "well"
SICK = "sick"


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
    """Hold what one turn of a case found: the others' p99 in seconds, and the most the sick one had in use."""

    p99: float
    deliveries: int
    workers: int
    sockets: int


def dead(rounds: int, stories: int = 60) -> list[Row]:
    """Row A9: what a sick endpoint among a hundred changes for the others, and what it takes up."""
    found: dict[_Case, list[_Found]] = defaultdict(list)
    for number in range(rounds):
        for case in _in_turn(number):
            found[case].append(_measure(case, stories))
            print(f"    round {number + 1}, {case}: {found[case][-1]}", flush=True)
    return [_row(case, found[case], found[CASES[0]]) for case in CASES[1:]]


def _in_turn(number: int) -> Iterator[_Case]:
    yield from (CASES[(number + step) % len(CASES)] for step in range(len(CASES)))


def _measure(case: _Case, stories: int) -> _Found:
    with Receivers() as receivers:
        ports = {f"d{number}": receivers.ports[WELL] for number in range(ENDPOINTS - 1)}
        opened = {name: destination(name, port) for name, port in ports.items()}
        meter = _Meter(destination(SICK, receivers.ports[case.behaviour]))
        opened[SICK] = meter.destination
        load = Load(stories, 5, 10, left_out=SICK, waiting=case.waiting)
        waits = asyncio.run(delays(receivers, opened, load))
        return _Found(percentile(waits, 0.99), len(waits), meter.most, receivers.report().most_open)


def _row(case: _Case, sick: list[_Found], well: list[_Found]) -> Row:
    changes = sorted(one.p99 / other.p99 - 1 for one, other in zip(sick, well, strict=True))
    before, after = (statistics.median(one.p99 for one in turns) * 1000 for turns in (well, sick))
    workers, sockets = max(one.workers for one in sick), max(one.sockets for one in sick)
    return Row(
        f"one endpoint among {ENDPOINTS} {case}: the others' p99",
        "changes < 5 %; it has ≤ 1 worker, ≤ 1 socket",
        f"{100 * statistics.median(changes):+.1f} % (median of {len(changes)} rounds, {100 * changes[0]:+.0f} to"
        f" {100 * changes[-1]:+.0f} %; {before:.0f} → {after:.0f} ms, {sum(one.deliveries for one in sick):,} deliveries);"
        f" {workers} worker, {sockets} socket",
    )
