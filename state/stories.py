"""Keep stories: which articles are one piece of news, which of them leads, and what else they touch."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

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
    """CREATE TABLE story_links (
        story_id TEXT NOT NULL,
        other_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        evidence TEXT NOT NULL,
        PRIMARY KEY (story_id, other_id, kind)
    ) STRICT""",
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
    for link in placement.links:
        _link(db, placement.story_id, link)


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


def find(db: Database, story_id: str) -> Story | None:
    """Give one story with its members and links."""
    row = next(iter(db.query("SELECT lead_url FROM stories WHERE id = ?", [story_id])), None)
    if row is None:
        return None
    members = db.query(
        "SELECT url, relation, evidence FROM articles WHERE story_id = ? AND url <> ? ORDER BY id",
        [story_id, row["lead_url"]],
    )
    links = db.query(
        "SELECT other_id, kind, evidence FROM story_links WHERE story_id = ? ORDER BY other_id, kind",
        [story_id],
    )
    return Story(
        id=story_id,
        lead=row["lead_url"],
        members=tuple(Member(m["url"], m["relation"] or "copy", m["evidence"]) for m in members),
        links=tuple(Link(link["other_id"], link["kind"], link["evidence"]) for link in links),
    )


def of_article(db: Database, url: str) -> str | None:
    """Give the id of the story that an article belongs to."""
    row = db.execute("SELECT story_id FROM articles WHERE url = ?", [url]).fetchone()
    return None if row is None else str(row[0])


def ids(db: Database) -> list[str]:
    """Give the ids of all stories, oldest first."""
    return [row["id"] for row in db.query("SELECT id FROM stories WHERE merged_into IS NULL ORDER BY rowid")]
