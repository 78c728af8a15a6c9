"""Remember what each source did: validators, rhythm, failures, when it is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlite_utils import Database

from state.records import host_of
from state.times import instant, instant_or_none, stamp

SCHEMA = (
    """CREATE TABLE sources (
        id TEXT PRIMARY KEY,
        url TEXT NOT NULL,
        reading TEXT NOT NULL DEFAULT '',
        first_seen TEXT NOT NULL,
        baselined_at TEXT,
        next_due TEXT NOT NULL,
        last_poll TEXT,
        last_success TEXT,
        last_new TEXT,
        last_status INTEGER,
        last_error TEXT,
        failures INTEGER NOT NULL DEFAULT 0,
        etag TEXT,
        last_modified TEXT,
        body_hash TEXT,
        validators_lie INTEGER NOT NULL DEFAULT 0,
        polls INTEGER NOT NULL DEFAULT 0,
        leads INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    """CREATE TABLE hosts (
        host TEXT PRIMARY KEY,
        not_before TEXT NOT NULL,
        reason TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE crawl_delays (
        host TEXT PRIMARY KEY,
        seconds REAL NOT NULL
    ) STRICT""",
)

CRAWL_DELAYS_BY_SITE = (
    "ALTER TABLE crawl_delays RENAME COLUMN host TO site",
    "UPDATE crawl_delays SET site = 'https://' || site",
)

FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)
"""Until when a host is held that the operator has blocked."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """Hold what is remembered of one source between polls."""

    id: str
    next_due: datetime
    baselined_at: datetime | None = None
    last_poll: datetime | None = None
    last_success: datetime | None = None
    last_new: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None
    failures: int = 0
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    validators_lie: bool = False
    polls: int = 0
    leads: int = 0
    url: str = ""
    reading: str = ""

    @property
    def asked(self) -> tuple[str, str] | None:
        """Give the address and the reading that a poll begins with, None where they are not known."""
        return (self.url, self.reading) if self.url else None


@dataclass(frozen=True, slots=True)
class Poll:
    """Report one poll of a source: what came back and when to come again. `error` is None for a good poll.

    A `blameless` failure is not the source's: it is not counted. `shown` tells that anything was listed, known or not.
    `asked` is the address and the reading that the poll began with, where they are known.
    """

    source_id: str
    at: datetime
    next_due: datetime
    status: int | None = None
    error: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    unchanged: bool = False
    new_leads: int = 0
    shown: bool = False
    validators_lie: bool = False
    blameless: bool = False
    asked: tuple[str, str] | None = None


def register(db: Database, source_id: str, url: str, now: datetime, reading: str = "") -> None:
    """Make a source known, due at once; forget its validators where its address or the way it is read changed.

    `reading` stands for everything that decides what is found in an answer: with the validators kept, a mended
    selector would find nothing until the site next changes its page. Another address is met for the first time.
    """
    db.execute(
        """INSERT INTO sources (id, url, reading, first_seen, next_due) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET url = excluded.url, reading = excluded.reading,
               etag = NULL, last_modified = NULL, body_hash = NULL, validators_lie = 0, next_due = excluded.next_due,
               baselined_at = CASE WHEN sources.url = excluded.url THEN sources.baselined_at END
           WHERE sources.url <> excluded.url OR sources.reading <> excluded.reading""",
        [source_id, url, reading, stamp(now), stamp(now)],
    )


def record_poll(db: Database, poll: Poll) -> None:
    """Store the outcome of one poll; a failed one keeps the validators and counts up `failures`.

    First contact is over with the first poll that showed anything: an empty page is no baseline.
    """
    if _is_outdated(db, poll):
        # Its validators would answer "unchanged" to what was mended, and its time would put that off.
        db.execute(
            "UPDATE sources SET last_poll = ?, polls = polls + 1, leads = leads + ? WHERE id = ?",
            [stamp(poll.at), poll.new_leads, poll.source_id],
        )
        return
    if poll.error is not None:
        db.execute(
            """UPDATE sources SET last_poll = ?, last_status = ?, last_error = ?, failures = failures + ?,
               next_due = ?, polls = polls + 1 WHERE id = ?""",
            [
                stamp(poll.at),
                poll.status,
                poll.error,
                0 if poll.blameless else 1,
                stamp(poll.next_due),
                poll.source_id,
            ],
        )
        return
    db.execute(
        """UPDATE sources SET last_poll = :at, last_success = :at, last_status = :status, last_error = NULL,
           failures = 0, next_due = :due, polls = polls + 1, leads = leads + :new,
           baselined_at = CASE WHEN :shown THEN coalesce(baselined_at, :at) ELSE baselined_at END,
           last_new = CASE WHEN :new > 0 THEN :at ELSE last_new END,
           etag = CASE WHEN :unchanged THEN coalesce(:etag, etag) ELSE :etag END,
           last_modified = CASE WHEN :unchanged THEN coalesce(:modified, last_modified) ELSE :modified END,
           validators_lie = max(validators_lie, :lie),
           body_hash = CASE WHEN :unchanged THEN body_hash ELSE :hash END
           WHERE id = :id""",
        {
            "at": stamp(poll.at),
            "status": poll.status,
            "due": stamp(poll.next_due),
            "new": poll.new_leads,
            "shown": poll.shown,
            "unchanged": poll.unchanged,
            "lie": poll.validators_lie,
            "etag": poll.etag,
            "modified": poll.last_modified,
            "hash": poll.body_hash,
            "id": poll.source_id,
        },
    )


def _is_outdated(db: Database, poll: Poll) -> bool:
    """Tell whether a reload gave the source another address or reading while it was asked."""
    row = db.execute("SELECT url, reading FROM sources WHERE id = ?", [poll.source_id]).fetchone()
    return row is not None and poll.asked is not None and tuple(row) != poll.asked


def postpone(db: Database, source_ids: Iterable[str], until: datetime) -> None:
    """Push sources back, for example while they are being crawled or their host asked for patience."""
    for source_id in source_ids:
        db.execute("UPDATE sources SET next_due = ? WHERE id = ?", [stamp(until), source_id])


def all_states(db: Database) -> dict[str, SourceState]:
    """Give what is remembered of every source, by id."""
    fields = SourceState.__dataclass_fields__
    return {row["id"]: _state({name: row[name] for name in fields}) for row in db["sources"].rows}


def hold_host(db: Database, host: str, until: datetime, reason: str) -> None:
    """Keep every crawl away from a host until a time (Retry-After); a longer hold stands."""
    db.execute(
        """INSERT INTO hosts (host, not_before, reason) VALUES (?, ?, ?)
           ON CONFLICT (host) DO UPDATE SET not_before = excluded.not_before, reason = excluded.reason
           WHERE excluded.not_before > hosts.not_before""",
        [host, stamp(until), reason],
    )


def block_host(db: Database, host: str) -> None:
    """Keep every crawl away from a host for good."""
    hold_host(db, host, FOR_GOOD, "blocked by the operator")


def unblock_host(db: Database, host: str, now: datetime) -> bool:
    """Let crawls return to a host, blocked or held, and make its sources and pages due; False where it was neither.

    What waits for good is due, too, whatever its host: a redirect may have led to the blocked one, and what is kept
    from another that is blocked still learns so at its turn.
    """
    if not db.execute("DELETE FROM hosts WHERE host = ?", [host]).rowcount:
        return False
    due, for_good = stamp(now), stamp(FOR_GOOD)
    db.execute("UPDATE sources SET next_due = ? WHERE next_due >= ?", [due, for_good])
    db.execute("UPDATE leads SET next_try = ? WHERE state = 'waiting' AND next_try >= ?", [due, for_good])
    for row in list(db.query("SELECT id, url FROM sources WHERE next_due > ?", [stamp(now)])):
        if host_of(row["url"]) == host:
            postpone(db, [row["id"]], now)
    for row in list(
        db.query("SELECT key, url FROM leads WHERE state = 'waiting' AND next_try > ?", [stamp(now)])
    ):
        if host_of(row["url"]) == host:
            db.execute("UPDATE leads SET next_try = ? WHERE key = ?", [stamp(now), row["key"]])
    return True


def held_hosts(db: Database, now: datetime) -> dict[str, datetime]:
    """Give the hosts that must not be asked yet, with the time until which."""
    rows = db.query("SELECT host, not_before FROM hosts WHERE not_before > ?", [stamp(now)])
    return {row["host"]: instant(row["not_before"]) for row in rows}


def keep_crawl_delay(db: Database, site: str, seconds: float | None) -> None:
    """Remember the Crawl-delay of a site (`https://gd.example`), or that it asks for none any more."""
    db.execute("DELETE FROM crawl_delays WHERE site = ?", [site])
    if seconds is not None:
        db.execute("INSERT INTO crawl_delays (site, seconds) VALUES (?, ?)", [site, seconds])


def crawl_delays(db: Database) -> dict[str, float]:
    """Give the Crawl-delay in seconds of every site that asks for one."""
    return {row["site"]: row["seconds"] for row in db["crawl_delays"].rows}


def may_have_been_asked(db: Database) -> bool:
    """Tell whether a process may have asked a source: all are made known before one is asked.

    That a poll is recorded would not tell it: a process that was killed had asked what it could not record any more.
    """
    return bool(db.execute("SELECT EXISTS (SELECT 1 FROM sources)").fetchone()[0])


def _state(row: dict[str, object]) -> SourceState:
    times = {key: instant_or_none(str(row[key]) if row[key] is not None else None) for key in _TIMES}
    lie = bool(row["validators_lie"])
    return SourceState(**{**row, **times, "validators_lie": lie})  # type: ignore[arg-type]  # columns are typed by the STRICT table


def all_silent_since(db: Database, moment: datetime) -> bool:
    """Tell whether no source has answered since a time, though one did before: our own network may be down."""
    latest = db.execute("SELECT max(last_success) FROM sources").fetchone()[0]
    return latest is not None and latest < stamp(moment)


_TIMES = ("next_due", "baselined_at", "last_poll", "last_success", "last_new")
