"""Tell news from what merely quotes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlite_utils import Database

from state import articles
from state.records import Match


def own_news(
    db: Database, found: Sequence[Match], contained: Iterable[str], *, before: datetime | None = None
) -> tuple[Match, ...]:
    """Give the matches whose evidence is not all quoted from stories that are known and merely contained in this one.

    A daily brief repeats the opening paragraphs of what was told before; it announces nothing itself. `before` leaves
    out what was not known yet at a time.
    """
    told = [article for story_id in contained for article in articles.of_story(db, story_id, before=before)]
    carried = "\n".join(f"{article.title}\n{article.text}" for article in told)
    return tuple(match for match in found if not all(item.sentence in carried for item in match.evidence))
