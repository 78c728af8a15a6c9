"""Keep the signs of sources in the state, and judge them after each look: called inside the transaction of the look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from crawler import rhythm
from crawler.health import signs
from crawler.health.case import Case
from crawler.health.contracts import examine
from crawler.rounds import Listing
from crawler.timetable import prior
from state import health, rhythms, sources
from state.health import Finding, Look, Read
from state.records import Lead, Source
from state.times import instant

_FREEZES = timedelta(days=14)
"""How long a finding keeps what was usual before it; then the source counts as having changed for good."""
_OF_PAGES = frozenset({"shorter", "other language", "unreadable"})
_PASSING = frozenset({"quiet", "failing", "flood"})


@dataclass(frozen=True, slots=True)
class Turn:
    """Hold the findings that one look opened and closed."""

    opened: tuple[Finding, ...] = ()
    closed: tuple[Finding, ...] = ()


def after_look(db: Database, listing: Listing, new: list[Lead], now: datetime) -> Turn:
    """Note a good look at a source, and judge it."""
    source = listing.source
    vitals = health.load_vitals(db, source.id)
    look: Look | None = None
    if listing.leads is not None:
        look = signs.look_of(source, listing.leads, new, listing.final_url or source.url)
    frozen = _stands(db, source.id, now) - _OF_PAGES - _PASSING
    health.store_vitals(db, source.id, signs.looked(vitals, now, look, frozen=bool(frozen)))
    return judge(db, source, now)


def after_failure(db: Database, source: Source, grade: str, now: datetime) -> Turn:
    """Note a failed look at a source, and judge it."""
    health.store_vitals(db, source.id, signs.failed(health.load_vitals(db, source.id), now, grade))
    return judge(db, source, now)


def after_page(db: Database, source_id: str, page: Read, now: datetime) -> None:
    """Note what a page of a source came to; it is judged at the next look."""
    frozen = _stands(db, source_id, now) & _OF_PAGES
    vitals = health.load_vitals(db, source_id)
    health.store_vitals(db, source_id, signs.read(vitals, page, frozen=bool(frozen)))


def judge(db: Database, source: Source, now: datetime) -> Turn:
    """Open and close findings by what the signs of a source say now."""
    state = sources.all_states(db)[source.id]
    vitals = health.load_vitals(db, source.id)

    def expected() -> float:
        if vitals.quiet_since is None:
            return 0.0
        slots = rhythm.rates(rhythms.load(db, source.id, now), prior(source), now, source.zone)
        return rhythm.expected(slots, source.zone, instant(vitals.quiet_since), now)

    found = list(examine(Case(source, state, vitals, expected, now)))
    opened, closed = health.settle(db, source.id, found, now)
    return Turn(tuple(opened), tuple(closed))


def _stands(db: Database, source_id: str, now: datetime) -> frozenset[str]:
    found = health.open_findings(db, source_id)
    return frozenset(finding.kind for finding in found if now - finding.opened < _FREEZES)
