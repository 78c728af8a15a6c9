"""Keep stories: which articles are one piece of news, which of them leads, and what else they touch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlite_utils import Database

from state.errors import StateError
from state.ids import derived_id
from state.records import Link, Member, Placement, Story
from state.times import stamp

SCHEMA = (
    """CREATE TABLE stories (
        id TEXT PRIMARY KEY,
        lead_url TEXT NOT NULL,
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL,
        merged_into TEXT
    ) STRICT""",
    "CREATE INDEX stories_merged ON stories (merged_into) WHERE merged_into IS NOT NULL",
    """CREATE TABLE story_links (
        story_id TEXT NOT NULL,
        other_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        evidence TEXT NOT NULL,
        PRIMARY KEY (story_id, other_id, kind)
    ) STRICT""",
    "CREATE INDEX story_links_other ON story_links (other_id)",
    """CREATE TABLE story_splits (
        one TEXT NOT NULL,
        other TEXT NOT NULL,
        split_at TEXT NOT NULL,
        PRIMARY KEY (one, other)
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE story_clones (url TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
)


def place(db: Database, url: str, placement: Placement, now: datetime) -> None:
    """Put a stored article where `placement` says: open the story or join it, take its lead, note its links."""
    at = stamp(now)
    if placement.relation is None:
        db.execute(
            "INSERT INTO stories (id, lead_url, first_seen, last_seen) VALUES (?, ?, ?, ?)",
            [placement.story_id, url, at, at],
        )
    else:
        db.execute("UPDATE stories SET last_seen = ? WHERE id = ?", [at, placement.story_id])
    relation = placement.relation
    if relation is not None and placement.becomes_lead:
        # The old lead becomes a member: the same relation holds between the two, whoever leads.
        db.execute(
            """UPDATE articles SET relation = ?, evidence = ?
               WHERE url = (SELECT lead_url FROM stories WHERE id = ?)""",
            [relation, placement.evidence, placement.story_id],
        )
        db.execute("UPDATE stories SET lead_url = ? WHERE id = ?", [url, placement.story_id])
        relation = None
    db.execute(
        "UPDATE articles SET story_id = ?, relation = ?, evidence = ? WHERE url = ?",
        [placement.story_id, relation, "" if relation is None else placement.evidence, url],
    )
    for clone in placement.clones:
        db.execute("INSERT OR IGNORE INTO story_clones (url) VALUES (?)", [clone])
    for same in placement.merges:
        merge(db, placement.story_id, same.story_id, same.evidence, now)
    for link in placement.links:
        _link(db, placement.story_id, link)


def find(db: Database, story_id: str) -> Story | None:
    """Give one story with its members and links; under the id of a merged story, the one it went into."""
    row = next(iter(db.query("SELECT id, lead_url, merged_into FROM stories WHERE id = ?", [story_id])), None)
    if row is None:
        return None
    if row["merged_into"] is not None:
        return find(db, row["merged_into"])
    members = db.query(
        """SELECT articles.url, relation, evidence, story_clones.url IS NOT NULL AS clone FROM articles
           LEFT JOIN story_clones ON story_clones.url = articles.url
           WHERE story_id = ? AND articles.url <> ? ORDER BY id""",
        [story_id, row["lead_url"]],
    )
    links = db.query(
        "SELECT other_id, kind, evidence FROM story_links WHERE story_id = ? ORDER BY other_id, kind",
        [story_id],
    )
    return Story(
        id=story_id,
        lead=row["lead_url"],
        members=tuple(
            Member(m["url"], m["relation"] or "copy", m["evidence"], clone=bool(m["clone"])) for m in members
        ),
        links=tuple(Link(link["other_id"], link["kind"], link["evidence"]) for link in links),
    )


def of_article(db: Database, url: str) -> str | None:
    """Give the id of the story that an article belongs to."""
    row = db.execute("SELECT story_id FROM articles WHERE url = ?", [url]).fetchone()
    return None if row is None else str(row[0])


def ids(db: Database) -> list[str]:
    """Give the ids of all stories, oldest first."""
    return [row["id"] for row in db.query("SELECT id FROM stories WHERE merged_into IS NULL ORDER BY rowid")]


def merge(db: Database, into: str, other: str, evidence: str, now: datetime) -> None:
    """Make two stories one: `into` keeps its lead and takes all members, links, matches and alerts of `other`.

    Nobody is told again: what was sent for either story counts as sent for both. A split between the two is undone.
    Raises StateError where one of them is not an open story, or both are the same.
    """
    _open(db, into)
    lead = _open(db, other)
    if into == other:
        raise StateError(f"story {into} cannot be merged with itself; nothing was changed")
    db.execute(
        "UPDATE articles SET relation = 'copy', evidence = ? WHERE url = ? AND relation IS NULL",
        [evidence, lead],
    )
    db.execute("UPDATE articles SET story_id = ? WHERE story_id = ?", [into, other])
    db.execute("UPDATE matches SET story_id = ? WHERE story_id = ?", [into, other])
    db.execute("UPDATE OR IGNORE alerts SET story_id = ? WHERE story_id = ?", [into, other])
    db.execute("UPDATE stories SET merged_into = ? WHERE id = ? OR merged_into = ?", [into, other, other])
    db.execute("UPDATE stories SET last_seen = ? WHERE id = ?", [stamp(now), into])
    for column in ("story_id", "other_id"):
        db.execute(f"UPDATE OR IGNORE story_links SET {column} = ? WHERE {column} = ?", [into, other])  # noqa: S608 - one of two constants
    db.execute(
        "DELETE FROM story_links WHERE story_id = other_id OR story_id = ? OR other_id = ?", [other, other]
    )
    db.execute("DELETE FROM story_splits WHERE one = ? AND other = ?", sorted((into, other)))


def split(db: Database, url: str, now: datetime) -> str:
    """Take an article out of its story into one of its own, for good; give the new story's id.

    The two stories will not be merged again by themselves, and nobody is told anything. Raises StateError where the
    article is unknown or alone in its story.
    """
    story_id = of_article(db, url)
    if not story_id:
        raise StateError(
            f"no article is stored under {url}; nothing was split. `yuewatch export articles` lists them"
        )
    lead = _open(db, story_id)
    heir = db.execute(
        "SELECT url FROM articles WHERE story_id = ? AND url <> ? ORDER BY relation IS NOT NULL, id LIMIT 1",
        [story_id, url],
    ).fetchone()
    if heir is None:
        raise StateError(f"{url} is alone in its story {story_id}; there is nothing to split")
    at = stamp(now)
    own = derived_id("st", url, "split", at)
    db.execute(
        "INSERT INTO stories (id, lead_url, first_seen, last_seen) VALUES (?, ?, ?, ?)", [own, url, at, at]
    )
    db.execute("UPDATE articles SET story_id = ?, relation = NULL, evidence = '' WHERE url = ?", [own, url])
    db.execute("UPDATE matches SET story_id = ? WHERE article_url = ?", [own, url])
    if lead == url:
        db.execute("UPDATE stories SET lead_url = ? WHERE id = ?", [heir[0], story_id])
        db.execute("UPDATE articles SET relation = NULL, evidence = '' WHERE url = ?", [heir[0]])
    one, other = sorted((own, story_id))
    db.execute(
        "INSERT OR REPLACE INTO story_splits (one, other, split_at) VALUES (?, ?, ?)", [one, other, at]
    )
    return own


def oldest(db: Database, ids: Iterable[str]) -> str:
    """Give the story that was opened first."""
    found = list(ids)
    marks = ",".join("?" * len(found))
    row = db.execute(f"SELECT id FROM stories WHERE id IN ({marks}) ORDER BY rowid LIMIT 1", found).fetchone()  # noqa: S608 - only marks
    return str(row[0])


def carries_others(db: Database, story_id: str) -> bool:
    """Tell whether a story is known to carry passages of other stories, as a digest does."""
    row = db.execute(
        "SELECT 1 FROM story_links WHERE story_id = ? AND kind = 'contains' LIMIT 1", [story_id]
    ).fetchone()
    return row is not None


def were_split(db: Database, one: str, others: Iterable[str]) -> frozenset[str]:
    """Give those of the other stories that a user has taken apart from this one."""
    rows = db.execute(
        "SELECT other FROM story_splits WHERE one = ? UNION SELECT one FROM story_splits WHERE other = ?",
        [one, one],
    )
    return frozenset(row[0] for row in rows) & frozenset(others)


def _open(db: Database, story_id: str) -> str:
    """Give the lead of a story that is not merged into another; raise StateError for any other."""
    row = db.execute("SELECT lead_url, merged_into FROM stories WHERE id = ?", [story_id]).fetchone()
    if row is None:
        raise StateError(
            f"there is no story {story_id}; nothing was changed. `yuewatch export stories` lists them"
        )
    if row[1] is not None:
        raise StateError(
            f"story {story_id} was merged into {row[1]}; nothing was changed. Name that one instead"
        )
    return str(row[0])


def _link(db: Database, story_id: str, link: Link) -> None:
    """Note a link; corroboration holds in both directions."""
    ends = [(story_id, link.story_id)]
    if link.kind == "corroborates":
        ends.append((link.story_id, story_id))
    elif link.inbound:
        ends = [(link.story_id, story_id)]
    for one, other in ends:
        db.execute(
            "INSERT OR IGNORE INTO story_links (story_id, other_id, kind, evidence) VALUES (?, ?, ?, ?)",
            [one, other, link.kind, link.evidence],
        )
