"""Keep what pages say, one row an article."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from state.records import Article, Entity, Folded, Origin, Published
from state.times import instant_or_none, stamp, stamp_or_none

SCHEMA = (
    """CREATE TABLE articles (
        id INTEGER PRIMARY KEY,
        url TEXT NOT NULL UNIQUE,
        key TEXT NOT NULL,
        title TEXT,
        text TEXT NOT NULL,
        lang TEXT,
        published TEXT NOT NULL,
        published_at TEXT,
        publisher TEXT,
        original_source TEXT,
        chain TEXT NOT NULL,
        author TEXT,
        folded TEXT NOT NULL,
        entities TEXT NOT NULL,
        notes TEXT NOT NULL,
        source_id TEXT,
        fetched_at TEXT,
        origin TEXT NOT NULL,
        story_id TEXT NOT NULL,
        relation TEXT,
        evidence TEXT NOT NULL DEFAULT '',
        stored_at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX articles_key ON articles (key)",
    "CREATE INDEX articles_story ON articles (story_id)",
    "CREATE INDEX articles_published ON articles (published_at)",
    "CREATE INDEX articles_source ON articles (source_id, stored_at)",
)

_COLUMNS = """url, key, title, text, lang, published, published_at, publisher, original_source, chain, author, folded, entities,
              notes, source_id, fetched_at, origin, story_id, relation, evidence, stored_at"""


def insert(db: Database, article: Article, origin: Origin, now: datetime, zone: str = "UTC") -> int:
    """Store an article, not yet in any story; return its row number. Raise sqlite3.IntegrityError for a known URL."""
    row = [
        article.url,
        article.key or article.url,
        article.title,
        article.text,
        article.lang,
        _json(asdict(article.published)),
        stamp_or_none(article.published.instant(zone)),
        article.publisher,
        article.original_source,
        _json(article.chain),
        article.author,
        _json(asdict(article.folded)),
        _json([asdict(entity) for entity in article.entities]),
        _json(article.notes),
        article.source_id,
        stamp_or_none(article.fetched_at),
        origin,
        "",
        None,
        "",
        stamp(now),
    ]
    marks = ",".join("?" * len(row))
    return int(db.execute(f"INSERT INTO articles ({_COLUMNS}) VALUES ({marks})", row).lastrowid or 0)  # noqa: S608 - only constants are put in


def exists(db: Database, url: str) -> bool:
    """Tell whether an article from exactly this address is stored."""
    return db.execute("SELECT 1 FROM articles WHERE url = ?", [url]).fetchone() is not None


def with_key(db: Database, key: str, but: str = "") -> str | None:
    """Give the address of the first stored article of the document `key`, other than `but`."""
    row = db.execute(
        "SELECT url FROM articles WHERE key = ? AND url <> ? ORDER BY id LIMIT 1", [key, but]
    ).fetchone()
    return None if row is None else str(row[0])


def find(db: Database, url: str) -> Article | None:
    """Give one article by its address."""
    row = next(iter(db.query("SELECT * FROM articles WHERE url = ?", [url])), None)
    return None if row is None else article_of(row)


def every(db: Database, where: str = "1", values: tuple[Any, ...] = ()) -> Iterator[dict[str, Any]]:
    """Give rows of articles in the order they were stored, all in memory bounds of one row."""
    cursor = db.conn.execute(f"SELECT * FROM articles WHERE {where} ORDER BY id", values)  # noqa: S608 - callers in state only pass constants
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def of_story(db: Database, story_id: str, most: int = 20, *, before: datetime | None = None) -> list[Article]:
    """Give the first articles of one story, lead and members alike; only those stored before a time, where given."""
    rows = db.query(
        "SELECT * FROM articles WHERE story_id = ? AND (? IS NULL OR stored_at < ?) ORDER BY id LIMIT ?",
        [story_id, stamp_or_none(before), stamp_or_none(before), most],
    )
    return [article_of(row) for row in rows]


def earliest_date(db: Database, story_id: str) -> datetime | None:
    """Give the time of the earliest dated article of a story; None where none has a date."""
    row = db.execute("SELECT min(published_at) FROM articles WHERE story_id = ?", [story_id]).fetchone()
    return instant_or_none(row[0])


def stored_since(db: Database, moment: datetime) -> Iterator[dict[str, Any]]:
    """Give rows of the articles stored since a time, oldest first."""
    return every(db, "stored_at >= ?", (stamp(moment),))


def matched_since(db: Database, moment: datetime) -> Iterator[dict[str, Any]]:
    """Give rows of the articles stored since a time in which a rule found something, oldest first."""
    return every(
        db, "stored_at >= ? AND EXISTS (SELECT 1 FROM matches WHERE article_url = url)", (stamp(moment),)
    )


def article_of(row: dict[str, Any]) -> Article:
    """Rebuild an article from its row."""
    published = json.loads(row["published"])
    return Article(
        url=row["url"],
        key=row["key"],
        title=row["title"],
        text=row["text"],
        lang=row["lang"],
        published=Published(**{**published, "conflicts": tuple(published["conflicts"])}),
        publisher=row["publisher"],
        original_source=row["original_source"],
        chain=tuple(json.loads(row["chain"])),
        author=row["author"],
        folded=Folded(**json.loads(row["folded"])),
        entities=tuple(Entity(**entity) for entity in json.loads(row["entities"])),
        source_id=row["source_id"],
        fetched_at=instant_or_none(row["fetched_at"]),
        notes=tuple(json.loads(row["notes"])),
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
