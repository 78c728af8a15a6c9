"""Remember how each source usually behaves, and what was found wrong with it: opened, and closed when it is over."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from state.times import instant, instant_or_none, stamp

DRIFTS = frozenset({"empty", "drifted"})
"""Kinds of findings that other options of a listing may mend."""

SCHEMA = (
    """CREATE TABLE vitals (
        source_id TEXT PRIMARY KEY,
        signs TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE findings (
        id INTEGER PRIMARY KEY,
        source_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        reason TEXT NOT NULL,
        evidence TEXT NOT NULL,
        opened TEXT NOT NULL,
        closed TEXT,
        repair TEXT
    ) STRICT""",
    "CREATE UNIQUE INDEX findings_open ON findings (source_id, kind) WHERE closed IS NULL",
)


@dataclass(frozen=True, slots=True)
class Day:
    """Count one day (UTC) of a source."""

    polls: int = 0
    failures: int = 0
    new: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """Hold what one good look at a source showed, as far as it was not "unchanged".

    `titled` and `dated` count the items with a title and with a date, `elsewhere` those on another host, `newest` is the
    latest date among them and `newest_new` that among the new ones, `login` whether the site led to a login instead. `times`
    counts the looks in a row that showed the same bytes; `ill` is one while a fault of the listing stood. `at` is the time of
    the first of them.
    """

    shown: int
    new: int = 0
    titled: int = 0
    dated: int = 0
    elsewhere: int = 0
    newest: str | None = None
    newest_new: str | None = None
    login: bool = False
    times: int = 1
    ill: bool = False
    at: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Read:
    """Hold what one page of a source came to: its length and language, or why it could not be read, with its grade."""

    chars: int = 0
    lang: str | None = None
    error: str | None = None
    grade: str | None = None


@dataclass(frozen=True, slots=True)
class Vitals:
    """Hold the signs of one source, each a short list with the latest at its end.

    `longest` is the longest time without news by the ISO week in which it ended, in hours. `grade` names the kind of
    the last failure. `quiet_since` is the time of the last news.
    """

    looks: tuple[Look, ...] = ()
    reads: tuple[Read, ...] = ()
    longest: Mapping[str, float] = field(default_factory=dict)
    days: Mapping[str, Day] = field(default_factory=dict)
    quiet_since: str | None = None
    grade: str | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """Propose other options for a listing that drifted, and say what they would find on its page of today.

    `known` counts those of the `leads` that the source brought before, `dated` those with a date; `sample` holds the
    first titles. `options` is None where none read the page better; `leads` are then what is found as it is.
    """

    options: Mapping[str, Any] | None = None
    leads: int = 0
    known: int = 0
    dated: int = 0
    sample: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Say what is wrong with a source, in words, and by what it was seen; `closed` is None while it is.

    `repair` is None where none was sought.
    """

    source_id: str
    kind: str
    reason: str
    evidence: str
    opened: datetime
    closed: datetime | None = None
    repair: Repair | None = None


def load_vitals(db: Database, source_id: str) -> Vitals:
    """Give the signs of a source, none where it is new."""
    row = next(iter(db.query("SELECT signs FROM vitals WHERE source_id = ?", [source_id])), None)
    return Vitals() if row is None else _vitals(row["signs"])


def all_vitals(db: Database) -> dict[str, Vitals]:
    """Give the signs of every source, by id."""
    return {row["source_id"]: _vitals(row["signs"]) for row in db["vitals"].rows}


def store_vitals(db: Database, source_id: str, vitals: Vitals) -> None:
    """Keep the signs of a source in place of those before."""
    db.execute(
        "INSERT INTO vitals VALUES (?, ?) ON CONFLICT (source_id) DO UPDATE SET signs = excluded.signs",
        [source_id, json.dumps(asdict(vitals), ensure_ascii=False, separators=(",", ":"))],
    )


def settle(
    db: Database, source_id: str, found: Sequence[Finding], now: datetime
) -> tuple[list[Finding], list[Finding]]:
    """Make the open findings of a source those that were `found`; give the opened and the closed ones.

    A finding that stands already keeps its time and takes over the new words.
    """
    before = {finding.kind: finding for finding in open_findings(db, source_id)}
    present = {finding.kind: finding for finding in found}
    for kind, finding in present.items():
        if kind in before:
            db.execute(
                "UPDATE findings SET reason = ?, evidence = ? WHERE source_id = ? AND kind = ? AND closed IS NULL",
                [finding.reason, finding.evidence, source_id, kind],
            )
        else:
            db.execute(
                "INSERT INTO findings (source_id, kind, reason, evidence, opened) VALUES (?, ?, ?, ?, ?)",
                [source_id, kind, finding.reason, finding.evidence, stamp(finding.opened)],
            )
    over = [finding for kind, finding in before.items() if kind not in present]
    for finding in over:
        db.execute(
            "UPDATE findings SET closed = ? WHERE source_id = ? AND kind = ? AND closed IS NULL",
            [stamp(now), source_id, finding.kind],
        )
    return [finding for kind, finding in present.items() if kind not in before], over


def open_findings(db: Database, source_id: str | None = None) -> list[Finding]:
    """Give what is wrong now with a source, or with all, the oldest first: what an operator's digest tells."""
    rows = db.query(
        "SELECT * FROM findings WHERE closed IS NULL AND (? IS NULL OR source_id = ?) ORDER BY opened, id",
        [source_id, source_id],
    )
    return [_finding(row) for row in rows]


def findings_since(db: Database, moment: datetime) -> list[Finding]:
    """Give the findings that were opened or closed at or after a time, in the order in which they were opened."""
    rows = db.query(
        "SELECT * FROM findings WHERE opened >= ? OR closed >= ? ORDER BY opened, id",
        [stamp(moment), stamp(moment)],
    )
    return [_finding(row) for row in rows]


def drifts(db: Database, source_id: str) -> list[Finding]:
    """Give the open findings of a source that other options may mend."""
    return [finding for finding in open_findings(db, source_id) if finding.kind in DRIFTS]


def propose(db: Database, source_id: str, repair: Repair) -> None:
    """Keep a proposed repair with the open findings of a source that it may mend, in place of one before."""
    said = json.dumps(asdict(repair), ensure_ascii=False, separators=(",", ":"))
    for finding in drifts(db, source_id):
        db.execute(
            "UPDATE findings SET repair = ? WHERE source_id = ? AND kind = ? AND closed IS NULL",
            [said, source_id, finding.kind],
        )


def prune(db: Database, now: datetime, kept: timedelta = timedelta(days=400)) -> int:
    """Forget findings that were over long ago; give their number."""
    return int(db.execute("DELETE FROM findings WHERE closed < ?", [stamp(now - kept)]).rowcount)


def _finding(row: Mapping[str, str]) -> Finding:
    times = (instant(row["opened"]), instant_or_none(row["closed"]))
    said = json.loads(row["repair"]) if row["repair"] else None
    repair = Repair(**said | {"sample": tuple(said["sample"])}) if said else None
    return Finding(row["source_id"], row["kind"], row["reason"], row["evidence"], *times, repair)


def _vitals(signs: str) -> Vitals:
    raw = json.loads(signs)
    return Vitals(
        looks=tuple(Look(**look) for look in raw["looks"]),
        reads=tuple(Read(**read) for read in raw["reads"]),
        longest=raw["longest"],
        days={day: Day(**counts) for day, counts in raw["days"].items()},
        quiet_since=raw["quiet_since"],
        grade=raw["grade"],
    )
