"""Look once at a configured source, as the daemon would, and say how it fares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crawler.leads.leads import Leads
from crawler.probing.asking import Asker
from crawler.probing.sample import Reading, read_sample, reading_shape
from state.errors import FetchError, ReadError
from state.records import Source

SIZE = 3
"""Articles that are read."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Hold what one look at a source brought; `trouble` says in plain words what is wrong, if anything."""

    source: Source
    leads: Leads
    readings: tuple[Reading, ...]
    robots: str
    trouble: str | None

    def shape(self) -> dict[str, Any]:
        """Give the trial as JSON."""
        return {
            "source": self.source.id,
            "url": self.source.url,
            "robots": self.robots,
            "leads": self.leads.total,
            "remarks": list(self.leads.remarks),
            "sample": [
                {"url": lead.url, "title": lead.title, "published": lead.published}
                for lead in self.leads.items[:10]
            ],
            "read": [reading_shape(one) for one in self.readings],
            "trouble": self.trouble,
        }


async def try_source(asker: Asker, source: Source) -> Trial:
    """Poll a source without its validators, and read the first few of its articles; nothing is stored."""
    try:
        leads = (await asker.leads(source))[1]
    except (FetchError, ReadError) as error:
        return Trial(source, Leads(), (), _robots(asker, source), str(error))
    readings = await read_sample(asker, source, leads.items, SIZE)
    return Trial(source, leads, readings, _robots(asker, source), _trouble(leads, readings))


def _robots(asker: Asker, source: Source) -> str:
    known = asker.robots_of(source.url)
    return "not asked" if known is None else known.verdict(source.url, asker.manners.agent) or "allowed"


def _trouble(leads: Leads, readings: tuple[Reading, ...]) -> str | None:
    if not leads.items:
        return "it answers, but nothing in the answer counts as an article; `yuewatch sources probe` proposes another entry"
    if not any(one.is_good for one in readings):
        return f"it lists articles, but none of {len(readings)} could be read: {readings[0].trouble}"
    return None
