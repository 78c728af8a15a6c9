"""Hold an article with everything that comparing it needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from crawler.stories.headlines import Headline, headline
from crawler.stories.wording import Line, Wording, lines_of, wording_of
from state import sketches
from state.records import Article


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold one article, folded and cut; `rank` says how good a lead it makes, 0 best."""

    article: Article
    lines: tuple[Line, ...]
    wording: Wording
    headline: Headline
    published_at: datetime | None
    rank: int

    @property
    def is_short(self) -> bool:
        """Tell whether there is hardly more than a headline and a line of summary."""
        return self.wording.weight < (150 if self.wording.han else 450)

    def gap(self, published_at: datetime | None) -> timedelta | None:
        """Give the time between this publication and another, None where one is unknown."""
        if self.published_at is None or published_at is None:
            return None
        return abs(self.published_at - published_at)


def piece_of(db: Database, article: Article, published_at: datetime | None, rank: int) -> Piece:
    """Prepare an article for comparison, leaving out the lines of site furniture known by now."""
    lines = lines_of(article.text)
    furniture = sketches.furniture(db, [line.key for line in lines if line.key])
    return Piece(
        article=article,
        lines=lines,
        wording=wording_of(article.title, lines, furniture),
        headline=headline(article.title),
        published_at=published_at,
        rank=rank,
    )
