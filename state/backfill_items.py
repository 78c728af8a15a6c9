"""Keep the listings that backfills walk and the pages that they lead to, in their order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlite_utils import Database

from state.records import Lead
from state.times import instant, stamp

BLOCK = 16
"""Items that are read and ingested together."""


TRIES = 3
"""Fetches of one item before it counts as failed."""


_RETRY = (timedelta(seconds=5), timedelta(seconds=60))


ItemState = Literal["found", "held", "waiting", "claimed", "fetched", "done", "failed", "skipped"]


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
    append_steps(db, backfill, lane, more)
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


def order(db: Database, backfill: str, held: Iterable[str]) -> None:
    """Put what was found in order: leave out what is held, and number the rest, newest first, undated last.

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


def append_steps(db: Database, backfill: str, lane: str, steps: Iterable[Step]) -> None:
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
