"""Keep the fingerprints by which a new article finds those it may be a copy of.

Three indexes of one shape lead from a hash to articles: `words` (sketches of the text), `headlines` and `facts`. Each
list of articles under one hash is bounded: a hash that more than `CROWDED` articles carry is a phrase of the trade, says
nothing, and is neither read nor written any further. That bounds what a look-up can cost, whatever the index holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
        letters INTEGER NOT NULL,
        hashes BLOB NOT NULL
    ) STRICT""",
    "CREATE INDEX sketched_at ON sketched (at)",
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


def nearest(db: Database, index: Index, hashes: Sequence[int], *, least: int) -> list[int]:
    """Give the ids of the articles that share at least `least` of `hashes`, the likeliest first.

    A hash weighs the more the fewer articles carry it; ties go to the older article, so that the answer depends on
    nothing but the order in which articles came.
    """
    shared: dict[int, int] = defaultdict(int)
    weight: dict[int, float] = defaultdict(float)
    for found in carriers(db, index, hashes).values():
        if not is_crowd(found):
            for article in found:
                shared[article] += 1
                weight[article] += 1 / len(found)
    enough = [article for article, count in shared.items() if count >= least]
    return sorted(enough, key=lambda article: (-weight[article], article))


@dataclass(frozen=True, slots=True)
class Brief:
    """Hold what the index knows of an article without reading it."""

    id: int
    story_id: str
    han: bool
    letters: int
    published_at: datetime | None
    facts: tuple[int, ...]


def briefs(db: Database, ids: Sequence[int]) -> list[Brief]:
    """Give what the index knows of articles by id, in the order asked for; those not yet in a story are left out."""
    marks = ",".join("?" * len(ids))
    rows = db.conn.execute(
        f"""SELECT articles.id, story_id, han, letters, published_at, hashes FROM articles
            JOIN sketched ON sketched.article = articles.id WHERE story_id <> '' AND articles.id IN ({marks})""",  # noqa: S608 - only marks
        list(ids),
    )
    found = {
        row[0]: Brief(
            row[0],
            row[1],
            bool(row[2]),
            row[3],
            instant_or_none(row[4]),
            tuple(_unpacked(row[5]).get("facts", ())),
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
    letters: int
    hashes: Mapping[Index, Sequence[int]]


def remember(db: Database, url: str, story_id: str, fingerprint: Fingerprint, now: datetime) -> None:
    """Index a stored article as a member of `story_id`."""
    row = db.execute("SELECT id FROM articles WHERE url = ?", [url]).fetchone()
    if row is None:
        raise ValueError(f"{url} must be stored before it can be indexed")
    with db.atomic():
        for index, keys in fingerprint.hashes.items():
            db.conn.executemany(
                f"""INSERT OR IGNORE INTO {_TABLES[index]} (hash, article) SELECT :hash, :article
                    WHERE (SELECT count(*) FROM (SELECT 1 FROM {_TABLES[index]} WHERE hash = :hash LIMIT {CROWDED + 1}))
                          <= {CROWDED}
                      AND (SELECT count(*) FROM {_TABLES[index]} AS list JOIN articles ON articles.id = list.article
                           WHERE list.hash = :hash AND articles.story_id = :story) < {STORY_SHARE}""",  # noqa: S608 - constants
                [{"hash": key, "article": row[0], "story": story_id} for key in keys],
            )
        db.execute(
            "INSERT OR REPLACE INTO sketched (article, at, rank, han, letters, hashes) VALUES (?, ?, ?, ?, ?, ?)",
            [
                row[0],
                stamp(now),
                fingerprint.rank,
                int(fingerprint.han),
                fingerprint.letters,
                _packed(fingerprint.hashes),
            ],
        )


def forget_before(db: Database, horizon: datetime, most: int = 500) -> int:
    """Drop up to `most` articles last indexed before `horizon` from the indexes, oldest first; give how many.

    The articles themselves stay. Call it again until it gives 0; a bounded step keeps the writer free for others.
    """
    rows = db.execute(
        "SELECT article, hashes FROM sketched WHERE at < ? ORDER BY at, article LIMIT ?",
        [stamp(horizon), most],
    ).fetchall()
    with db.atomic():
        for article, packed in rows:
            for index, keys in _unpacked(packed).items():
                db.conn.executemany(
                    f"DELETE FROM {_TABLES[index]} WHERE hash = ? AND article = ?",  # noqa: S608 - a constant
                    [(key, article) for key in keys],
                )
        db.conn.executemany("DELETE FROM sketched WHERE article = ?", [(article,) for article, _ in rows])
    return len(rows)


def furniture(db: Database, keys: Sequence[int]) -> frozenset[int]:
    """Give those of the line keys that already stood at head or tail of four different pieces of news."""
    marks = ",".join("?" * len(keys))
    rows = db.conn.execute(
        f"SELECT hash FROM frame_lines WHERE hash IN ({marks}) AND seen >= 4",  # noqa: S608 - only marks
        list(keys),
    )
    return frozenset(row[0] for row in rows)


def count_lines(db: Database, keys: Iterable[int], now: datetime) -> None:
    """Note that lines stood at head or tail of one more piece of news."""
    with db.atomic():
        db.conn.executemany(
            """INSERT INTO frame_lines (hash, seen, last_seen) VALUES (?, 1, ?)
               ON CONFLICT (hash) DO UPDATE SET seen = seen + 1, last_seen = excluded.last_seen""",
            [(key, stamp(now)) for key in keys],
        )


def forget_lines(db: Database, horizon: datetime) -> None:
    """Drop lines that never became furniture and were last seen before `horizon`."""
    db.execute("DELETE FROM frame_lines WHERE seen < 4 AND last_seen < ?", [stamp(horizon)])


def _packed(hashes: Mapping[Index, Sequence[int]]) -> bytes:
    """Write the hashes of an article so that forgetting it needs no search."""
    parts = (
        bytes([number, min(255, len(keys))]) + b"".join(key.to_bytes(8) for key in keys[:255])
        for number, keys in enumerate(hashes.get(index, ()) for index in _TABLES)
    )
    return b"".join(parts)


def _unpacked(packed: bytes) -> dict[Index, list[int]]:
    names = list(_TABLES)
    found: dict[Index, list[int]] = {}
    at = 0
    while at < len(packed):
        number, count = packed[at], packed[at + 1]
        ends = range(at + 2, at + 2 + 8 * count, 8)
        found[names[number]] = [int.from_bytes(packed[start : start + 8]) for start in ends]
        at += 2 + 8 * count
    return found
