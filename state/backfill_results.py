"""Keep and count what backfills brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from state.reasons import Reason
from state.records import Alert
from state.times import instant


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
