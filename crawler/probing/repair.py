"""Find the options by which a listing that drifted can be read again: from its page of today and what it brought before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from crawler.leads.listing import base_of, listed, parse_page
from crawler.probing.blocks import Block, blocks_of
from crawler.reading.charset import decode
from state.health import Repair
from state.records import Lead, Source

DERIVED = ("item", "link", "title", "date", "pattern")
"""The options of a listing that a repair replaces; all others stay."""

_LEAST_FIT = 0.5
"""The fit of a list none of whose articles is known."""
_SAMPLE = 3
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Brought:
    """Know what a source brought before: the keys of its leads, and their titles, which outlive a move of the site."""

    keys: frozenset[str]
    titles: frozenset[str]

    @classmethod
    def of(cls, leads: Collection[Lead]) -> Brought:
        """Gather keys and titles."""
        return cls(
            frozenset(lead.key for lead in leads), frozenset(lead.title for lead in leads if lead.title)
        )

    def count(self, leads: Collection[Lead]) -> int:
        """Count the leads that are known."""
        return sum(lead.key in self.keys or lead.title in self.titles for lead in leads)


def derive(body: bytes, source: Source, url: str, headers: Mapping[str, str], brought: Brought) -> Repair:
    """Propose options that read the page better than those of the source do; pure, to run in a worker.

    Of the ways in which the page can be read as a list the one that finds most of what is known is taken: a column of
    related links may look like news, but it does not hold last week's.

    Gives a repair without options where none read the page better; its `leads` are then what the source finds there now.
    """
    page = parse_page(decode(body, headers, source.charset).text)
    if page is None:
        return Repair()
    base = base_of(page, url)
    present = listed(page, source, base).items
    blocks = [
        block for block in blocks_of(page, base) if brought.count(block.leads) or block.fit >= _LEAST_FIT
    ]
    best = max(blocks, key=lambda block: _worth(block, brought), default=None)
    if best is None or _told(best.leads) <= _told(present):
        return Repair(leads=len(present), known=brought.count(present))
    return Repair(
        options=_options(source, best),
        leads=len(best.leads),
        known=brought.count(best.leads),
        dated=sum(lead.published is not None for lead in best.leads),
        sample=tuple((lead.title or lead.url)[:_LONGEST] for lead in best.leads[:_SAMPLE]),
    )


def _worth(block: Block, brought: Brought) -> float:
    return block.fit + min(1.0, brought.count(block.leads) / max(1, min(len(brought.keys), 20)))


def _told(leads: Collection[Lead]) -> int:
    """Count what leads say: each for itself, its title and its date."""
    return sum(1 + (lead.title is not None) + (lead.published is not None) for lead in leads)


def _options(source: Source, block: Block) -> Mapping[str, Any]:
    kept = {name: value for name, value in source.options.items() if name not in DERIVED}
    return dict(block.options) | kept
