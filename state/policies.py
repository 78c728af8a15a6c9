"""Keep the threads of policies: which stages of one policy were announced, by which stories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from state.ids import derived_id
from state.times import instant, stamp

SCHEMA = (
    """CREATE TABLE policy_keys (
        key TEXT PRIMARY KEY,
        thread TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE policy_stages (
        thread TEXT NOT NULL,
        stage TEXT NOT NULL,
        story_id TEXT NOT NULL,
        article_url TEXT NOT NULL,
        first_seen TEXT NOT NULL,
        PRIMARY KEY (thread, stage, story_id)
    ) STRICT""",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """Name one stage of a policy and the article that told of it first."""

    stage: str
    story_id: str
    article_url: str
    first_seen: datetime


def thread_of(db: Database, keys: Sequence[str]) -> str:
    """Give the thread that any of `keys` (number, title) belongs to, opening one where none does, and file all keys there."""
    marks = ",".join("?" * len(keys))
    row = db.execute(
        f"SELECT thread FROM policy_keys WHERE key IN ({marks}) ORDER BY rowid LIMIT 1",  # noqa: S608 - only question marks are put in
        list(keys),
    ).fetchone()
    thread = str(row[0]) if row is not None else derived_id("po", keys[0])
    for key in keys:
        db.execute(
            "INSERT INTO policy_keys (key, thread) VALUES (?, ?) ON CONFLICT DO NOTHING", [key, thread]
        )
    return thread


def stages(db: Database, thread: str) -> tuple[Stage, ...]:
    """Give the stages of a policy that were told of, oldest first."""
    rows = db.query("SELECT * FROM policy_stages WHERE thread = ? ORDER BY first_seen, rowid", [thread])
    return tuple(
        Stage(row["stage"], row["story_id"], row["article_url"], instant(row["first_seen"])) for row in rows
    )


def note(db: Database, thread: str, stage: str, story_id: str, article_url: str, now: datetime) -> None:
    """Note that a story told of a stage; the first article of the story to do so stands."""
    db.execute(
        """INSERT INTO policy_stages (thread, stage, story_id, article_url, first_seen) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO NOTHING""",
        [thread, stage, story_id, article_url, stamp(now)],
    )
