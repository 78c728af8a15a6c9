"""Keep what the rules found, with the sentences that prove it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from state.records import Evidence, Match, Span
from state.times import stamp

SCHEMA = (
    """CREATE TABLE matches (
        article_url TEXT NOT NULL,
        rule TEXT NOT NULL,
        story_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        status TEXT NOT NULL,
        severity TEXT NOT NULL,
        evidence TEXT NOT NULL,
        reason TEXT NOT NULL,
        facts TEXT NOT NULL,
        stored_at TEXT NOT NULL,
        PRIMARY KEY (article_url, rule)
    ) STRICT""",
    "CREATE INDEX matches_story ON matches (story_id)",
)


def store(db: Database, url: str, story_id: str, matches: tuple[Match, ...], now: datetime) -> None:
    """Store the matches of one article, replacing what an earlier reading found."""
    db.execute("DELETE FROM matches WHERE article_url = ?", [url])
    for match in matches:
        evidence = json.dumps([asdict(item) for item in match.evidence], ensure_ascii=False)
        facts = json.dumps(match.facts, ensure_ascii=False)
        db.execute(
            "INSERT INTO matches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                url,
                match.rule,
                story_id,
                match.kind,
                match.status,
                match.severity,
                evidence,
                match.reason,
                facts,
                stamp(now),
            ],
        )


def of_article(db: Database, url: str) -> tuple[Match, ...]:
    """Give the matches of one article."""
    return tuple(
        match_of(row) for row in db.query("SELECT * FROM matches WHERE article_url = ? ORDER BY rule", [url])
    )


def every(db: Database) -> Iterator[tuple[dict[str, Any], Match]]:
    """Give all matches with their rows, in the order they were stored."""
    cursor = db.conn.execute("SELECT * FROM matches ORDER BY rowid")
    names = [column[0] for column in cursor.description]
    for values in cursor:
        row = dict(zip(names, values, strict=True))
        yield row, match_of(row)


def match_of(row: dict[str, Any]) -> Match:
    """Rebuild a match from its row."""
    return Match(
        rule=row["rule"],
        kind=row["kind"],
        status=row["status"],
        severity=row["severity"],
        evidence=tuple(_evidence(item) for item in json.loads(row["evidence"])),
        reason=row["reason"],
        facts=json.loads(row["facts"]),
    )


def _evidence(item: dict[str, Any]) -> Evidence:
    return Evidence(**{**item, "spans": tuple(Span(**span) for span in item["spans"])})
