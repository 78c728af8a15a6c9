"""Say when each source is due, by its rhythm and within what its tier, its host and it itself allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from crawler.leads.dates import instant
from crawler.rhythm import Bounds, Rates, flat, learn, next_moment, office, pressure, rates
from crawler.schedule import next_poll, slowest, spread
from state.records import Lead, Published, Source
from state.rhythms import Rhythm

TOO_QUICK_TO_LEARN = timedelta(minutes=1)
"""A source that is looked at more often than this is looked at evenly: hours of the week mean nothing to it."""
HISTORY = timedelta(weeks=8)
"""How old an item may be at first contact, or in a backfill, to teach the rhythm."""
_QUICKEST = 8
_LEAST = timedelta(minutes=1)
_SHARE_OF_HOST = 4
_LATE = timedelta(days=1)
_UNKNOWN_PER_WEEK = 20.0
_CHINA = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Timetable:
    """Hold what the times of polls depend on beside the source itself.

    `crowd` counts the sources of each host, `delay_of` gives the least
    time between two requests to it. `factors` says,
    for each tier, how densely its sources are polled together; without one, a source has a budget of its own.
    """

    crowd: Mapping[str, int] = field(default_factory=dict)
    delay_of: Callable[[str], timedelta] = lambda _: timedelta(0)
    factors: dict[int, float] = field(default_factory=dict)

    @classmethod
    def of(cls, sources: Iterable[Source], delay_of: Callable[[str], timedelta]) -> Self:
        """Make the timetable of the sources that are enabled."""
        return cls(Counter(source.host for source in sources if source.enabled), delay_of)

    def next_poll(
        self, source: Source, rhythm: Rhythm, now: datetime, asked: timedelta | None = None
    ) -> datetime:
        """Give the time of the next poll after a good one; `asked` is for how long the source wants to be left alone."""
        if not is_adaptive(source):
            return next_poll(source, now, asked)
        bounds = self.bounds(source)
        slots = rates(rhythm, prior(source), now, source.zone)
        factor = self.factors.get(source.tier) or pressure([(slots, bounds)])
        due = spread(source, now, next_moment(slots, bounds, factor, source.zone, now))
        if asked is not None:
            due = max(due, now + asked)
        return min(due, now + bounds.slowest)

    def bounds(self, source: Source) -> Bounds:
        """Give how a source may be polled: its polls take a quarter of its host's turns at most, with all its neighbours'."""
        turns = _SHARE_OF_HOST * self.crowd.get(source.host, 1) * self.delay_of(source.host)
        quickest = max(source.every / _QUICKEST, _LEAST, turns)
        return Bounds(source.every, min(quickest, source.every), slowest(source))

    def share_budget(self, sources: Sequence[Source], rhythms: Mapping[str, Rhythm], now: datetime) -> None:
        """Let the sources of each tier share the polls that their intervals add up to: where news comes, more is looked."""
        for tier in {source.tier for source in sources}:
            chosen = [
                source for source in sources if source.tier == tier and source.enabled and is_adaptive(source)
            ]
            if chosen:
                self.factors[tier] = pressure(
                    [(self._rates(source, rhythms, now), self.bounds(source)) for source in chosen]
                )

    def _rates(self, source: Source, rhythms: Mapping[str, Rhythm], now: datetime) -> Rates:
        return rates(rhythms.get(source.id, Rhythm(now, now)), prior(source), now, source.zone)


def is_adaptive(source: Source) -> bool:
    """Tell whether a source is polled by its rhythm."""
    return source.adaptive and source.every >= TOO_QUICK_TO_LEARN


def prior(source: Source) -> Rates:
    """Give what is expected of a source before it was watched."""
    per_week = source.expected_per_week or _UNKNOWN_PER_WEEK
    return office(per_week) if source.role == "issuer" and source.zone == _CHINA else flat(per_week)


def taught(
    rhythm: Rhythm, source: Source, new: Iterable[Lead], last_success: datetime | None, now: datetime
) -> Rhythm:
    """Give a rhythm that knows the new leads of one poll.

    What the source says of their time counts where it says the hour and that can be: at first contact up to eight weeks
    back, later up to a day before the last good poll. Otherwise they came at some time between the two polls.
    """
    earliest = now - HISTORY if last_success is None else last_success - _LATE
    between = None if last_success is None else last_success + (now - last_success) / 2
    moments = [
        moment
        for lead in new
        if (moment := _moment(lead.published, source.zone, earliest, now) or between) is not None
    ]
    return learn(rhythm, moments, now, source.zone) if moments else rhythm


def taught_by_archive(rhythm: Rhythm, source: Source, published: Published, now: datetime) -> Rhythm:
    """Give a rhythm that knows an article which a backfill brought, where its hour is known and not long past."""
    moment = published.instant(source.zone) if published.precision != "day" else None
    if moment is None or not now - HISTORY <= moment <= now:
        return rhythm
    return learn(rhythm, [moment], now, source.zone)


def _moment(published: str | None, zone: str, earliest: datetime, now: datetime) -> datetime | None:
    """Give the time that a source states, where it states more than a day and that can be."""
    moment = instant(published, zone) if published and ":" in published else None
    return moment if moment is not None and earliest <= moment <= now else None
