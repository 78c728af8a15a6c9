"""Do what a backfill or an import asks of whoever holds the state, each request in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter
from sqlite_utils import Database

from crawler.backfill.requests import (
    Begin,
    Block,
    Claim,
    Ended,
    Entry,
    Imported,
    Kept,
    Listed,
    Missed,
    Ordered,
    Outcome,
    OutcomeState,
    Postponed,
    Unlisted,
)
from crawler.ingest import Ingest
from crawler.leads.address import canonical_key
from state import (
    backfill_files,
    backfill_items,
    backfill_results,
    backfills,
    furniture,
    leads,
    outbox,
    pages,
    sources,
)
from state.backfill_items import Claimed
from state.backfills import Backfill
from state.ids import derived_id
from state.records import Alert, Delivery, Lead


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
    backfill_files.add_files(db, request.backfill, request.files)
    return backfill_items.finish_step(
        db, request.backfill, request.lane, request.step, request.items, request.more, request.size
    )


def unlisted(db: Database, _: Ingest, request: Unlisted) -> None:
    """Store that one listing could not be had."""
    backfill_items.fail_step(db, request.backfill, request.lane, request.step, request.why)


def ordered(db: Database, _: Ingest, request: Ordered) -> None:
    """Put the items in order."""
    backfill_items.order(db, request.backfill, request.held)
    backfills.enter(db, request.backfill, "working", None, _now())


def claim(db: Database, _: Ingest, request: Claim) -> Claimed:
    """Claim the next page of a host."""
    return backfill_items.claim(db, request.backfill, request.host, _now())


def keep(db: Database, _: Ingest, request: Kept) -> None:
    """Store a page, held for its turn; its lead is done, so that no round fetches it again.

    A page that the live crawl waits for is left to it, to be read at once: a backfill would take its news in silence.
    """
    key = request.lead.key
    if backfill_items.state_of(db, request.backfill, key) != "claimed":
        return
    now = _now()
    awaited = _awaited(db, key)
    if awaited is None:
        leads.add(db, [request.lead], "backfill", now)
        pages.store(db, request.page, request.lead, "backfill", now, held=True)
    else:
        pages.store(db, request.page, awaited, "live", now)
    leads.mark_done(db, key)
    backfill_items.fetched(db, request.backfill, key, len(request.page.body))
    if awaited is not None:
        backfill_items.settle(db, request.backfill, key, "done", None)


def miss(db: Database, _: Ingest, request: Missed) -> bool:
    """Store a failed fetch; tell whether it will be tried again."""
    return backfill_items.fail(db, request.backfill, request.key, request.why, _now(), again=request.again)


def postpone(db: Database, _: Ingest, request: Postponed) -> None:
    """Put a page off, and keep every crawl away from its host until then."""
    backfill_items.postpone(db, request.backfill, request.key, request.until)
    sources.hold_host(db, request.host, request.until, request.why)


def ingest_block(db: Database, ingest: Ingest, request: Block) -> tuple[Outcome, ...]:
    """Ingest a block in its order; an entry that breaks is noted and leaves the others alone.

    A block that was ingested already, whose answer got lost, gives no outcomes.
    """
    if request.file is not None:
        known = {file.number: file for file in backfill_files.every_file(db, request.backfill)}
        if known[request.file.number].record >= request.file.record and request.entries:
            return ()
        backfill_files.advance(db, request.backfill, request.file, request.skipped)
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


def bring_in(db: Database, ingest: Ingest, request: Imported) -> Outcome:
    """Ingest one imported article; one that is known already is left alone."""
    done = ingest.article(db, request.article, request.origin, _now())
    return Outcome("kept" if done.new else "known", matches=len(done.matches), alerts=done.alerts)


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
    "bring in": Duty(Imported, Outcome, bring_in),
}


def _adapter(kind: Any) -> TypeAdapter[tuple[Any]]:
    # Only inside a container does a plain dataclass take over how bytes are written.
    return TypeAdapter(tuple[kind], config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))


def _awaited(db: Database, key: str) -> Lead | None:
    """Give a lead of the live crawl whose page it could not have yet."""
    found = leads.find(db, key)
    if found is None or found[1]["state"] != "waiting" or found[1]["origin"] != "live":
        return None
    return found[0]


def _settle(db: Database, ingest: Ingest, request: Block, entry: Entry, now: datetime) -> Outcome:
    from_list = request.file is None
    if from_list and backfill_items.state_of(db, request.backfill, entry.key) != "fetched":
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
        backfill_files.add_fault(db, request.backfill, entry.place, outcome.why)
    return outcome


def _settle_item(db: Database, request: Block, entry: Entry, outcome: Outcome) -> None:
    if entry.reading is None and entry.failed:
        pages.mark_unreadable(db, entry.key, outcome.why or "", again=False)
    else:
        pages.mark_done(db, entry.key)
    states: Mapping[OutcomeState, backfill_items.ItemState] = {"failed": "failed", "skipped": "skipped"}
    backfill_items.settle(db, request.backfill, entry.key, states.get(outcome.state, "done"), outcome.why)


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
    backfill_results.add_article(db, request.backfill, article.url)
    relation = ingested.placement.relation if ingested.placement is not None else None
    return Outcome("kept", relation, len(ingested.matches), ingested.alerts)


def _announce(db: Database, ingest: Ingest, backfill: str) -> int:
    """Send, to each destination, one message with all that this backfill found and kept silent."""
    now = _now()
    silent = backfill_results.silent_alerts(db, backfill)
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
