"""What a backfill asks of whoever holds the state, each one transaction, as values that fit through a socket."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter
from sqlite_utils import Database

from crawler.ingest import Ingest
from crawler.leads.address import canonical_key
from crawler.reading.page import ReadPage
from state import backfills, furniture, leads, outbox, pages, sources
from state.backfills import Backfill, BackfillState, Claimed, File, Item, Step
from state.ids import derived_id
from state.records import Alert, Delivery, Lead, Page

Alerting = Literal["none", "digest", "live"]
OutcomeState = Literal["kept", "known", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Begin:
    """Ask for a backfill to be stored, with its first steps and files; gives it as it stands.

    `anew` forgets an earlier one of the same order first, `again` gives what failed in it another chance.
    """

    backfill: Backfill
    lanes: dict[str, tuple[Step, ...]]
    files: tuple[tuple[str, int], ...] = ()
    anew: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """Report one listing that was read: its items and further listings, its size in bytes, or files it names."""

    backfill: str
    lane: str
    step: Step
    items: tuple[Item, ...] = ()
    more: tuple[Step, ...] = ()
    files: tuple[tuple[str, int], ...] = ()
    size: int = 0


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Report one listing that could not be had or read."""

    backfill: str
    lane: str
    step: Step
    why: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """Ask for the items to be put in order, without those that are held already."""

    backfill: str
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """Ask for the next page of a host."""

    backfill: str
    host: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Report a page that came."""

    backfill: str
    page: Page
    lead: Lead


@dataclass(frozen=True, slots=True)
class Missed:
    """Report a page that did not come; `again` where another try may help."""

    backfill: str
    key: str
    why: str
    again: bool


@dataclass(frozen=True, slots=True)
class Postponed:
    """Give a page back until a time, because its host asked for patience; the host is left alone until then."""

    backfill: str
    key: str
    host: str
    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one page of a block as it was read, or, without `reading`, why it is not an article of this backfill.

    `shelf` is where its furniture is remembered, None for none; `place` names it in reports.
    """

    key: str
    place: str
    reading: ReadPage | None = None
    url: str = ""
    shelf: str | None = None
    why: str | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Ask for a block to be ingested, all of it or nothing; `file` is where its file goes on, if it came from one."""

    backfill: str
    alert: Alerting
    entries: tuple[Entry, ...]
    file: File | None = None
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tell what became of one entry."""

    state: OutcomeState
    relation: str | None = None
    matches: int = 0
    alerts: int = 0
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """Report that a backfill ends or stops; `digest` asks for one message about all it found."""

    backfill: str
    state: BackfillState
    note: str | None = None
    digest: bool = False


def begin(db: Database, _: Ingest, request: Begin) -> Backfill:
    """Store a backfill, or resume the one of the same order."""
    if request.anew:
        backfills.forget(db, request.backfill.id)
    backfills.resume(db, request.backfill.id)
    if request.again:
        backfills.retry(db, request.backfill.id)
    return backfills.begin(db, request.backfill, request.lanes, request.files)


def listed(db: Database, _: Ingest, request: Listed) -> int:
    """Store what one listing held; give how many items were new."""
    backfills.add_files(db, request.backfill, request.files)
    return backfills.finish_step(
        db, request.backfill, request.lane, request.step, request.items, request.more, request.size
    )


def unlisted(db: Database, _: Ingest, request: Unlisted) -> None:
    """Store that one listing could not be had."""
    backfills.fail_step(db, request.backfill, request.lane, request.step, request.why)


def ordered(db: Database, _: Ingest, request: Ordered) -> None:
    """Put the items in order."""
    backfills.order(db, request.backfill, request.held, _now())


def claim(db: Database, _: Ingest, request: Claim) -> Claimed:
    """Claim the next page of a host."""
    return backfills.claim(db, request.backfill, request.host, _now())


def keep(db: Database, _: Ingest, request: Kept) -> None:
    """Store a page, held for its turn; its lead is done, so that no round fetches it again."""
    if backfills.state_of(db, request.backfill, request.lead.key) != "claimed":
        return
    now = _now()
    leads.add(db, [request.lead], "backfill", now)
    pages.store(db, request.page, request.lead, "backfill", now, held=True)
    leads.mark_done(db, request.lead.key)
    backfills.fetched(db, request.backfill, request.lead.key, len(request.page.body))


def miss(db: Database, _: Ingest, request: Missed) -> bool:
    """Store a failed fetch; tell whether it will be tried again."""
    return backfills.fail(db, request.backfill, request.key, request.why, _now(), again=request.again)


def postpone(db: Database, _: Ingest, request: Postponed) -> None:
    """Put a page off, and keep every crawl away from its host until then."""
    backfills.postpone(db, request.backfill, request.key, request.until)
    sources.hold_host(db, request.host, request.until, request.why)


def ingest_block(db: Database, ingest: Ingest, request: Block) -> tuple[Outcome, ...]:
    """Ingest a block in its order; an entry that breaks is noted and leaves the others alone.

    A block that was ingested already, whose answer got lost, gives no outcomes.
    """
    if request.file is not None:
        known = {file.number: file for file in backfills.every_file(db, request.backfill)}
        if known[request.file.number].record >= request.file.record and request.entries:
            return ()
        backfills.advance(db, request.backfill, request.file, request.skipped)
    backfill = backfills.find(db, request.backfill)
    assert backfill is not None
    # Furniture is forgotten by age, so no two articles of a backfill may bear one time.
    moment = max(_now(), backfill.updated + timedelta(milliseconds=1))
    outcomes = []
    for entry in request.entries:
        outcomes.append(_settle(db, ingest, request, entry, moment))
        moment += timedelta(milliseconds=1)
    backfills.enter(db, request.backfill, "working", None, moment)
    return tuple(outcomes)


def end(db: Database, ingest: Ingest, request: Ended) -> int:
    """Note the end or the stop; give how many alerts the digest carries."""
    carried = 0
    if request.digest and request.state == "done":
        carried = _announce(db, ingest, request.backfill)
    backfills.enter(db, request.backfill, request.state, request.note, _now())
    return carried


@dataclass(frozen=True, slots=True)
class Duty:
    """Join a request's type with what does it and the type of what it gives."""

    request: Any
    result: Any
    run: Callable[[Database, Ingest, Any], Any]

    def packed(self, request: Any) -> Any:
        """Write a request as JSON can hold it."""
        return _adapter(self.request).dump_python((request,), mode="json")

    def unpacked(self, request: Any) -> Any:
        """Read what `packed` wrote."""
        return _adapter(self.request).validate_python(request)[0]

    def packed_result(self, result: Any) -> Any:
        """Write a result as JSON can hold it."""
        return _adapter(self.result).dump_python((result,), mode="json")

    def unpacked_result(self, result: Any) -> Any:
        """Read what `packed_result` wrote."""
        return _adapter(self.result).validate_python(result)[0]


DUTIES: Mapping[str, Duty] = {
    "begin": Duty(Begin, Backfill, begin),
    "listed": Duty(Listed, int, listed),
    "unlisted": Duty(Unlisted, None, unlisted),
    "ordered": Duty(Ordered, None, ordered),
    "claim": Duty(Claim, Claimed, claim),
    "keep": Duty(Kept, None, keep),
    "miss": Duty(Missed, bool, miss),
    "postpone": Duty(Postponed, None, postpone),
    "ingest": Duty(Block, tuple[Outcome, ...], ingest_block),
    "end": Duty(Ended, int, end),
}


def _adapter(kind: Any) -> TypeAdapter[tuple[Any]]:
    # Only inside a container does a plain dataclass take over how bytes are written.
    return TypeAdapter(tuple[kind], config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))


def _settle(db: Database, ingest: Ingest, request: Block, entry: Entry, now: datetime) -> Outcome:
    from_list = request.file is None
    if from_list and backfills.state_of(db, request.backfill, entry.key) != "fetched":
        return Outcome("known")
    try:
        with db.atomic():
            outcome = _ingest(db, ingest, request, entry, now)
    except sqlite3.Error:
        # A full disk or a damaged file is not the entry's fault: nothing of the block must seem done.
        raise
    except Exception as error:  # noqa: BLE001 - one article that breaks the walk must not end the backfill
        outcome = Outcome("failed", why=f"ingesting it failed with {type(error).__name__}: {error}")
    if from_list:
        _settle_item(db, request, entry, outcome)
    elif outcome.why is not None and outcome.state == "failed":
        backfills.add_fault(db, request.backfill, entry.place, outcome.why)
    return outcome


def _settle_item(db: Database, request: Block, entry: Entry, outcome: Outcome) -> None:
    if entry.reading is None and entry.failed:
        pages.mark_unreadable(db, entry.key, outcome.why or "", again=False)
    else:
        pages.mark_done(db, entry.key)
    states: Mapping[OutcomeState, backfills.ItemState] = {"failed": "failed", "skipped": "skipped"}
    backfills.settle(db, request.backfill, entry.key, states.get(outcome.state, "done"), outcome.why)


def _ingest(db: Database, ingest: Ingest, request: Block, entry: Entry, now: datetime) -> Outcome:
    if entry.reading is None:
        return Outcome("failed" if entry.failed else "skipped", why=entry.why)
    article = entry.reading.article
    if entry.shelf is not None:
        name = f"{entry.shelf} {entry.url}" if entry.shelf.startswith("archive ") else entry.url
        furniture.remember(db, entry.shelf, name, article.title, entry.reading.line_keys, now)
    article = replace(article, url=entry.url, key=_key(entry.url, entry.key))
    source = ingest.source_of(article.source_id)
    fresh = ingest.is_fresh(article, source.zone if source is not None else "UTC", now)
    origin: Literal["live", "backfill"] = "live" if request.alert == "live" and fresh else "backfill"
    ingested = ingest.article(db, article, origin, now)
    if not ingested.new:
        return Outcome("known")
    backfills.add_article(db, request.backfill, article.url)
    relation = ingested.placement.relation if ingested.placement is not None else None
    return Outcome("kept", relation, len(ingested.matches), ingested.alerts)


def _announce(db: Database, ingest: Ingest, backfill: str) -> int:
    """Send, to each destination, one message with all that this backfill found and kept silent."""
    now = _now()
    silent = backfills.silent_alerts(db, backfill)
    mailbags: dict[str, list[Alert]] = {}
    for subscription in ingest.subscriptions:
        for destination in subscription.destinations:
            asked = [alert for alert in silent if alert.subscription == subscription.id]
            mailbags.setdefault(destination, []).extend(asked)
    deliveries = [
        Delivery(
            id=derived_id("dl", destination, backfill),
            destination=destination,
            subscription=bag[0].subscription,
            alert_ids=tuple(alert.id for alert in bag),
            state="due",
            due_at=now,
            created=now,
        )
        for destination, bag in mailbags.items()
        if bag
    ]
    return outbox.announce(db, deliveries, now)


def _key(url: str, otherwise: str) -> str:
    try:
        return canonical_key(url)
    except ValueError:
        return otherwise


def _now() -> datetime:
    return datetime.now(UTC)
