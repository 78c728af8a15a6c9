"""What a backfill asks of the state's holder, and what it is told, as values that fit through a socket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crawler.reading.readpage import ReadPage
from state.backfill_files import File
from state.backfill_items import Item, Step
from state.backfills import Backfill, BackfillState
from state.records import Article, Lead, Origin, Page

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
class Imported:
    """Ask for one article that an import has read to be ingested."""

    article: Article
    origin: Origin


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tell what became of one entry, or of one imported article."""

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
