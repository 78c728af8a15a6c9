"""Walk one article from the bytes of a listing to its alerts. See docs/explanation/pipeline.md for the same in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import structlog

from crawler.health import watch
from crawler.health.watch import Turn
from crawler.ingest import Ingest, Ingested, host_of
from crawler.leads.dates import instant
from crawler.leads.leads import Leads
from crawler.leads.read import read_leads
from crawler.outage import AGAIN, Outage
from crawler.probing.repair import Brought, derive
from crawler.reading.apart import read_page_apart
from crawler.reading.furniture import SeenPage, host_furniture
from crawler.reading.readpage import ReadPage
from crawler.rounds import Listing
from crawler.schedule import next_fetch, next_poll_after_failure
from crawler.timetable import Timetable, is_adaptive, taught
from crawler.workers import NoWorkers, WorkerKilled, Workers
from state import furniture, health, hubs, leads, pages, rhythms, sources
from state.errors import FetchError, ReadError, YuewatchError
from state.health import Read, Repair
from state.records import Lead, Origin, Page, Source
from state.sources import Poll, SourceState
from state.writer import Writer

_SHORT = 300
_log = structlog.get_logger("yuewatch.pipeline")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Keep what spiders bring home: the daemon's ledger. One method per arrow of the walk.

    `told` hears of every article that was ingested, for example to wake the dispatcher.
    """

    writer: Writer
    workers: Workers
    ingest: Ingest
    told: Callable[[Ingested], None]
    timetable: Timetable = field(default_factory=Timetable)
    outage: Outage = field(default_factory=Outage)

    async def read_listing(self, source: Source, page: Page) -> Leads:
        """Turn the bytes of a listing into leads, in a worker."""
        return await self.workers.run(read_leads, page.body, source, page.final_url, page.headers)

    async def keep_listing(self, listing: Listing) -> Sequence[tuple[Lead, Origin]]:
        """Store the poll with the leads and validators it brought, in one transaction; give the new leads."""
        self.outage.reached()
        new, turn = await self.writer.run(_store_listing, listing, self.timetable, datetime.now(UTC))
        _tell(turn)
        return new

    async def wants_page(self, listing: Listing) -> bool:
        """Tell whether a listing drifted and its page may say how to read it again: once, then whenever it changed."""
        if listing.source.kind != "listing":
            return False
        found = await self.writer.run(health.drifts, listing.source.id)
        return any(finding.repair is None or listing.leads is not None for finding in found)

    async def seek_repair(self, source: Source, page: Page) -> None:
        """Derive options from the page in a worker, and keep them with the finding."""
        brought = Brought.of(await self.writer.run(leads.latest, source.id))
        try:
            repair = await self.workers.run(derive, page.body, source, page.final_url, page.headers, brought)
        except NoWorkers as error:
            _log.error("not read yet", source=source.id, error=str(error))
            return
        except ReadError as error:
            _log.warning("repair not found", source=source.id, error=str(error))
            repair = Repair()
        await self.writer.run(health.propose, source.id, repair)
        _log.info("repair sought", source=source.id, options=repair.options, leads=repair.leads)

    async def keep_page(self, page: Page, lead: Lead, origin: Origin) -> Sequence[Any]:
        """Store the page first, so that a crash re-reads and never re-fetches; then read and ingest it."""
        await self.writer.run(_store_page, page, lead, origin, datetime.now(UTC))
        await self.walk(page, lead, origin)
        return ()

    async def walk(self, page: Page, lead: Lead, origin: Origin) -> None:
        """Read a stored page in a worker and write all that follows from it in one transaction."""
        reading = await self._read(page, lead)
        if reading is None:
            return
        try:
            ingested = await self.writer.run(self.ingest.page, reading, page, lead, origin, datetime.now(UTC))
        except YuewatchError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and kept with the page
            # A flaw that one article brings to light must not cost the others; its page is kept for a better version.
            why = f"ingesting it failed with {type(error).__name__}: {error}"
            state = await self.writer.run(pages.mark_unreadable, lead.key, why, again=False)
            _log.exception("ingest failed", url=page.url, state=state, error=why)
        else:
            self.told(ingested)

    async def _read(self, page: Page, lead: Lead) -> ReadPage | None:
        """Read a page; None where it went into quarantine: at once without an article, after three tries that broke off.

        Where no worker can be had it waits where it is stored; the daemon looks for such pages every few minutes.
        """
        known = await self.writer.run(furniture.pages_of, host_of(page.final_url))
        recurring = host_furniture([SeenPage(*seen) for seen in known])
        while True:
            try:
                return await self.workers.run(
                    read_page_apart, page, self.ingest.source_of(lead.source_id), lead, recurring
                )
            except NoWorkers as error:
                _log.error("not read yet", url=page.url, error=str(error))
                return None
            except ReadError as error:
                again = isinstance(error, WorkerKilled)
                state = await self.writer.run(_store_unreadable, lead, error, again, datetime.now(UTC))
                _log.warning("unreadable", url=page.url, state=state, error=str(error))
            if state != "waiting":
                return None

    async def poll_failed(
        self, source: Source, before: SourceState, error: YuewatchError, status: int | None
    ) -> None:
        """Store a failed poll and when to try again."""
        now = datetime.now(UTC)
        grade = getattr(error, "grade", "other")
        if isinstance(error, NoWorkers):
            _log.error("not read yet", source=source.id, error=str(error))
            await self._blame_nobody(source, before, str(error), AGAIN, now)
            return
        if self.outage.is_ours(source.host, grade, now):
            _log.warning("our own network seems to be down", source=source.id, error=str(error))
            line = f"our own network seems to be down, so it is not blamed: {error}"
            await self._blame_nobody(source, before, line, self.outage.pause(now), now)
            return
        retry = next_poll_after_failure(source, before.failures + 1, now, grade)
        due = getattr(error, "until", None) or self.outage.latest(retry, source.every, now)
        blocked = grade == "blocked"
        poll = Poll(
            source.id, now, due, status=status, error=str(error), blameless=blocked, asked=before.asked
        )
        turn = await self.writer.run(_store_poll_failure, source, poll, grade)
        _tell(turn)
        _log.warning(
            "poll failed",
            source=source.id,
            failures=before.failures + 1,
            next_try=due.isoformat(),
            error=str(error),
        )

    async def _blame_nobody(
        self, source: Source, before: SourceState, line: str, pause: timedelta, now: datetime
    ) -> None:
        due = now + min(pause, source.every)
        poll = Poll(source.id, now, due, error=line, blameless=True, asked=before.asked)
        await self.writer.run(sources.record_poll, poll)

    async def lead_failed(self, lead: Lead, error: YuewatchError, status: int | None) -> None:
        """Store a failed fetch and when to try again, if at all."""
        await self.writer.run(_store_failure, lead, error, status, datetime.now(UTC))
        _log.warning("fetch failed", url=lead.url, source=lead.source_id, error=str(error))


def _tell(turn: Turn) -> None:
    for finding in turn.opened:
        _log.warning(
            "finding",
            source=finding.source_id,
            kind=finding.kind,
            reason=finding.reason,
            evidence=finding.evidence,
        )
    for finding in turn.closed:
        _log.info("finding closed", source=finding.source_id, kind=finding.kind)


def _store_poll_failure(db: Any, source: Source, poll: Poll, grade: str) -> Turn:
    sources.record_poll(db, poll)
    return watch.after_failure(db, source, grade, poll.at)


def _store_unreadable(db: Any, lead: Lead, error: ReadError, again: bool, now: datetime) -> str:  # noqa: FBT001 - as the writer hands it on
    state = pages.mark_unreadable(db, lead.key, str(error), again=again)
    if state != "waiting":
        watch.after_page(db, lead.source_id, Read(error=str(error)[:_SHORT], grade=error.grade), now)
    return state


def _store_listing(
    db: Any, listing: Listing, timetable: Timetable, now: datetime
) -> tuple[Sequence[tuple[Lead, Origin]], Turn]:
    source, found = listing.source, listing.leads
    added = _add_leads(db, listing, now)
    new = [lead for lead, _ in added]
    rhythm = rhythms.load(db, source.id, now)
    if is_adaptive(source):
        rhythm = taught(rhythm, source, new, listing.before.last_success, now)
        rhythms.store(db, source.id, rhythm)
    sources.record_poll(
        db,
        Poll(
            source.id,
            now,
            timetable.next_poll(source, rhythm, now, _asked(listing)),
            status=listing.status,
            etag=listing.etag,
            last_modified=listing.last_modified,
            body_hash=listing.body_hash,
            unchanged=found is None,
            new_leads=len(new),
            shown=found is not None and bool(found.items),
            validators_lie=_lied(listing) and bool(new),
            asked=listing.before.asked,
        ),
    )
    if found is not None and source.kind == "feed":
        if found.hub is not None:
            hubs.offer(db, source.id, found.hub.url, found.hub.topic, now)
        else:
            hubs.forget(db, source.id)
    turn = watch.after_look(db, listing, new, now)
    return added, turn


def _add_leads(db: Any, listing: Listing, now: datetime) -> list[tuple[Lead, Origin]]:
    """Store what a listing shows; give what was not known, in its order, each with its origin."""
    added: list[tuple[Lead, Origin]] = []
    shown = listing.leads.items if listing.leads is not None else ()
    for origin, group in groupby(shown, lambda lead: _origin(listing, lead)):
        added += [(lead, origin) for lead in leads.add(db, group, origin, now)]
    return added


def _origin(listing: Listing, lead: Lead) -> Origin:
    """Tell news from what a source held already when we first met it.

    Where earlier looks found nothing, or looked elsewhere, what is dated since the last of them is news all the same.
    """
    source, before = listing.source, listing.before
    if not source.baseline or before.baselined_at is not None:
        return "live"
    dated = instant(lead.published, source.zone)
    if dated is None or before.last_success is None:
        return "baseline"
    # A day without a time may end after that look.
    latest = dated + timedelta(days=1) if len(lead.published or "") == len("2026-11-20") else dated
    return "live" if latest > before.last_success else "baseline"


def _lied(listing: Listing) -> bool:
    """Tell whether a changed answer carries the validators of the last one, so that "unchanged" cannot be believed."""
    now, before = listing, listing.before
    if now.leads is None or not (now.etag or now.last_modified):
        return False
    return (now.etag, now.last_modified) == (before.etag, before.last_modified)


def _asked(listing: Listing) -> timedelta | None:
    """Give for how long a source wants to be left alone, by what it lists or by its server."""
    said = (listing.leads.ttl if listing.leads is not None else None, listing.fresh_for)
    return max((time for time in said if time is not None), default=None)


def _store_page(db: Any, page: Page, lead: Lead, origin: Origin, now: datetime) -> None:
    pages.store(db, page, lead, origin, now)
    leads.mark_done(db, lead.key)


def _store_failure(db: Any, lead: Lead, error: YuewatchError, status: int | None, now: datetime) -> None:
    held_until = getattr(error, "until", None)
    if held_until is not None:
        leads.postpone(db, lead.key, held_until)
        return
    if isinstance(error, FetchError) and not error.retryable:
        leads.mark_gone(db, lead.key, str(error))
        return
    leads.mark_failed(db, lead.key, str(error), next_fetch(leads.attempts(db, lead.key) + 1, status, now))
