"""Remember when each source publishes: counts by hour of the week, which fade with time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from state.times import instant, stamp

SLOTS = 168

SCHEMA = (
    """CREATE TABLE rhythms (
        source_id TEXT PRIMARY KEY,
        counts TEXT NOT NULL,
        since TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT""",
)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Hold items by hour of the week (Monday 0:00 first, in the source's zone), as they count at `at`.

    `since` is when the first of them could have been seen.
    """

    since: datetime
    at: datetime
    counts: tuple[float, ...] = (0.0,) * SLOTS


def load(db: Database, source_id: str, now: datetime) -> Rhythm:
    """Give what is known of a source's rhythm, nothing as of `now` where it is new."""
    row = next(iter(db.query("SELECT * FROM rhythms WHERE source_id = ?", [source_id])), None)
    return _rhythm(row) if row is not None else Rhythm(now, now)


def load_all(db: Database) -> dict[str, Rhythm]:
    """Give every known rhythm by the id of its source."""
    return {row["source_id"]: _rhythm(row) for row in db["rhythms"].rows}


def store(db: Database, source_id: str, rhythm: Rhythm) -> None:
    """Keep a rhythm in place of the one before."""
    counts = json.dumps([round(count, 4) for count in rhythm.counts], separators=(",", ":"))
    db.execute(
        """INSERT INTO rhythms (source_id, counts, since, at) VALUES (?, ?, ?, ?)
           ON CONFLICT (source_id) DO UPDATE SET counts = excluded.counts, since = excluded.since, at = excluded.at""",
        [source_id, counts, stamp(rhythm.since), stamp(rhythm.at)],
    )


def _rhythm(row: dict[str, str]) -> Rhythm:
    return Rhythm(instant(row["since"]), instant(row["at"]), tuple(json.loads(row["counts"])))
