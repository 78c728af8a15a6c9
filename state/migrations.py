"""List every change of the schema, in order. A released migration is never edited; a new one is added below it.

Each table family keeps its statements beside the functions that use them; here they are only put in order.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from state import (
    articles,
    backfills,
    furniture,
    health,
    hubs,
    leads,
    marks,
    matches,
    outbox,
    outbox_schema,
    pages,
    policies,
    rhythms,
    sketches,
    sources,
    stories,
    subscribers,
    verdicts,
)

MIGRATIONS = Migrations("yuewatch")


@MIGRATIONS()
def m0001_first(db: Database) -> None:
    """Create everything that version 0.1 knows."""
    for family in (
        sources,
        hubs,
        rhythms,
        health,
        leads,
        pages,
        articles,
        stories,
        sketches,
        furniture,
        matches,
        outbox,
        verdicts,
        backfills,
        policies,
        marks,
        subscribers,
    ):
        for statement in family.SCHEMA:
            db.execute(statement)


@MIGRATIONS()
def m0002_losses(db: Database) -> None:
    """Remember of a destination when it failed last, and which messages it lost for good."""
    for statement in outbox_schema.LOSSES:
        db.execute(statement)


@MIGRATIONS()
def m0003_crawl_delays_by_site(db: Database) -> None:
    """Keep a Crawl-delay for http and https each: the robots.txt of the one says nothing of the other."""
    for statement in sources.CRAWL_DELAYS_BY_SITE:
        db.execute(statement)


@MIGRATIONS()
def m0004_lastmods(db: Database) -> None:
    """Remember of a lead whether its date is only that of the last change."""
    db.execute(leads.CHANGED)


KNOWN = frozenset({"m0001_first", "m0002_losses", "m0003_crawl_delays_by_site", "m0004_lastmods"})
