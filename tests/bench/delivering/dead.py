"""Compare what ninety-nine endpoints wait beside a sick one with what they wait beside a hundredth that is well.

Both worlds run in one process and take turns, story by story: so whatever else the machine does falls on both, and each
delivers while the other is idle. A second world that is well, in the sick one's stead, shows what chance alone does.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections import defaultdict
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

from alerts.destination import Destination
from alerts.message import Message
from alerts.outcome import Outcome

from .delays import Delays, Load, World, delays, destination, percentile
from .endpoints import Receivers
from .table import Row

ENDPOINTS = 100
WELL = "well"
LAST = "last"
PER_SECOND = 3
WARMING_UP = 30
"""Stories: a world's first deliveries find cold code and files, which takes longer than the last endpoint can add."""
BLOCK = 10
"""Stories that are drawn together: what slows the machine lasts longer than a story."""
RESAMPLED = 1000


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
    """Hold what one turn found: the others' delays in both worlds, and the most the sick one had in use."""

    well: Delays
    sick: Delays
    workers: int
    sockets: int


def dead(rounds: int, stories: int = 270) -> list[Row]:
    """Row A9: what a sick endpoint among a hundred changes for the others, and what it takes up."""
    found: dict[_Case, list[_Found]] = defaultdict(list)
    for number in range(rounds):
        for case in CASES:
            turn = _measure(case, stories)
            found[case].append(turn)
            before, after = _p99(turn.well) * 1000, _p99(turn.sick) * 1000
            print(f"    round {number + 1}, {case}: p99 {before:.1f} → {after:.1f} ms", flush=True)
    return [_row(_what(case), turns) for case, turns in found.items()]


def _what(case: _Case) -> str:
    if case.behaviour == WELL:
        return f"the same with all {ENDPOINTS} well: what chance alone does"
    return f"one among {ENDPOINTS} endpoints {case}: the others' p99 beside a world that is well"


def _measure(case: _Case, stories: int) -> _Found:
    with Receivers() as receivers:
        well, sick = (_destinations(receivers, behaviour) for behaviour in (WELL, case.behaviour))
        meter = _Meter(sick[LAST])
        sick[LAST] = meter.destination
        load = Load(WARMING_UP + stories, PER_SECOND, 10, left_out=LAST, warming_up=WARMING_UP)
        waits = asyncio.run(delays(receivers, load, World(well), World(sick, case.waiting)))
        return _Found(*waits, meter.most, receivers.report().most_open)


def _destinations(receivers: Receivers, behaviour: str) -> dict[str, Destination]:
    """Give ninety-nine that are well, and the last."""
    ports = dict.fromkeys((f"d{number}" for number in range(ENDPOINTS - 1)), receivers.ports[WELL])
    ports[LAST] = receivers.ports[behaviour]
    return {name: destination(name, port) for name, port in ports.items()}


def _row(what: str, turns: list[_Found]) -> Row:
    well, sick = ([*chain.from_iterable(each)] for each in zip(*(turn[:2] for turn in turns), strict=True))
    low, high = _interval(well, sick)
    workers, sockets = max(turn.workers for turn in turns), max(turn.sockets for turn in turns)
    return Row(
        what,
        "changes < 5 %; it has ≤ 1 worker, ≤ 1 socket",
        f"{100 * (_p99(sick) / _p99(well) - 1):+.1f} % ({100 * low:+.0f} to {100 * high:+.0f} %;"
        f" {_p99(well) * 1000:.0f} → {_p99(sick) * 1000:.0f} ms, {sum(map(len, sick)):,} deliveries);"
        f" {workers} worker, {sockets} socket",
    )


def _p99(delays: Delays) -> float:
    return percentile([*chain.from_iterable(delays)], 0.99)


def _interval(well: Delays, sick: Delays) -> tuple[float, float]:
    """Give the 95 % interval of the change by resampling blocks of stories, both worlds' together (H. Künsch, 1989)."""
    dice = random.Random(10)
    blocks = [slice(begin, begin + BLOCK) for begin in range(0, len(well), BLOCK)]
    changes = []
    for _ in range(RESAMPLED):
        drawn = dice.choices(blocks, k=len(blocks))
        before, after = ([*chain.from_iterable(each[block] for block in drawn)] for each in (well, sick))
        changes.append(_p99(after) / _p99(before) - 1)
    return percentile(changes, 0.025), percentile(changes, 0.975)
