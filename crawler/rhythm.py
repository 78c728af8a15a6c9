"""Learn when a source publishes, and place polls where they find news soonest: pure functions.

A week has 168 slots, one for each hour in the source's zone. What was published in each is counted; a count halves in
three weeks, so that a rhythm that changes is learned anew. Few counts are helped by what is like them: the rate of a slot
leans on that of its hour on all working (or free) days, and that on a prior (a gamma-Poisson model, level by level).

An item that comes at a rate r and is looked for every g hours waits g/2 on average, so polls of density p = 1/g cost a
delay of r/2p an hour. Among all ways to spend a number of polls the least sum has p proportional to the root of r
(J. Cho, H. Garcia-Molina, "Effective page refresh policies for web crawlers", ACM TODS 28(4), 2003, show the same for
freshness), cut off at the bounds that a source has.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from state.rhythms import SLOTS, Rhythm

WEEK = timedelta(weeks=1)
HOUR = timedelta(hours=1)
HALF_LIFE = timedelta(weeks=3)
_DAY = 24
_WORKING_DAYS = 5
_LEAN_ON_PRIOR = 4.0
"""Hours of watching one hour of the day, beyond which what was seen counts more than the prior."""
_LEAN_ON_KIND = 2.0
"""The same for one slot and its hour on all days of its kind."""
_MOST_AT_ONCE = 5.0
_PRECISE = 1.005

Rates = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Hold how a source may be polled: `every` on average, never sooner than `quickest`, never later than `slowest`."""

    every: timedelta
    quickest: timedelta
    slowest: timedelta


def flat(per_week: float) -> Rates:
    """Give the prior of a source of which nothing is known: the same rate, in items an hour, at all hours."""
    return (per_week / SLOTS,) * SLOTS


def office(per_week: float) -> Rates:
    """Give the prior of a Chinese government source: working hours, and a burst when the working day has ended."""
    weights = [
        _OFFICE_DAY[hour] if day < _WORKING_DAYS else 0.2 * _OFFICE_DAY[hour]
        for day in range(7)
        for hour in range(_DAY)
    ]
    return tuple(per_week * weight / sum(weights) for weight in weights)


# Weights of the hours 0 to 23: documents are signed by day and put online when the day's work is done.
_OFFICE_DAY = (
    *[0.1] * 7,
    0.3,
    1.0,
    1.5,
    1.8,
    1.8,
    0.6,
    0.6,
    1.2,
    1.5,
    2.2,
    3.5,
    2.5,
    1.2,
    0.8,
    0.5,
    0.3,
    0.2,
)


def learn(rhythm: Rhythm, moments: Iterable[datetime], now: datetime, zone: str) -> Rhythm:
    """Add what was published at `moments` to a rhythm; what lies after `now` counts as published now.

    Moments before the rhythm began (a feed's older items, a backfill) let it begin earlier. What comes all at once
    counts as five items at most: a hundred pages put online in one go are one event, not a hundred.
    """
    places = ZoneInfo(zone)
    told = sorted(min(moment, now) for moment in moments)
    since = min([rhythm.since, *told[:1]])
    counts = [count * _faded(now - rhythm.at) for count in rhythm.counts]
    by_hour: dict[datetime, int] = {}
    for moment in told:
        hour = moment.replace(minute=0, second=0, microsecond=0)
        by_hour[hour] = by_hour.get(hour, 0) + 1
    for hour, number in by_hour.items():
        weight = number if number <= 1 else min(1 + math.log2(number), _MOST_AT_ONCE)
        counts[slot_of(hour, places)] += weight * _faded(now - hour)
    return replace(rhythm, counts=tuple(counts), since=since, at=now)


def rates(rhythm: Rhythm, prior: Rates, now: datetime, zone: str) -> Rates:
    """Give the rate of each slot, in items an hour: counts over the hours watched, leaning on what is like them."""
    hours = _watched(rhythm.since, now, ZoneInfo(zone))
    fade = _faded(now - rhythm.at)
    counts = [count * fade for count in rhythm.counts]
    # How much comes in all follows what was seen; the prior then only says how it is spread.
    due = sum(rate * watched for rate, watched in zip(prior, hours, strict=True))
    scale = (sum(prior) + sum(counts)) / (sum(prior) + due)
    alike = [0.0] * (2 * _DAY)
    for kind in range(2 * _DAY):
        slots = _SLOTS_OF[kind]
        before = scale * sum(prior[slot] for slot in slots) / len(slots)
        watched = sum(hours[slot] for slot in slots)
        alike[kind] = (_LEAN_ON_PRIOR * before + sum(counts[slot] for slot in slots)) / (
            _LEAN_ON_PRIOR + watched
        )
    return tuple(
        (_LEAN_ON_KIND * alike[_kind(slot)] + counts[slot]) / (_LEAN_ON_KIND + hours[slot])
        for slot in range(SLOTS)
    )


def pressure(sources: Sequence[tuple[Rates, Bounds]]) -> float:
    """Give the factor of `density` with which these sources together take as many polls as their intervals allow."""
    budget = sum(WEEK / bounds.every for _, bounds in sources)
    roots = [
        (math.sqrt(rate), HOUR / bounds.slowest, HOUR / bounds.quickest)
        for slots, bounds in sources
        for rate in slots
    ]
    low, high = 1e-4, 1e4
    while high / low > _PRECISE:
        middle = math.sqrt(low * high)
        spent = sum(min(max(middle * root, least), most) for root, least, most in roots)
        low, high = (middle, high) if spent < budget else (low, middle)
    return math.sqrt(low * high)


def density(rate: float, bounds: Bounds, factor: float) -> float:
    """Give how many polls an hour fit a rate, within a source's bounds."""
    wanted = factor * math.sqrt(rate)
    return min(max(wanted, HOUR / bounds.slowest), HOUR / bounds.quickest)


def next_moment(slots: Rates, bounds: Bounds, factor: float, zone: str, last: datetime) -> datetime:
    """Give when to poll next after a poll at `last`: when the density of polls since then adds up to one poll."""
    places = ZoneInfo(zone)
    left, moment = 1.0, last
    latest = last + bounds.slowest
    while moment < latest:
        end = _hour_after(moment)
        polls = density(slots[slot_of(moment, places)], bounds, factor)
        span = (end - moment) / HOUR
        if polls * span >= left:
            return min(moment + HOUR * (left / polls), latest)
        left -= polls * span
        moment = end
    return latest


def expected(slots: Rates, zone: str, start: datetime, end: datetime) -> float:
    """Give how many items a source with these rates publishes between two times."""
    places = ZoneInfo(zone)
    hours = [start]
    while (following := _hour_after(hours[-1])) < end:
        hours.append(following)
    return sum(
        slots[slot_of(first, places)] * ((second - first) / HOUR) for first, second in pairwise([*hours, end])
    )


def slot_of(moment: datetime, zone: ZoneInfo) -> int:
    """Give the hour of the week, from Monday midnight in `zone`."""
    local = moment.astimezone(zone)
    return local.weekday() * _DAY + local.hour


def _kind(slot: int) -> int:
    """Give what is alike: one hour of the working days, or one of the free ones."""
    return slot % _DAY + (0 if slot < _WORKING_DAYS * _DAY else _DAY)


_SLOTS_OF = [[slot for slot in range(SLOTS) if _kind(slot) == kind] for kind in range(2 * _DAY)]


def _hour_after(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR


def _faded(age: timedelta) -> float:
    return math.exp2(-max(age / HALF_LIFE, 0.0))


def _watched(since: datetime, now: datetime, zone: ZoneInfo) -> list[float]:
    """Give how many hours of watching each slot had since then, faded like the counts."""
    whole = max(now - since, timedelta(0)) // WEEK
    # Of whole weeks each slot had its hour; the sum of their fading is a geometric series.
    fade = _faded(WEEK)
    hours = [(1 - fade**whole) / (1 - fade) * fade**0.5] * SLOTS
    moment, end = since, now - whole * WEEK
    while moment < end:
        following = min(_hour_after(moment), end)
        hours[slot_of(moment, zone)] += (following - moment) / HOUR * _faded(now - moment)
        moment = following
    return hours
