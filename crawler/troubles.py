"""Find what needs a hand: one function for each kind of trouble, all listed in `FINDERS`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from crawler.configuration.load import Configuration
from crawler.health.remedy import remedy
from rules.matcher import failing_examples
from state import deliveries, destinations, health, pages, sources, subscribers, verdicts

MOST_OF_A_KIND = 5
SICK_AFTER = 3
"""Failures in a row after which a source needs a look; fewer mend themselves."""
LEAST_FREE = 2**30
"""Bytes on the disk of the state, below which the operator is told."""
IMPRECISE = 0.5
LEAST_VERDICTS = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Name something that needs a hand, in one line that says what to do about it; `number` of them for those cut."""

    kind: str
    line: str
    number: int = 1


Finder = Callable[[Database, Configuration, datetime], Iterator[str]]
"""Give one line for each trouble of a kind, the worst first."""


def troubles(db: Database, configuration: Configuration, now: datetime) -> tuple[Trouble, ...]:
    """Give all that needs a hand now; of many of one kind only the first and their number."""
    found: list[Trouble] = []
    for kind, finder in FINDERS.items():
        lines = list(finder(db, configuration, now))
        found += [Trouble(kind, line) for line in lines[:MOST_OF_A_KIND]]
        if len(lines) > MOST_OF_A_KIND:
            more = len(lines) - MOST_OF_A_KIND
            found.append(Trouble(kind, f"… and {more} more {kind}", more))
    return tuple(found)


def _sick_sources(db: Database, configuration: Configuration, now: datetime) -> Iterator[str]:
    del now
    states = sources.all_states(db)
    for source in configuration.sources.values():
        state = states.get(source.id)
        if source.enabled and state is not None and state.failures >= SICK_AFTER:
            since = f"{state.last_success:%Y-%m-%d %H:%M} UTC" if state.last_success else "ever"
            yield f"Source {source.id} failed {state.failures} times in a row, nothing since {since}: {state.last_error}"


def _odd_sources(db: Database, configuration: Configuration, now: datetime) -> Iterator[str]:
    del now
    for finding in health.open_findings(db):
        source = configuration.sources.get(finding.source_id)
        if source is not None and source.enabled:
            proposed = remedy(finding)
            more = f"Proposed: {proposed}" if proposed else "`yuewatch sources health` shows more"
            yield f"Source {finding.source_id}: {finding.reason}. {more}"


def _deaf_destinations(db: Database, configuration: Configuration, now: datetime) -> Iterator[str]:
    del now
    known = configuration.destination_ids(subscribers.every(db, active=True))
    parked = {name: n for (name, state), n in deliveries.counts(db).items() if state == "parked"}
    disabled = {one.id: one.why for one in destinations.every_health(db) if one.disabled_at is not None}
    for name in sorted({*parked, *disabled}):
        why = f" It is disabled: {disabled[name]}." if name in disabled else ""
        revive = f"`yuewatch alerts retry --destination {name}"
        remedy = (
            f"Mend it, then {revive}`" if name in known else f"Configure it again, or {revive} --to NAME`"
        )
        yield f"Destination {name} has {parked.get(name, 0)} parked deliveries.{why} {remedy}, or drop them"


def _quarantined_pages(db: Database, configuration: Configuration, now: datetime) -> Iterator[str]:
    del configuration
    number = pages.quarantined_since(db, now - _DAY)
    if number:
        yield f"{number} pages could not be read since yesterday: `yuewatch articles quarantined`"


def _failing_rules(db: Database, configuration: Configuration, now: datetime) -> Iterator[str]:
    del now
    yield from (f"An example fails: {line}" for line in failing_examples(configuration.pack))
    for rule, judged in verdicts.by_rule(db).items():
        number = judged.good + judged.wrong + judged.duplicate
        if number >= LEAST_VERDICTS and (judged.precision or 0) < IMPRECISE:
            yield f"Rule {rule} was wrong in {judged.wrong} of {number} judged alerts: `yuewatch rules list`"


def _full_disk(db: Database, configuration: Configuration, now: datetime) -> Iterator[str]:
    del db, now
    free = shutil.disk_usage(configuration.state.absolute().parent).free
    if free < LEAST_FREE:
        yield f"The disk of the state has {free // 2**20} MiB left; make space before it is full"


# Whatever else finds trouble is one more line here.
FINDERS: dict[str, Finder] = {
    "full disks": _full_disk,
    "deaf destinations": _deaf_destinations,
    "sick sources": _sick_sources,
    "odd sources": _odd_sources,
    "failing rules": _failing_rules,
    "unread pages": _quarantined_pages,
}
