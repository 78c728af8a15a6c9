"""What somebody asks a backfill for, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from pydantic import TypeAdapter

from crawler.backfill.requests import Alerting
from crawler.backfill.window import Window
from state.ids import derived_id
from state.sources import SourceState

_DEAD = timedelta(days=7)
Via = Literal["sitemap", "listing", "wayback", "commoncrawl", "warc", "jsonl"]


@dataclass(frozen=True, slots=True)
class Order:
    """Hold one order; two of one name are the same work.

    `until` is the last day as it was given, `last` the one that holds; `archive` is the address of the web archive.
    """

    sources: tuple[str, ...]
    since: date
    last: date
    until: date | None = None
    via: Via | None = None
    files: tuple[str, ...] = ()
    archive: str | None = None
    alert: Alerting = "none"

    @property
    def id(self) -> str:
        """Derive the name from what is to be fetched; how it alerts and where the range ends by itself stay out."""
        parts = (
            str(self.since),
            str(self.until or ""),
            self.via or "",
            self.archive or "",
            "sources",
            *self.sources,
            "files",
            *self.files,
        )
        return derived_id("bf", *parts)

    @property
    def window(self) -> Window:
        """Give the days."""
        return Window(self.since, self.last)

    @property
    def over_network(self) -> bool:
        """Tell whether anything is fetched."""
        return self.via not in {"warc", "jsonl"} and not (self.via == "commoncrawl" and self.files)

    def written(self) -> str:
        """Write the order as JSON, for the state."""
        return _ADAPTER.dump_json(self).decode()

    def phrase(self) -> str:
        """Say in words what is asked for."""
        what = ", ".join(self.sources) or "every site"
        return f"{what}, {self.since} to {self.last}{f' via {self.via}' if self.via else ''}"


_ADAPTER = TypeAdapter(Order)


def read_order(text: str) -> Order:
    """Read what `Order.written` wrote."""
    return _ADAPTER.validate_json(text)


def last_day(until: date | None, names: Sequence[str], states: Mapping[str, SourceState]) -> date:
    """Give the last day of a range that was left open: today, or the day before a source was last polled.

    What is younger than the last poll is the live crawl's to find and to announce; a backfill would take it in silence.
    """
    if until is not None:
        return until
    cut = cut_by(names, states)
    return cut[1] if cut is not None else datetime.now(UTC).date()


def cut_by(names: Sequence[str], states: Mapping[str, SourceState]) -> tuple[str, date] | None:
    """Give the source whose last poll ends a range that was left open, with the last day; None where none was polled.

    A source that could not be had for a week would cut what all others published since then, so it does not count.
    """
    now = datetime.now(UTC)
    polled = [
        (moment, name)
        for name in names
        if name in states and (moment := states[name].last_success) is not None and now - moment < _DEAD
    ]
    if not polled:
        return None
    moment, name = min(polled)
    return name, moment.date() - timedelta(days=1)
