"""Keep the fingerprints by which a new article finds those it may be a copy of.

Three indexes of one shape lead from a hash to articles: `words` (sketches of the text), `headlines` and `facts`. Each
list of articles under one hash is bounded: a hash that more than `CROWDED` articles carry is a phrase of the trade, says
nothing, and is neither read nor written any further. That bounds what a look-up can cost, whatever the index holds.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from typing import Final, Literal

from sqlite_utils import Database

from state import articles
from state.records import Article
from state.times import instant_or_none, stamp

Index = Literal["words", "headlines", "facts"]

CROWDED: Final = 32
"""Articles under one hash beyond which it is passed over."""

STORY_SHARE: Final = 3
"""Articles of one story that one hash leads to; more would only crowd it when a story is widely copied."""

_MOST_PACKED: Final = 255

_TABLES: Final[dict[Index, str]] = {
    "words": "sketch_words",
    "headlines": "sketch_headlines",
    "facts": "sketch_facts",
}

SCHEMA: tuple[str, ...] = (
    *(
        f"CREATE TABLE {table} (hash INTEGER NOT NULL, article INTEGER NOT NULL, PRIMARY KEY (hash, article)) STRICT, WITHOUT ROWID"
        for table in _TABLES.values()
    ),
    """CREATE TABLE sketched (
        article INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        rank INTEGER NOT NULL,
        han INTEGER NOT NULL,
        length INTEGER NOT NULL,
        recent INTEGER NOT NULL DEFAULT 1,
        hashes BLOB NOT NULL
    ) STRICT""",
    "CREATE INDEX sketched_at ON sketched (at)",
    "CREATE INDEX sketched_recent ON sketched (at) WHERE recent = 1",
    """CREATE TABLE frame_lines (
        hash INTEGER PRIMARY KEY,
        seen INTEGER NOT NULL,
        last_seen TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX frame_lines_rare ON frame_lines (last_seen) WHERE seen < 4",
)


@dataclass(frozen=True, slots=True)
class Known:
    """Hold a stored article that a new one is compared with: its story, its rank as a lead, its publication."""

    article: Article
    story_id: str
    leads: bool
    rank: int
    published_at: datetime | None


def carriers(db: Database, index: Index, hashes: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Give the ids of the articles under each hash, oldest first; more than `CROWDED` of them mean a crowd.

    Hashes that nobody carries are left out.
    """
    lists: dict[int, list[int]] = defaultdict(list)
    marks = ",".join("?" * len(hashes))
    rows = db.conn.execute(
        f"SELECT hash, article FROM {_TABLES[index]} WHERE hash IN ({marks})",  # noqa: S608 - a constant and marks
        list(hashes),
    )
    for key, article in rows:
        lists[key].append(article)
    return {key: tuple(found) for key, found in lists.items()}


def is_crowd(found: Sequence[int]) -> bool:
    """Tell whether so many articles carry a hash that it says nothing."""
    return len(found) > CROWDED


def shares(db: Database, index: Index, hashes: Sequence[int]) -> dict[int, tuple[int, float]]:
    """Tell for each article that shares any of `hashes` how many, and their weight.

    A hash weighs the more the fewer articles carry it.
    """
    count: dict[int, int] = defaultdict(int)
    weight: dict[int, float] = defaultdict(float)
    for found in carriers(db, index, hashes).values():
        if not is_crowd(found):
            for article in found:
                count[article] += 1
                weight[article] += 1 / len(found)
    return {article: (count[article], weight[article]) for article in count}


def nearest(db: Database, index: Index, hashes: Sequence[int]) -> list[int]:
    """Give the ids of the articles that share any of `hashes`, the likeliest first.

    Ties go to the older article, so that the answer depends on nothing but the order in which articles came.
    """
    found = shares(db, index, hashes)
    return sorted(found, key=lambda article: (-found[article][1], article))


@dataclass(frozen=True, slots=True)
class Brief:
    """Hold what the index knows of an article without reading it."""

    id: int
    story_id: str
    han: bool
    length: int
    published_at: datetime | None
    facts: tuple[int, ...]


def briefs(db: Database, ids: Sequence[int], *, facts: bool = False) -> list[Brief]:
    """Give what the index knows of articles by id, in the order asked for; those not yet in a story are left out.

    Their facts are only unpacked where they are asked for.
    """
    marks = ",".join("?" * len(ids))
    rows = db.conn.execute(
        f"""SELECT articles.id, story_id, han, length, published_at, hashes FROM articles
            JOIN sketched ON sketched.article = articles.id WHERE story_id <> '' AND articles.id IN ({marks})""",  # noqa: S608 - only marks
        list(ids),
    )
    found = {
        row[0]: Brief(
            id=row[0],
            story_id=row[1],
            han=bool(row[2]),
            length=row[3],
            published_at=instant_or_none(row[4]),
            facts=_unpacked(row[5])["facts"] if facts else (),
        )
        for row in rows
    }
    return [found[article] for article in ids if article in found]


def has_member(db: Database, story_id: str, *, han: bool) -> bool:
    """Tell whether a story already has an indexed member written in Han characters, or one that is not."""
    row = db.execute(
        """SELECT 1 FROM articles JOIN sketched ON sketched.article = articles.id
           WHERE story_id = ? AND han = ? LIMIT 1""",
        [story_id, int(han)],
    ).fetchone()
    return row is not None


def known(db: Database, ids: Iterable[int]) -> list[Known]:
    """Give indexed articles by id, in the order asked for; those not yet in a story are left out."""
    return [
        found for found in (_known(db, "articles.id = ?", article) for article in ids) if found is not None
    ]


def lead(db: Database, story_id: str) -> Known | None:
    """Give the leading article of a story; None where it has left the index."""
    return _known(db, "articles.url = (SELECT lead_url FROM stories WHERE id = ?)", story_id)


def _known(db: Database, where: str, value: int | str) -> Known | None:
    rows = db.query(
        f"""SELECT articles.*, stories.lead_url = articles.url AS leads, sketched.rank FROM articles
            JOIN stories ON stories.id = articles.story_id JOIN sketched ON sketched.article = articles.id
            WHERE {where}""",  # noqa: S608 - the two callers pass constants
        [value],
    )
    return next(
        (
            Known(
                article=articles.article_of(row),
                story_id=row["story_id"],
                leads=bool(row["leads"]),
                rank=row["rank"],
                published_at=instant_or_none(row["published_at"]),
            )
            for row in rows
        ),
        None,
    )


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hold what the index keeps of an article: hashes in each index, rank as a lead, script and length."""

    rank: int
    han: bool
    length: int
    hashes: Mapping[Index, Sequence[int]]


def remember(db: Database, url: str, story_id: str, fingerprint: Fingerprint, now: datetime) -> None:
    """Index a stored article as a member of `story_id`. Must be called in a transaction."""
    row = db.conn.execute("SELECT id FROM articles WHERE url = ?", [url]).fetchone()
    if row is None:
        raise ValueError(f"{url} must be stored before it can be indexed")
    for index, keys in fingerprint.hashes.items():
        db.conn.executemany(
            f"""INSERT OR IGNORE INTO {_TABLES[index]} (hash, article) SELECT :hash, :article
                WHERE (SELECT count(*) FROM (SELECT 1 FROM {_TABLES[index]} WHERE hash = :hash LIMIT {CROWDED + 1}))
                      <= {CROWDED}
                  AND (SELECT count(*) FROM {_TABLES[index]} AS list JOIN articles ON articles.id = list.article
                       WHERE list.hash = :hash AND articles.story_id = :story) < {STORY_SHARE}""",  # noqa: S608 - constants
            [{"hash": key, "article": row[0], "story": story_id} for key in keys[:_MOST_PACKED]],
        )
    db.conn.execute(
        "INSERT OR REPLACE INTO sketched (article, at, rank, han, length, hashes) VALUES (?, ?, ?, ?, ?, ?)",
        [
            row[0],
            stamp(now),
            fingerprint.rank,
            int(fingerprint.han),
            fingerprint.length,
            _packed(fingerprint.hashes),
        ],
    )


def prune(db: Database, now: datetime, horizon: timedelta, recent: timedelta, most: int = 500) -> int:
    """Forget what is too old to be compared with; give how many articles were touched, 0 when nothing is left to do.

    Articles indexed longer ago than `horizon` leave the index (they stay stored, in their stories). Those indexed
    longer ago than `recent` lose their headline and facts, which only serve within days. So do lines that never became
    furniture. One call takes at most `most` articles, so that the writer is soon free for others; call it again.
    """
    db.execute("DELETE FROM frame_lines WHERE seen < 4 AND last_seen < ?", [stamp(now - recent)])
    old = db.execute(
        "SELECT article, hashes FROM sketched WHERE at < ? ORDER BY at LIMIT ?", [stamp(now - horizon), most]
    ).fetchall()
    for article, packed in old:
        _unlist(db, article, _unpacked(packed))
        db.execute("DELETE FROM sketched WHERE article = ?", [article])
    left = db.execute(
        "SELECT article, hashes FROM sketched WHERE recent = 1 AND at < ? ORDER BY at LIMIT ?",
        [stamp(now - recent), most - len(old)],
    ).fetchall()
    for article, packed in left:
        lists = _unpacked(packed)
        words = lists.pop("words")
        _unlist(db, article, lists)
        db.execute(
            "UPDATE sketched SET recent = 0, hashes = ? WHERE article = ?",
            [_packed({"words": words}), article],
        )
    return len(old) + len(left)


def _unlist(db: Database, article: int, lists: Mapping[Index, Sequence[int]]) -> None:
    for index, keys in lists.items():
        for key in keys:
            db.execute(f"DELETE FROM {_TABLES[index]} WHERE hash = ? AND article = ?", [key, article])  # noqa: S608 - a constant


def furniture(db: Database, keys: Sequence[int]) -> frozenset[int]:
    """Give those of the line keys that already stood at head or tail of four different pieces of news."""
    marks = ",".join("?" * len(keys))
    rows = db.conn.execute(
        f"SELECT hash FROM frame_lines WHERE hash IN ({marks}) AND seen >= 4",  # noqa: S608 - only marks
        list(keys),
    )
    return frozenset(row[0] for row in rows)


def count_lines(db: Database, keys: Iterable[int], now: datetime) -> None:
    """Note that lines stood at head or tail of one more piece of news. Must be called in a transaction."""
    at = stamp(now)
    db.conn.executemany(
        """INSERT INTO frame_lines (hash, seen, last_seen) VALUES (?, 1, ?)
           ON CONFLICT (hash) DO UPDATE SET seen = seen + 1, last_seen = excluded.last_seen""",
        [(key, at) for key in keys],
    )


def _packed(hashes: Mapping[Index, Sequence[int]]) -> bytes:
    """Write the hashes of an article so that forgetting it needs no search: three lengths, then all hashes."""
    lists = [tuple(hashes.get(index, ()))[:_MOST_PACKED] for index in _TABLES]
    flat = [key for keys in lists for key in keys]
    return struct.pack(f">{len(lists)}B{len(flat)}q", *map(len, lists), *flat)


def _unpacked(packed: bytes) -> dict[Index, tuple[int, ...]]:
    lengths = packed[: len(_TABLES)]
    flat = struct.unpack_from(f">{sum(lengths)}q", packed, len(lengths))
    ends = list(accumulate(lengths, initial=0))
    return {index: flat[start:end] for index, (start, end) in zip(_TABLES, pairwise(ends), strict=True)}
