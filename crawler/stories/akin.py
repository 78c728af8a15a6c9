"""Find the known articles that share words with a new one, and how they are akin to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlite_utils import Database

from crawler.stories.align import Alignment, align
from crawler.stories.copies import Kin, kinship
from crawler.stories.digest import is_digest
from crawler.stories.headlines import headline_keys, same_headline
from crawler.stories.piece import Piece, piece_of
from state import sketches
from state.sketches import Brief, Known

MOST_COMPARED: Final = 8
"""Known articles that are aligned with a new one, three times as many for a digest; this bounds a placement's cost."""

_OF_ONE_STORY: Final = 2


@dataclass(frozen=True, slots=True)
class Akin:
    """Join a known article with how the new one is akin to it."""

    known: Known
    piece: Piece
    found: Alignment
    kin: Kin


def akin(db: Database, piece: Piece, sketch: Sequence[int]) -> Iterator[Akin]:
    """Give the known articles that share words with a new one, each with how they are akin.

    Once it is a copy of one article of a story, the other articles of that story can tell nothing more.
    """
    settled: set[str] = set()
    for brief in _candidates(db, piece, sketch):
        if brief.story_id in settled:
            continue
        for known in sketches.known(db, [brief.id]):
            other = piece_of(db, known.article, known.published_at, known.rank)
            found = align(piece.wording, other.wording)
            kin = kinship(piece, other, found)
            if kin is not None:
                yield Akin(known, other, found, kin)
                if kin.kinship == "copy" and found.of_left.clean >= 0.8:
                    settled.add(known.story_id)


def same_headlines(db: Database, piece: Piece) -> Iterator[Known]:
    """Give known articles with the same headline, where one of the two has hardly any text."""
    keys = headline_keys(piece.headline)
    if not keys:
        return
    ids = sketches.nearest(db, "headlines", keys, least=1)[:MOST_COMPARED]
    for known in sketches.known(db, ids):
        other = piece_of(db, known.article, known.published_at, known.rank)
        short = piece.is_short or other.is_short
        if short and same_headline(piece.headline, other.headline, piece.gap(other.published_at)):
            yield known


def _candidates(db: Database, piece: Piece, sketch: Sequence[int]) -> list[Brief]:
    """Give the likeliest articles in the same script, at most two of one story, so that no story crowds out others."""
    ids = sketches.nearest(db, "words", sketch, least=2) if sketch else []
    of_story: Counter[str] = Counter()
    chosen: list[Brief] = []
    for brief in sketches.briefs(db, ids[: 8 * MOST_COMPARED]):
        of_story[brief.story_id] += 1
        if brief.han == piece.wording.han and of_story[brief.story_id] <= _OF_ONE_STORY:
            chosen.append(brief)
    return chosen[: MOST_COMPARED * (3 if is_digest(piece) else 1)]
