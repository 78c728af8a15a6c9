"""Weigh what a site offers: how much a candidate's leads promise, and how well they read."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.leads.dates import instant
from crawler.probing.sample import Reading, reading_shape
from state.records import Lead, Source

# What a kind is worth by itself: a feed says most about its items and changes least, a whole sitemap lists the
# imprint beside the news.
_KINDS = {"feed": 1.0, "json": 0.9, "listing": 0.85, "sitemap": 0.75}
_FRESH = timedelta(days=60)
_DAY = timedelta(days=1)


@dataclass(slots=True)
class Candidate:
    """Hold one way to watch a site, as it would stand in a configuration, with what it brought."""

    entry: dict[str, Any]
    source: Source
    leads: tuple[Lead, ...]
    fit: float = 1.0
    readings: tuple[Reading, ...] = field(default=())

    @property
    def keys(self) -> frozenset[str]:
        """Give the identities of its leads."""
        return frozenset(lead.key for lead in self.leads)

    @property
    def dated(self) -> float:
        """Give the share of leads with a date."""
        return sum(1 for lead in self.leads if lead.published) / len(self.leads)

    @property
    def good(self) -> int:
        """Count the articles that read well."""
        return sum(1 for reading in self.readings if reading.is_good)

    @property
    def works(self) -> bool:
        """Tell whether most of what was read is an article."""
        return 2 * self.good > len(self.readings) > 0

    def newest(self) -> datetime | None:
        """Give the time of the newest lead that has one."""
        return max(self._times(), default=None)

    def per_week(self) -> float | None:
        """Count its items in a usual week, from their dates; None where too few are dated."""
        times = sorted(self._times())
        if len(times) < 5 or times[-1] - times[0] < 2 * _DAY:
            return None
        return round((len(times) - 1) * 7 / ((times[-1] - times[0]) / _DAY), 1)

    def _times(self) -> list[datetime]:
        zone = self.source.zone
        return [time for lead in self.leads if (time := instant(lead.published, zone)) is not None]


def promise(candidate: Candidate, linked: AbstractSet[str], now: datetime | None = None) -> float:
    """Weigh a candidate before anything of it is read, from 0 to 1.

    Args:
        candidate: What was found; it has leads.
        linked: Keys of the pages that the page asked for links to: what is shown there is what its visitor wants.
        now: The time that freshness counts from.
    """
    leads = candidate.leads
    titled = sum(1 for lead in leads if lead.title) / len(leads)
    newest = candidate.newest()
    stale = newest is not None and (now or datetime.now(UTC)) - newest > _FRESH
    shown = len(candidate.keys & linked) / len(candidate.keys)
    worth = 0.15 * (min(1, len(leads) / 5) + titled + candidate.dated + 1) + 0.4 * shown
    return worth * _KINDS[candidate.source.kind] * (0.5 if stale else 1) * (0.5 + candidate.fit / 2)


def score(candidate: Candidate, linked: AbstractSet[str]) -> float:
    """Weigh a candidate with what its sample showed; where nothing was read, only half of its promise counts."""
    share = candidate.good / len(candidate.readings) if candidate.readings else 0.5
    return promise(candidate, linked) * share


def shape(candidate: Candidate, linked: AbstractSet[str]) -> Mapping[str, Any]:
    """Give a candidate as JSON: its entry, what it lists, how it reads."""
    newest = candidate.newest()
    return {
        "entry": candidate.entry,
        "score": round(score(candidate, linked), 3),
        "works": candidate.works,
        "leads": len(candidate.leads),
        "dated": round(candidate.dated, 2),
        "newest": newest.isoformat() if newest else None,
        "per_week": candidate.per_week(),
        "sample": [
            {"url": lead.url, "title": lead.title, "published": lead.published}
            for lead in candidate.leads[:10]
        ],
        "read": [reading_shape(one) for one in candidate.readings],
    }
