"""Say what is due, through one small interface: claim, complete, fail. Here over the state file, later over a queue."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlite_utils import Database

from crawler.rounds import Round
from state import leads, sources
from state.ids import derived_id
from state.records import Source
from state.writer import Writer


@dataclass(frozen=True, slots=True)
class Agenda:
    """Know which hosts are due, and hand out rounds.

    All times live in the state, so a restart keeps the phase of every source.
    """

    writer: Writer
    sources: Mapping[str, Source]

    async def register(self, now: datetime) -> None:
        """Make every source known to the state, new ones due at once."""
        await self.writer.run(_register, list(self.sources.values()), now)

    async def due_times(self) -> dict[str, datetime]:
        """Give, for each host, when its next source or waiting page is due."""
        return await self.writer.run(_due_times, self._by_host())

    async def claim(self, host: str, now: datetime, only: Sequence[str] | None = None) -> Round:
        """Take the work of one host that is due now, or of the sources named in `only`, due or not, as a round."""
        return await self.writer.run(_claim, host, self._by_host().get(host, ()), now, only)

    def hosts(self, only: Sequence[str] = ()) -> dict[str, tuple[Source, ...]]:
        """Give the enabled sources by host, or those of the sources named in `only`."""
        chosen = [
            source for source in self.sources.values() if (source.id in only if only else source.enabled)
        ]
        return _grouped(chosen)

    def _by_host(self) -> dict[str, tuple[Source, ...]]:
        return _grouped(list(self.sources.values()))


def _grouped(chosen: list[Source]) -> dict[str, tuple[Source, ...]]:
    ordered = sorted(chosen, key=lambda source: source.host)
    return {host: tuple(group) for host, group in groupby(ordered, key=lambda source: source.host)}


def _register(db: Database, chosen: list[Source], now: datetime) -> None:
    for source in chosen:
        sources.register(db, source.id, source.url, now, _reading(source))


def _reading(source: Source) -> str:
    """Stand for the part of a source that decides what is found in its answer."""
    options = json.dumps(source.options, sort_keys=True, ensure_ascii=False)
    return derived_id("rd", source.kind, options, source.charset or "", str(source.max_leads))


def _due_times(db: Database, by_host: Mapping[str, tuple[Source, ...]]) -> dict[str, datetime]:
    states = sources.all_states(db)
    waiting = leads.earliest_waiting(db)
    due: dict[str, datetime] = {}
    for host, group in by_host.items():
        enabled = [source.id for source in group if source.enabled]
        times = [states[name].next_due for name in enabled if name in states]
        times += [waiting[name] for name in enabled if name in waiting]
        if times:
            due[host] = min(times)
    return due


def _claim(
    db: Database, host: str, group: Sequence[Source], now: datetime, only: Sequence[str] | None
) -> Round:
    states = sources.all_states(db)
    if only is None:
        chosen = [source for source in group if source.enabled and states[source.id].next_due <= now]
        waiting_for = [source.id for source in group if source.enabled]
    else:
        chosen = [source for source in group if source.id in only]
        waiting_for = list(only)
    polls = tuple((source, states[source.id]) for source in chosen)
    by_browser = frozenset(source.id for source in group if source.browser)
    return Round(host, polls, tuple(leads.waiting(db, waiting_for, now)), by_browser)
