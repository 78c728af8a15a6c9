"""Keep the work list of backfills, so that a killed one goes on exactly where it was.

A backfill is `planning` (its listings are being walked), then `working` (its items have their order), then `done`.
An item is waiting -> claimed (asked for) -> fetched (its page is stored) -> done | failed | skipped. Items are ingested
by position, in blocks of `BLOCK`, each in one transaction: what follows from an article depends on what came before it,
so a backfill that was killed ends with the same stories as one that was not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlite_utils import Database

from state.reasons import Reason
from state.records import Alert, Lead
from state.times import instant, stamp

SCHEMA = (
    """CREATE TABLE backfills (
        id TEXT PRIMARY KEY,
        spec TEXT NOT NULL,
        state TEXT NOT NULL,
        note TEXT,
        created TEXT NOT NULL,
        updated TEXT NOT NULL,
        requests INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    """CREATE TABLE backfill_steps (
        backfill TEXT NOT NULL,
        lane TEXT NOT NULL,
        number INTEGER NOT NULL,
        kind TEXT NOT NULL,
        url TEXT NOT NULL,
        depth INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        found INTEGER NOT NULL DEFAULT 0,
        error TEXT,
        PRIMARY KEY (backfill, lane, number)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE backfill_items (
        backfill TEXT NOT NULL,
        lane TEXT NOT NULL,
        number INTEGER NOT NULL,
        key TEXT NOT NULL,
        position INTEGER,
        address TEXT NOT NULL,
        host TEXT NOT NULL,
        lead TEXT NOT NULL,
        day TEXT,
        captured TEXT,
        state TEXT NOT NULL DEFAULT 'found',
        attempts INTEGER NOT NULL DEFAULT 0,
        next_try TEXT NOT NULL DEFAULT '',
        error TEXT,
        PRIMARY KEY (backfill, key)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX backfill_items_order ON backfill_items (backfill, position)",
    """CREATE INDEX backfill_items_todo ON backfill_items (backfill, host, position)
       WHERE state IN ('waiting', 'claimed')""",
    """CREATE TABLE backfill_files (
        backfill TEXT NOT NULL,
        number INTEGER NOT NULL,
        name TEXT NOT NULL,
        size INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        offset INTEGER NOT NULL DEFAULT 0,
        record INTEGER NOT NULL DEFAULT 0,
        skipped INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (backfill, number)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE backfill_faults (
        backfill TEXT NOT NULL,
        place TEXT NOT NULL,
        why TEXT NOT NULL,
        PRIMARY KEY (backfill, place)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE backfill_articles (
        backfill TEXT NOT NULL,
        url TEXT NOT NULL,
        PRIMARY KEY (backfill, url)
    ) STRICT, WITHOUT ROWID""",
)

BLOCK = 16
"""Items that are read and ingested together."""
TRIES = 3
"""Fetches of one item before it counts as failed."""

_FAMILY = (
    "backfill_steps",
    "backfill_items",
    "backfill_files",
    "backfill_faults",
    "backfill_articles",
    "backfills",
)
_RETRY = (timedelta(seconds=5), timedelta(seconds=60))

BackfillState = Literal["planning", "working", "done"]
ItemState = Literal["found", "held", "waiting", "claimed", "fetched", "done", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Backfill:
    """Hold one backfill: what was ordered (`spec`, as JSON) and how far it is; `note` says why it stopped."""

    id: str
    spec: str
    state: BackfillState
    created: datetime
    updated: datetime
    requests: int = 0
    bytes: int = 0
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Name one listing to look at: a sitemap, a page of a listing, a query of an index."""

    kind: str
    url: str
    depth: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """Name one page to fetch.

    `address` is what to ask for (an archive's copy, else the lead's own); `day` (ISO 8601) is what items are ordered
    by, newest first; `captured` is when an archive took its copy.
    """

    lead: Lead
    address: str
    host: str
    day: str | None = None
    captured: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """Hold an item that is to be fetched now, or, where `item` is None, when the next may be asked for."""

    item: Item | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class File:
    """Hold one archive file: `offset` and `record` are where the first record not yet ingested begins."""

    number: int
    name: str
    size: int
    state: str = "waiting"
    offset: int = 0
    record: int = 0


def find(db: Database, backfill: str) -> Backfill | None:
    """Give one backfill."""
    row = next(iter(db.query("SELECT * FROM backfills WHERE id = ?", [backfill])), None)
    return None if row is None else _backfill_of(row)


def every(db: Database) -> list[Backfill]:
    """Give all backfills, the latest first."""
    return [_backfill_of(row) for row in db.query("SELECT * FROM backfills ORDER BY created DESC, id")]


def begin(
    db: Database,
    backfill: Backfill,
    lanes: dict[str, tuple[Step, ...]],
    files: Sequence[tuple[str, int]],
) -> Backfill:
    """Store a new backfill with its first steps, or give the one of the same id as it stands.

    A lane is a chain of steps that one host answers, so that a walk along many hosts has one order all the same.
    """
    known = find(db, backfill.id)
    if known is not None:
        return known
    db.execute(
        "INSERT INTO backfills (id, spec, state, created, updated) VALUES (?, ?, ?, ?, ?)",
        [backfill.id, backfill.spec, backfill.state, stamp(backfill.created), stamp(backfill.updated)],
    )
    for lane, steps in lanes.items():
        _append_steps(db, backfill.id, lane, steps)
    for number, (name, size) in enumerate(files):
        _add_file(db, backfill.id, number, name, size)
    return backfill


def forget(db: Database, backfill: str) -> None:
    """Drop a backfill's work list; the articles it brought stay."""
    for table in _FAMILY:
        column = "id" if table == "backfills" else "backfill"
        db.execute(f"DELETE FROM {table} WHERE {column} = ?", [backfill])  # noqa: S608 - constants


def resume(db: Database, backfill: str) -> None:
    """Let what was claimed be claimed again: whoever claimed it is gone, as the caller has made sure."""
    db.execute(
        "UPDATE backfill_items SET state = 'waiting' WHERE backfill = ? AND state = 'claimed'", [backfill]
    )


def retry(db: Database, backfill: str) -> int:
    """Give everything that failed another chance; give how much that is."""
    pages = db.execute(
        """UPDATE backfill_items SET state = 'waiting', attempts = 0, next_try = ''
           WHERE backfill = ? AND state = 'failed'""",
        [backfill],
    ).rowcount
    steps = db.execute(
        "UPDATE backfill_steps SET state = 'waiting' WHERE backfill = ? AND state = 'failed'", [backfill]
    ).rowcount
    if steps:
        db.execute("UPDATE backfills SET state = 'planning' WHERE id = ?", [backfill])
    elif pages:
        db.execute("UPDATE backfills SET state = 'working' WHERE id = ?", [backfill])
    return int(pages) + int(steps)


def enter(db: Database, backfill: str, state: BackfillState, note: str | None, now: datetime) -> None:
    """Move a backfill to a state, or note why it stopped in the one it is in."""
    db.execute(
        "UPDATE backfills SET state = ?, note = ?, updated = max(updated, ?) WHERE id = ?",
        [state, note, stamp(now), backfill],
    )


def next_step(db: Database, backfill: str, lane: str) -> Step | None:
    """Give the next listing of a lane to look at."""
    row = next(
        iter(
            db.query(
                """SELECT kind, url, depth, number FROM backfill_steps
                   WHERE backfill = ? AND lane = ? AND state = 'waiting' ORDER BY number LIMIT 1""",
                [backfill, lane],
            )
        ),
        None,
    )
    return None if row is None else Step(**row)


def finish_step(
    db: Database,
    backfill: str,
    lane: str,
    step: Step,
    items: Sequence[Item],
    more: Sequence[Step],
    size: int,
) -> int:
    """Store what one listing held and where it leads; give how many items were new to this backfill."""
    start = int(
        db.execute(
            "SELECT coalesce(max(number), -1) + 1 FROM backfill_items WHERE backfill = ? AND lane = ?",
            [backfill, lane],
        ).fetchone()[0]
    )
    new = sum(_add_item(db, backfill, lane, start + index, item) for index, item in enumerate(items))
    _append_steps(db, backfill, lane, more)
    _end_step(db, backfill, lane, step, "done", new, None)
    count_request(db, backfill, size)
    return new


def fail_step(db: Database, backfill: str, lane: str, step: Step, why: str) -> None:
    """Note that a listing could not be had or read."""
    _end_step(db, backfill, lane, step, "failed", 0, why)
    count_request(db, backfill, 0)


def count_request(db: Database, backfill: str, size: int) -> None:
    """Count one request and the bytes of its answer."""
    db.execute(
        "UPDATE backfills SET requests = requests + 1, bytes = bytes + ? WHERE id = ?", [size, backfill]
    )


def keys(db: Database, backfill: str) -> list[str]:
    """Give the keys of everything the listings led to."""
    return [row["key"] for row in db.query("SELECT key FROM backfill_items WHERE backfill = ?", [backfill])]


def order(db: Database, backfill: str, held: Iterable[str], now: datetime) -> None:
    """End the planning: leave out what is held, and number the rest, newest first, undated last.

    What was found after an earlier planning comes behind what that one put in order, in a block of its own.
    """
    first = db.execute(
        f"SELECT coalesce((max(position) / {BLOCK} + 1) * {BLOCK}, 0) FROM backfill_items WHERE backfill = ?",  # noqa: S608 - a constant
        [backfill],
    ).fetchone()[0]
    for key in held:
        db.execute("UPDATE backfill_items SET state = 'held' WHERE backfill = ? AND key = ?", [backfill, key])
    db.execute(
        """UPDATE backfill_items SET state = 'waiting', position = ranked.place FROM (
               SELECT key, row_number() OVER (ORDER BY day IS NULL, day DESC, lane, number) - 1 + :first AS place
               FROM backfill_items WHERE backfill = :id AND state = 'found') AS ranked
           WHERE backfill = :id AND backfill_items.key = ranked.key""",
        {"id": backfill, "first": first},
    )
    enter(db, backfill, "working", None, now)


def hosts(db: Database, backfill: str) -> list[str]:
    """Give the hosts that items are still to be fetched from."""
    rows = db.query(
        "SELECT DISTINCT host FROM backfill_items WHERE backfill = ? AND state IN ('waiting', 'claimed') ORDER BY host",
        [backfill],
    )
    return [row["host"] for row in rows]


def waiting_hosts(db: Database, backfill: str) -> dict[str, int]:
    """Count the pages that are still to be fetched, by host."""
    rows = db.query(
        """SELECT host, count(*) AS number FROM backfill_items
           WHERE backfill = ? AND state IN ('waiting', 'claimed') GROUP BY host""",
        [backfill],
    )
    return {row["host"]: row["number"] for row in rows}


def claim(db: Database, backfill: str, host: str, now: datetime) -> Claimed:
    """Take the next item of a host that is to be fetched; say until when to wait where none is ready yet."""
    row = next(
        iter(
            db.query(
                """SELECT * FROM backfill_items WHERE backfill = ? AND host = ? AND state = 'waiting'
                   ORDER BY next_try > ?, position LIMIT 1""",
                [backfill, host, stamp(now)],
            )
        ),
        None,
    )
    if row is None:
        return Claimed()
    if row["next_try"] > stamp(now):
        return Claimed(until=instant(row["next_try"]))
    _move(db, backfill, row["key"], "claimed")
    return Claimed(_item_of(row))


def postpone(db: Database, backfill: str, key: str, until: datetime) -> None:
    """Give a claimed item back without counting a try, because its host asked for patience."""
    db.execute(
        "UPDATE backfill_items SET state = 'waiting', next_try = ? WHERE backfill = ? AND key = ?",
        [stamp(until), backfill, key],
    )


def fetched(db: Database, backfill: str, key: str, size: int) -> None:
    """Note that the page of an item is stored."""
    _move(db, backfill, key, "fetched")
    count_request(db, backfill, size)


def fail(db: Database, backfill: str, key: str, why: str, now: datetime, *, again: bool) -> bool:
    """Note a failed fetch; tell whether the item is to be tried again later in this backfill."""
    attempts = int(
        db.execute(
            "SELECT attempts FROM backfill_items WHERE backfill = ? AND key = ?", [backfill, key]
        ).fetchone()[0]
    )
    retry = again and attempts + 1 < TRIES
    db.execute(
        """UPDATE backfill_items SET state = ?, attempts = attempts + 1, error = ?, next_try = ?
           WHERE backfill = ? AND key = ?""",
        [
            "waiting" if retry else "failed",
            why,
            stamp(now + _RETRY[attempts]) if retry else "",
            backfill,
            key,
        ],
    )
    count_request(db, backfill, 0)
    return retry


def block(db: Database, backfill: str) -> list[Item] | None:
    """Give the fetched items of the first block that is not ingested, None while one of them is still to be fetched.

    An empty list means that everything is ingested.
    """
    first = db.execute(
        """SELECT min(position) FROM backfill_items WHERE backfill = ?
           AND state IN ('waiting', 'claimed', 'fetched')""",
        [backfill],
    ).fetchone()[0]
    if first is None:
        return []
    start = first - first % BLOCK
    rows = list(
        db.query(
            "SELECT * FROM backfill_items WHERE backfill = ? AND position >= ? AND position < ? ORDER BY position",
            [backfill, start, start + BLOCK],
        )
    )
    if any(row["state"] in {"waiting", "claimed"} for row in rows):
        return None
    return [_item_of(row) for row in rows if row["state"] == "fetched"]


def counts(db: Database, backfill: str) -> dict[str, int]:
    """Count the items by state."""
    rows = db.query(
        "SELECT state, count(*) AS number FROM backfill_items WHERE backfill = ? GROUP BY state", [backfill]
    )
    return {row["state"]: row["number"] for row in rows}


def failures(db: Database, backfill: str) -> list[tuple[str, str]]:
    """Give what could not be had, read or used, each with the reason: listings, pages, places in files."""
    rows = db.query(
        """SELECT url AS place, error AS why FROM backfill_steps WHERE backfill = :id AND state = 'failed'
           UNION ALL SELECT address, error FROM backfill_items WHERE backfill = :id AND state = 'failed'
           UNION ALL SELECT place, why FROM backfill_faults WHERE backfill = :id""",
        {"id": backfill},
    )
    return [(row["place"], row["why"] or "") for row in rows]


def state_of(db: Database, backfill: str, key: str) -> str | None:
    """Give the state of one item."""
    row = db.execute(
        "SELECT state FROM backfill_items WHERE backfill = ? AND key = ?", [backfill, key]
    ).fetchone()
    return None if row is None else str(row[0])


def settle(db: Database, backfill: str, key: str, state: ItemState, why: str | None) -> None:
    """Note what became of a fetched item."""
    db.execute(
        "UPDATE backfill_items SET state = ?, error = ? WHERE backfill = ? AND key = ?",
        [state, why, backfill, key],
    )


def add_article(db: Database, backfill: str, url: str) -> None:
    """Note that an article came from this backfill."""
    db.execute("INSERT OR IGNORE INTO backfill_articles (backfill, url) VALUES (?, ?)", [backfill, url])


def silent_alerts(db: Database, backfill: str) -> list[Alert]:
    """Give the alerts that this backfill's articles raised and that nobody was told of, oldest first."""
    rows = db.query(
        """SELECT alerts.* FROM alerts JOIN backfill_articles ON url = article_url
           WHERE backfill = ? AND reason = ? ORDER BY created, alerts.rowid""",
        [backfill, Reason.BACKFILL],
    )
    return [
        Alert(
            **{name: row[name] for name in Alert.__dataclass_fields__} | {"created": instant(row["created"])}
        )
        for row in rows
    ]


def add_fault(db: Database, backfill: str, place: str, why: str) -> None:
    """Note what could not be used of a file, by its place in it; of two reasons the last, which knows more, stands."""
    db.execute(
        "INSERT OR REPLACE INTO backfill_faults (backfill, place, why) VALUES (?, ?, ?)",
        [backfill, place, why],
    )


def add_files(db: Database, backfill: str, files: Sequence[tuple[str, int]]) -> None:
    """Add files that an index led to, in its order; those already known stay as they are."""
    known = {file.name for file in every_file(db, backfill)}
    fresh = [file for file in files if file[0] not in known]
    for number, (name, size) in enumerate(fresh, len(known)):
        _add_file(db, backfill, number, name, size)


def every_file(db: Database, backfill: str) -> list[File]:
    """Give the files of a backfill in their order."""
    rows = db.query("SELECT * FROM backfill_files WHERE backfill = ? ORDER BY number", [backfill])
    return [File(**{name: row[name] for name in File.__dataclass_fields__}) for row in rows]


def advance(db: Database, backfill: str, file: File, skipped: int) -> None:
    """Move a file's place on, adding to what was passed over in it."""
    db.execute(
        """UPDATE backfill_files SET state = ?, offset = ?, record = ?, size = ?, skipped = skipped + ?
           WHERE backfill = ? AND number = ?""",
        [file.state, file.offset, file.record, file.size, skipped, backfill, file.number],
    )


def _backfill_of(row: dict[str, Any]) -> Backfill:
    times = {name: instant(row[name]) for name in ("created", "updated")}
    return Backfill(**{name: row[name] for name in Backfill.__dataclass_fields__} | times)


def _append_steps(db: Database, backfill: str, lane: str, steps: Iterable[Step]) -> None:
    """Add steps at the end of a lane, each address once."""
    for step in steps:
        db.execute(
            """INSERT INTO backfill_steps (backfill, lane, number, kind, url, depth)
               SELECT :id, :lane, (SELECT coalesce(max(number), -1) + 1 FROM backfill_steps
                                   WHERE backfill = :id AND lane = :lane), :kind, :url, :depth
               WHERE NOT EXISTS (SELECT 1 FROM backfill_steps
                                 WHERE backfill = :id AND lane = :lane AND url = :url AND kind = :kind)""",
            {"id": backfill, "lane": lane, "kind": step.kind, "url": step.url, "depth": step.depth},
        )


def _end_step(
    db: Database, backfill: str, lane: str, step: Step, state: str, found: int, why: str | None
) -> None:
    db.execute(
        """UPDATE backfill_steps SET state = ?, found = ?, error = ?
           WHERE backfill = ? AND lane = ? AND number = ?""",
        [state, found, why, backfill, lane, step.number],
    )


def _add_item(db: Database, backfill: str, lane: str, number: int, item: Item) -> int:
    """Add an item; one found in two lanes stays with the first by name, whichever was walked first."""
    return int(
        db.execute(
            """INSERT INTO backfill_items (backfill, lane, number, key, address, host, lead, day, captured)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT DO UPDATE SET lane = excluded.lane, number = excluded.number, address = excluded.address,
                   host = excluded.host, lead = excluded.lead, day = excluded.day, captured = excluded.captured
               WHERE excluded.lane < backfill_items.lane""",
            [
                backfill,
                lane,
                number,
                item.lead.key,
                item.address,
                item.host,
                json.dumps(asdict(item.lead), ensure_ascii=False),
                item.day,
                item.captured,
            ],
        ).rowcount
    )


def _add_file(db: Database, backfill: str, number: int, name: str, size: int) -> None:
    db.execute(
        "INSERT INTO backfill_files (backfill, number, name, size) VALUES (?, ?, ?, ?)",
        [backfill, number, name, size],
    )


def _item_of(row: dict[str, Any]) -> Item:
    return Item(
        lead=Lead(**json.loads(row["lead"])),
        address=row["address"],
        host=row["host"],
        day=row["day"],
        captured=row["captured"],
    )


def _move(db: Database, backfill: str, key: str, state: ItemState) -> None:
    db.execute("UPDATE backfill_items SET state = ? WHERE backfill = ? AND key = ?", [state, backfill, key])


@dataclass(frozen=True, slots=True)
class Coverage:
    """Count articles by the day they were published on (None: undated), and the matches of one backfill by rule.

    `held` counts all articles of the sources in question, `brought` those of the backfill.
    """

    held: dict[str | None, int]
    brought: dict[str | None, int]
    matches: dict[tuple[str, str], int]


def coverage(db: Database, backfill: str, sources: Sequence[str]) -> Coverage:
    """Count what is held of these sources and of the pages this backfill was led to, and what it brought."""
    day = "substr(json_extract(published, '$.value'), 1, 10)"
    marks = ",".join("?" * len(sources))
    held = db.query(
        f"""SELECT {day} AS day, count(*) AS number FROM articles
            WHERE source_id IN ({marks}) OR key IN
                  (SELECT key FROM backfill_items WHERE backfill = ? AND state IN ('held', 'done'))
            GROUP BY 1""",  # noqa: S608 - constants and marks
        [*sources, backfill],
    )
    brought = db.query(
        f"""SELECT {day} AS day, count(*) AS number FROM articles
            JOIN backfill_articles ON backfill_articles.url = articles.url WHERE backfill = ? GROUP BY 1""",  # noqa: S608 - a constant
        [backfill],
    )
    matches = db.query(
        """SELECT rule, status, count(*) AS number FROM matches JOIN backfill_articles ON url = article_url
           WHERE backfill = ? GROUP BY 1, 2 ORDER BY 3 DESC, 1""",
        [backfill],
    )
    return Coverage(
        {row["day"]: row["number"] for row in held},
        {row["day"]: row["number"] for row in brought},
        {(row["rule"], row["status"]): row["number"] for row in matches},
    )


def sizes(db: Database, sources: Sequence[str]) -> tuple[int, int]:
    """Give the mean size of the stored pages of these sources, in bytes as compressed, and how many there are."""
    marks = ",".join("?" * len(sources))
    row = db.execute(
        f"SELECT coalesce(avg(length(body)), 0), count(*) FROM pages WHERE source_id IN ({marks})",  # noqa: S608 - only marks
        list(sources),
    ).fetchone()
    return int(row[0]), int(row[1])
