"""Say after a backfill what it brought, and plainly which weeks have no data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crawler.backfill.order import Order
from state import backfill_results, backfills
from state.database import open_reader

_WEEK = timedelta(days=7)
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Week:
    """Count the articles published in the week that begins on a Monday: all that are held, and this backfill's."""

    monday: date
    held: int
    brought: int


@dataclass(frozen=True, slots=True)
class Report:
    """Hold the outcome of a backfill."""

    backfill: str
    order: Order
    state: str
    note: str | None
    counts: Mapping[str, int]
    brought: int
    undated: int
    requests: int
    bytes: int
    weeks: tuple[Week, ...]
    matches: Mapping[str, int]
    failures: tuple[tuple[str, str], ...]

    @property
    def gaps(self) -> tuple[tuple[date, date], ...]:
        """Give the runs of weeks without any article, as first and last day."""
        return tuple(_runs([week.monday for week in self.weeks if not week.held and not week.brought]))

    def shape(self) -> dict[str, Any]:
        """Shape it as JSON."""
        return {
            "backfill": self.backfill,
            "sources": list(self.order.sources),
            "since": str(self.order.since),
            "until": str(self.order.last),
            "state": self.state,
            "note": self.note,
            "articles": self.brought,
            "undated": self.undated,
            "pages": dict(self.counts),
            "requests": self.requests,
            "bytes": self.bytes,
            "weeks": [
                {"monday": str(week.monday), "held": week.held, "brought": week.brought}
                for week in self.weeks
            ],
            "weeks_without_data": [{"from": str(first), "to": str(last)} for first, last in self.gaps],
            "matches": dict(self.matches),
            "failures": [{"place": place, "why": why} for place, why in self.failures],
        }

    def lines(self) -> list[str]:
        """Say it in words."""
        counted = ", ".join(f"{number} {state}" for state, number in sorted(self.counts.items()))
        return [
            f"backfill  {self.backfill}: {self.order.phrase()}",
            f"state     {self.state}{f'; stopped because {self.note}, go on with --resume' if self.note else ''}",
            f"articles  {self.brought} new{f', {self.undated} of them undated' if self.undated else ''}",
            f"pages     {counted or 'none listed'}; {self.requests} requests, {self.bytes / 1e6:.1f} MB",
            *(f"matches   {number:>5}  {rule}" for rule, number in self.matches.items()),
            *self._gap_lines(),
            *self._failure_lines(),
        ]

    def _gap_lines(self) -> Iterator[str]:
        empty = sum(not week.held and not week.brought for week in self.weeks)
        if not empty:
            yield f"coverage  every one of {len(self.weeks)} weeks has articles"
            return
        yield f"coverage  {empty} of {len(self.weeks)} weeks have NO data:"
        for first, last in self.gaps:
            yield f"            {first} to {last} ({((last - first) // _WEEK) + 1} weeks)"

    def _failure_lines(self) -> Iterator[str]:
        if self.failures:
            yield f"failed    {len(self.failures)} places; --resume --retry-failed asks them again:"
        for _, why in self.failures[:_SHOWN]:
            yield f"            {why}"
        if len(self.failures) > _SHOWN:
            yield f"            and {len(self.failures) - _SHOWN} more; --json shows all"

    def html(self) -> str:
        """Write it as one HTML page that loads nothing."""
        environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        most = max((week.held for week in self.weeks), default=0)
        template = environment.get_template("report.html.j2")
        return template.render(report=self, most=max(most, 1), week=_WEEK, shown=500)


def make_report(state: Path, backfill: str, order: Order) -> Report:
    """Read what a backfill brought from the state."""
    with open_reader(state) as db:
        stored = backfills.find(db, backfill)
        assert stored is not None
        counts = backfill_results.counts(db, backfill)
        covered = backfill_results.coverage(db, backfill, order.sources)
        failures = backfill_results.failures(db, backfill)
    return Report(
        backfill=backfill,
        order=order,
        state=stored.state,
        note=stored.note,
        counts=counts,
        brought=sum(covered.brought.values()),
        undated=covered.brought.get(None, 0),
        requests=stored.requests,
        bytes=stored.bytes,
        weeks=tuple(_weeks(order, covered.held, covered.brought)),
        matches={f"{rule} ({status})": number for (rule, status), number in covered.matches.items()},
        failures=tuple(failures),
    )


def _weeks(order: Order, held: Mapping[str | None, int], brought: Mapping[str | None, int]) -> Iterator[Week]:
    monday = order.since - timedelta(days=order.since.weekday())
    while monday <= order.last:
        days = [str(monday + timedelta(days=number)) for number in range(7)]
        mine = sum(brought.get(day, 0) for day in days)
        yield Week(monday, max(sum(held.get(day, 0) for day in days), mine), mine)
        monday += _WEEK


def _runs(mondays: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Join weeks that follow one another."""
    first = last = None
    for monday in mondays:
        if last is not None and monday - last == _WEEK:
            last = monday
            continue
        if first is not None and last is not None:
            yield first, last + timedelta(days=6)
        first = last = monday
    if first is not None and last is not None:
        yield first, last + timedelta(days=6)
