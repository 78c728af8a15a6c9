"""Measure how soon news is found for a number of requests: our rhythm against a fixed interval and two methods of peers.

Publication times are generated for sources of several habits (with `--recorded FILE`, also taken from JSON lines with
`source` and `date`). Every method polls the same sources; the scale of its intervals is set so that all methods make
the same number of requests, first for each source by itself, then for all sources together. A delay runs from
publication to the next poll. Learning counts: every method starts knowing nothing.
"""

from __future__ import annotations

import bisect
import gzip
import json
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from crawler import rhythm as learned  # noqa: E402 - the checkout must be importable first
from crawler.rhythm import Bounds  # noqa: E402
from state.rhythms import Rhythm  # noqa: E402

ZONE = "Asia/Shanghai"
START = datetime(2026, 8, 31, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
WEEKS = 10
EVERY = timedelta(minutes=30)
SHOWN = 20
"""Items on a source's page or feed: what the share of duplicates is taken of."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Habit:
    """Hold one source of a habit: when it published, ascending."""

    name: str
    times: Sequence[datetime]
    start: datetime = START
    end: datetime = START + timedelta(weeks=WEEKS)
    office: bool = False


Make = Callable[[random.Random], list[datetime]]
Method = Callable[[Sequence[Habit], Sequence[float]], list["Polls"]]


@dataclass(frozen=True)
class Polls:
    """Hold what polling one source came to: requests, and the delay of each item in hours."""

    requests: int
    delays: Sequence[float]


# How sources publish -------------------------------------------------------------------------------------------------


def _day(day: int) -> datetime:
    return START + timedelta(days=day)


def _at(rng: random.Random, day: int, hour: float, spread: float) -> datetime:
    return _day(day) + HOUR * max(0.0, min(23.99, rng.gauss(hour, spread)))


def office(rng: random.Random) -> list[datetime]:
    """Publish on working days: some by day, most when the working day ends."""
    times = []
    for day in range(7 * WEEKS):
        if day % 7 < 5:
            times += [_day(day) + HOUR * rng.uniform(8.5, 17.5) for _ in range(rng.randint(0, 4))]
            times += [_at(rng, day, 18, 0.6) for _ in range(rng.randint(1, 5))]
    return times


def around_the_clock(rng: random.Random) -> list[datetime]:
    """Publish at all hours alike."""
    return [START + timedelta(weeks=WEEKS) * rng.random() for _ in range(300 * WEEKS)]


def newsroom(rng: random.Random) -> list[datetime]:
    """Publish like a daily's site: little by night, most from morning to late evening, less on weekends."""
    times = []
    for day in range(7 * WEEKS):
        number = rng.randint(30, 50) if day % 7 < 5 else rng.randint(10, 20)
        times += [_at(rng, day, rng.choice((9.5, 14.5, 20)), 1.6) for _ in range(number)]
    return times


def morning_paper(rng: random.Random) -> list[datetime]:
    """Publish the day's paper in one go before breakfast."""
    times = []
    for day in range(7 * WEEKS):
        press = rng.gauss(5.5, 0.4)
        times += [_at(rng, day, press, 0.1) for _ in range(rng.randint(20, 40))]
    return times


def weekly(rng: random.Random) -> list[datetime]:
    """Publish on Tuesday morning and hardly else."""
    return [_at(rng, 7 * week + 1, 10, 0.7) for week in range(WEEKS) for _ in range(rng.randint(1, 4))]


def sporadic(rng: random.Random) -> list[datetime]:
    """Publish twice a week, on any working day."""
    return [
        _day(7 * rng.randrange(WEEKS) + rng.randrange(5)) + HOUR * rng.uniform(9, 19)
        for _ in range(2 * WEEKS)
    ]


def redesigned(rng: random.Random) -> list[datetime]:
    """Publish in the evening for half the time, then in the morning."""
    times = []
    for day in range(7 * WEEKS):
        if day % 7 < 5:
            hour = 18 if day < 3.5 * WEEKS else 9
            times += [_at(rng, day, hour, 0.6) for _ in range(rng.randint(2, 6))]
    return times


HABITS = (office, around_the_clock, newsroom, morning_paper, weekly, sporadic, redesigned)


def generated(seeds: int) -> list[Habit]:
    """Give `seeds` sources of each habit."""
    return [
        Habit(
            make.__name__,
            sorted(make(random.Random(f"{make.__name__} {seed}"))),
            office=make in {office, sporadic, redesigned},
        )
        for make in HABITS
        for seed in range(seeds)
    ]


def recorded(path: Path, least: int = 40) -> list[Habit]:
    """Read sources with at least so many dated items from JSON lines."""
    times: dict[str, list[datetime]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["source"]:
                times[row["source"]].append(datetime.fromisoformat(row["date"]).astimezone(UTC))
    every = sorted(moment for moments in times.values() for moment in moments)
    start, end = every[0], every[-1]
    return [
        Habit("recorded", sorted(moments), start, end) for moments in times.values() if len(moments) >= least
    ]


# How they are polled --------------------------------------------------------------------------------------------------


def _walk(habit: Habit, wait: Callable[[datetime, Sequence[datetime]], datetime]) -> Polls:
    """Poll from the start to the end; `wait` is told what each poll found and gives the next."""
    moment, seen, requests = habit.start, 0, 0
    delays: list[float] = []
    while moment < habit.end:
        upto = bisect.bisect_right(habit.times, moment)
        found = habit.times[seen:upto]
        requests += 1
        delays += [(moment - item) / HOUR for item in found]
        seen = upto
        moment = wait(moment, found)
    return Polls(requests, delays)


def fixed(habits: Sequence[Habit], scales: Sequence[float]) -> list[Polls]:
    """Poll each source at one interval."""
    return [
        _walk(habit, lambda now, _, scale=scale: now + EVERY * scale)
        for habit, scale in zip(habits, scales, strict=True)
    ]


def by_duplicates(habits: Sequence[Habit], scales: Sequence[float]) -> list[Polls]:
    """Poll like Media Cloud's rss-fetcher: sooner where under a third of a feed was known, later from two thirds on."""

    def poll(habit: Habit, scale: float) -> Polls:
        interval = EVERY

        def wait(now: datetime, found: Sequence[datetime]) -> datetime:
            nonlocal interval
            known = 1 - min(len(found), SHOWN) / SHOWN
            factor = 1 / 1.5 if known < 0.33 else 1.5 if known >= 0.67 else 1.0
            interval = min(max(interval * factor, 10 * MINUTE), 24 * HOUR)
            return now + interval * scale

        return _walk(habit, wait)

    return [poll(habit, scale) for habit, scale in zip(habits, scales, strict=True)]


def by_items_per_week(habits: Sequence[Habit], scales: Sequence[float]) -> list[Polls]:
    """Poll like Miniflux's `entry_frequency`: a week over the items of the past week."""

    def poll(habit: Habit, scale: float) -> Polls:
        def wait(now: datetime, _: Sequence[datetime]) -> datetime:
            first = bisect.bisect_right(habit.times, now - learned.WEEK)
            number = bisect.bisect_right(habit.times, now) - first
            interval = learned.WEEK / max(number, 1)
            return now + min(max(interval, 5 * MINUTE), 24 * HOUR) * scale

        return _walk(habit, wait)

    return [poll(habit, scale) for habit, scale in zip(habits, scales, strict=True)]


def by_rhythm(habits: Sequence[Habit], scales: Sequence[float], *, shared: bool = False) -> list[Polls]:
    """Poll by learned rhythm, as the daemon does; `shared` lets the sources share one budget."""
    planners = [_Planner(habit, scale) for habit, scale in zip(habits, scales, strict=True)]
    if not shared:
        return [_walk(planner.habit, planner.wait) for planner in planners]
    walks = [_Walk(planner) for planner in planners]
    first, last = min(h.start for h in habits), max(h.end for h in habits)
    while first < last:
        factor = learned.pressure([(planner.slots, planner.bounds) for planner in planners])
        first += timedelta(hours=24)
        for walk in walks:
            walk.planner.factor = factor
            walk.until(first)
    return [Polls(walk.requests, walk.delays) for walk in walks]


class _Planner:
    def __init__(self, habit: Habit, scale: float) -> None:
        self.habit = habit
        every = EVERY * scale
        self.bounds = Bounds(every, max(every / 8, MINUTE), every * 4)
        self.prior = learned.office(20) if habit.office else learned.flat(20)
        self.rhythm = Rhythm(habit.start, habit.start)
        self.slots = self.prior
        self.factor: float | None = None
        self._own = learned.pressure([(self.slots, self.bounds)])
        self._planned = habit.start

    def wait(self, now: datetime, found: Sequence[datetime]) -> datetime:
        if now > self.habit.start:
            if found:
                self.rhythm = learned.learn(self.rhythm, found, now, ZONE)
            if now - self._planned >= timedelta(hours=24):
                self._planned = now
                self.slots = learned.rates(self.rhythm, self.prior, now, ZONE)
                if self.factor is None:
                    self._own = learned.pressure([(self.slots, self.bounds)])
        return learned.next_moment(self.slots, self.bounds, self.factor or self._own, ZONE, now)


class _Walk:
    def __init__(self, planner: _Planner) -> None:
        self.planner = planner
        self.moment, self.seen, self.requests = planner.habit.start, 0, 0
        self.delays: list[float] = []

    def until(self, end: datetime) -> None:
        habit = self.planner.habit
        while self.moment < min(end, habit.end):
            upto = bisect.bisect_right(habit.times, self.moment)
            found = habit.times[self.seen : upto]
            self.requests += 1
            self.delays += [(self.moment - item) / HOUR for item in found]
            self.seen = upto
            self.moment = self.planner.wait(self.moment, found)


def by_shared_rhythm(habits: Sequence[Habit], scales: Sequence[float]) -> list[Polls]:
    """Poll by learned rhythm, all sources sharing one budget."""
    return by_rhythm(habits, scales, shared=True)


METHODS: Mapping[str, Method] = {
    "fixed interval": fixed,
    "share of duplicates": by_duplicates,
    "items per week": by_items_per_week,
    "rhythm": by_rhythm,
}


# At an equal number of requests ---------------------------------------------------------------------------------------


def _scaled(method: Method, habits: Sequence[Habit], wanted: int) -> list[Polls]:
    """Poll with one scale for all habits, such that they take the wanted number of requests together, within 1 %."""
    scale = 1.0
    for _ in range(8):
        polls = method(habits, [scale] * len(habits))
        made = sum(one.requests for one in polls)
        if abs(made - wanted) <= 0.01 * wanted:
            break
        scale *= made / wanted
    return polls


def compare(habits: Sequence[Habit], *, together: bool) -> dict[str, dict[str, tuple[float, int]]]:
    """Give, by method and habit ("all" for all), the mean delay in minutes and the requests."""
    fixed_requests = [one.requests for one in fixed(habits, [1.0] * len(habits))]
    outcome = {}
    for name, method in METHODS.items():
        if together:
            way = by_shared_rhythm if name == "rhythm" else method
            polls = _scaled(way, habits, sum(fixed_requests))
        else:
            polls = [
                _scaled(method, [habit], wanted)[0]
                for habit, wanted in zip(habits, fixed_requests, strict=True)
            ]
        outcome[name] = _table(habits, polls)
    return outcome


def _table(habits: Sequence[Habit], polls: Iterable[Polls]) -> dict[str, tuple[float, int]]:
    groups: dict[str, list[Polls]] = defaultdict(list)
    for habit, one in zip(habits, polls, strict=True):
        groups[habit.name].append(one)
        groups["all"].append(one)
    return {
        name: (
            60 * fmean(delay for one in ones for delay in one.delays),
            sum(one.requests for one in ones),
        )
        for name, ones in groups.items()
    }


def report(habits: Sequence[Habit]) -> None:
    """Print both comparisons."""
    for together in (False, True):
        print(
            "\nmean delay in minutes, equal requests "
            + ("of all sources together" if together else "of each source")
        )
        outcome = compare(habits, together=together)
        names = list(next(iter(outcome.values())))
        print(
            f"{'habit':<18}" + "".join(f"{method:>22}" for method in outcome) + f"{'ours / best other':>20}"
        )
        for name in names:
            row = [outcome[method][name] for method in outcome]
            best = min(delay for delay, _ in row[:-1])
            print(
                f"{name:<18}"
                + "".join(f"{delay:>12.1f} ({asked:>7})" for delay, asked in row)
                + f"{row[-1][0] / best:>20.2f}"
            )
