"""Ask today's rules of the stored archive: what would have fired, and how that differs from what did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlite_utils import Database

from crawler.shapes import match_shape
from rules.matcher import Matcher
from state import articles, matches
from state.records import Match, Source

Change = Literal["new", "gone", "changed", "same"]


@dataclass(frozen=True, slots=True)
class Trial:
    """Hold one match of a backtest. `change` compares with what was found when the article came in."""

    url: str
    title: str | None
    source_id: str | None
    story_id: str
    match: Match
    change: Change

    def shape(self) -> dict[str, Any]:
        """Shape it like a match, with what changed."""
        return {"change": self.change, "source": self.source_id, "title": self.title} | match_shape(
            self.url, self.story_id, self.match
        )


def backtest(
    db: Database, matcher: Matcher, sources: Mapping[str, Source], since: datetime, rule: str | None = None
) -> Iterator[Trial]:
    """Run the matcher over every article stored since a time, oldest first, and compare with the stored matches.

    `rule` limits the comparison to one rule; the others still run, because rules compete for an article.
    """
    for row in articles.stored_since(db, since):
        article = articles.article_of(row)
        before = {match.rule: match for match in matches.of_article(db, article.url)}
        source = sources.get(article.source_id or "")
        after = {match.rule: match for match in matcher.read(article, source).matches}
        for name in sorted(before.keys() | after.keys()):
            if rule is None or name == rule:
                found = after.get(name) or before[name]
                change = _change(before.get(name), after.get(name))
                yield Trial(article.url, article.title, article.source_id, row["story_id"], found, change)


def _change(before: Match | None, after: Match | None) -> Change:
    if before is None:
        return "new"
    if after is None:
        return "gone"
    return "same" if before.status == after.status else "changed"
