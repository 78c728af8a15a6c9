"""Look once at a listing, and say by which options it would be read better, and how what they find reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from crawler.leads.leads import Leads
from crawler.probing.asking import Asker
from crawler.probing.repair import DERIVED, Brought, derive
from crawler.probing.sample import Reading, read_sample, reading_shape
from crawler.probing.trial import SIZE
from state.health import Repair
from state.records import Source


@dataclass(frozen=True, slots=True)
class Mending:
    """Hold a repair, what the source with it lists, and how the first articles read."""

    source: Source
    repair: Repair
    leads: Leads = field(default_factory=Leads)
    readings: tuple[Reading, ...] = ()

    def shape(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "source": self.source.id,
            "url": self.source.url,
            **asdict(self.repair),
            "read": [reading_shape(one) for one in self.readings],
        }


async def mend(asker: Asker, source: Source, brought: Brought) -> Mending:
    """Derive a repair from the page of today; raise FetchError or ReadError where that does not come or breaks."""
    page = (await asker.leads(source))[0]
    repair = await asker.workers.run(derive, page.body, source, page.final_url, page.headers, brought)
    if repair.options is None:
        return Mending(source, repair)
    mended = replace(source, options=dict(repair.options))
    leads = (await asker.leads(mended))[1]
    return Mending(mended, repair, leads, await read_sample(asker, mended, leads.items, SIZE))


def block_of(options: Mapping[str, Any], inherited: Mapping[str, Any]) -> dict[str, Any]:
    """Write options as the block `listing:` of a source whose family says some already: those it must not say are null."""
    gone = {name: None for name in DERIVED if inherited.get(name) is not None and name not in options}
    return {name: value for name, value in options.items() if inherited.get(name) != value} | gone
