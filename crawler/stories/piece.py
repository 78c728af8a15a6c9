"""Hold an article with everything that comparing it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.stories.headlines import Headline, headline
from crawler.stories.wording import Line, Wording, wording_of
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

    def gap(self, other: Piece) -> timedelta | None:
        """Give the time between two publications, None where one is unknown."""
        if self.published_at is None or other.published_at is None:
            return None
        return abs(self.published_at - other.published_at)


def piece_of(
    article: Article,
    lines: Sequence[Line],
    furniture: frozenset[int],
    published_at: datetime | None,
    rank: int,
) -> Piece:
    """Prepare an article for comparison, leaving out the frame lines known as furniture."""
    return Piece(
        article=article,
        lines=tuple(lines),
        wording=wording_of(article.title, lines, furniture),
        headline=headline(article.title),
        published_at=published_at,
        rank=rank,
    )
