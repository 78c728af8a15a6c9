"""Count what the state holds, for `yuewatch status`."""

from __future__ import annotations

from sqlite_utils import Database

_COUNTS = {
    "sources": """SELECT count(*) AS known, count(last_success) AS reached, coalesce(sum(failures > 0), 0) AS failing FROM sources""",
    "leads": """SELECT count(*) AS found, coalesce(sum(state = 'waiting'), 0) AS waiting, coalesce(sum(state = 'gone'), 0) AS gone,
                coalesce(sum(state = 'failed'), 0) AS failed FROM leads""",
    "pages": """SELECT count(*) AS stored, coalesce(sum(state = 'waiting'), 0) AS unread,
                coalesce(sum(state = 'quarantined'), 0) AS quarantined FROM pages""",
    "articles": """SELECT count(*) AS stored, coalesce(sum(json_extract(folded, '$.copies') > 0), 0) AS folded FROM articles""",
    "stories": """SELECT count(*) AS open,
                  (SELECT count(*) FROM articles WHERE relation IS NOT NULL) AS duplicates FROM stories WHERE merged_into IS NULL""",
    "matches": """SELECT coalesce(sum(status = 'event'), 0) AS events, coalesce(sum(status = 'mention'), 0) AS mentions FROM matches""",
    "alerts": "SELECT count(*) AS raised FROM alerts",
}


def figures(db: Database) -> dict[str, dict[str, int]]:
    """Count rows by family and state.

    `deliveries` has one figure for each state that occurs, `reasons` for each reason of an alert,
    `hubs` is there only where a hub was asked for a feed.
    """
    counted = {family: dict(next(iter(db.query(query)))) for family, query in _COUNTS.items()}
    rows = db.query("SELECT state, count(*) AS number FROM deliveries GROUP BY state ORDER BY state")
    counted["deliveries"] = {row["state"]: row["number"] for row in rows} or {"due": 0}
    rows = db.query("SELECT reason, count(*) AS number FROM alerts GROUP BY reason ORDER BY reason")
    counted["reasons"] = {row["reason"]: row["number"] for row in rows}
    subscribed = "SELECT state, count(*) AS number, sum(pushes) AS pushes FROM hubs WHERE state <> 'offered' GROUP BY state"
    hubs = list(db.query(subscribed))
    if hubs:
        counted["hubs"] = {row["state"]: row["number"] for row in hubs} | {
            "pushes": sum(row["pushes"] for row in hubs)
        }
    return counted
