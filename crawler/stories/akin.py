"""Find the known articles that share words with a new one, and how they are akin to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlite_utils import Database

from crawler.stories.align import Alignment, align
from crawler.stories.copies import SEASON, Kin, kinship
from crawler.stories.digest import is_digest, items
from crawler.stories.headlines import SAME_WINDOW, headline_keys, item_keys, same_headline, titles_agree
from crawler.stories.piece import Piece, piece_of
from crawler.stories.sketch import KEPT
from state import sketches, stories
from state.records import Link
from state.sketches import Brief, Known

MOST_COMPARED: Final = 8
"""Known articles that are aligned with a new one, three times as many for a digest; this bounds a placement's cost."""

_OF_ONE_STORY: Final = 3


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
            if kin is not None and kin.kinship == "copy" and _stands_in_a_collection(db, known, found):
                kin = Kin("contained", kin.strength)
            if kin is not None:
                yield Akin(known, other, found, kin)
                if kin.kinship == "copy" and found.of_left.clean >= 0.8:
                    settled.add(known.story_id)


def _stands_in_a_collection(db: Database, known: Known, found: Alignment) -> bool:
    """Tell whether the known page is known to carry other stories, and the new article is only a part of it."""
    return found.of_right.clean < 0.8 and stories.carries_others(db, known.story_id)


def side_by_side(piece: Piece, relatives: Sequence[Akin]) -> list[Akin]:
    """See a page that carries texts of several stories side by side for what it is, called a digest or not.

    Where the new article shares disjoint passages with articles of different stories, and is not mostly one of them,
    it contains them all. A page with the headline of one, or with more than twice as much of it as of any other, is
    that one among a site's teasers. A single shared passage (a quotation, background told again) says nothing.
    """
    parts = [a for a in relatives if a.kin.kinship != "contained" and a.found.of_left.clean < 0.8]
    apart = [
        a
        for a in parts
        if any(a.known.story_id != b.known.story_id and _disjoint(a.found, b.found) for b in parts)
    ]
    mains = [a for a in apart if a.kin.kinship == "copy" and _is_main(piece, a, apart)]
    apart = [a for a in apart if a not in mains]
    wholes = [a for a in relatives if a not in apart and a.kin.kinship != "overlaps"]
    if any(a.kin.kinship == "copy" for a in wholes):
        return [*wholes, *(a for a in apart if a.kin.kinship != "overlaps")]
    return [*wholes, *(replace(a, kin=Kin("contains", a.kin.strength)) for a in apart)]


def _is_main(piece: Piece, one: Akin, apart: Sequence[Akin]) -> bool:
    others = (a.kin.strength for a in apart if a.known.story_id != one.known.story_id)
    return titles_agree(piece.headline, one.piece.headline) or one.kin.strength > 2 * max(others, default=0.0)


def _disjoint(one: Alignment, other: Alignment) -> bool:
    mine = {pair.left for pair in one.pairs if pair.likeness != "soft"}
    theirs = {pair.left for pair in other.pairs if pair.likeness != "soft"}
    return len(mine & theirs) <= 0.2 * min(len(mine), len(theirs))


def same_headlines(db: Database, piece: Piece) -> Iterator[Known]:
    """Give known articles with the same headline, where one of the two has hardly any text."""
    keys = headline_keys(piece.headline)
    if not keys:
        return
    ids = sketches.nearest(db, "headlines", keys)[:MOST_COMPARED]
    for known in sketches.known(db, ids):
        other = piece_of(db, known.article, known.published_at, known.rank)
        short = (piece.is_short or other.is_short) and not is_digest(other)
        if short and same_headline(piece.headline, other.headline, piece.gap(other.published_at)):
            yield known


def listings(db: Database, piece: Piece) -> Iterator[Link]:
    """Link a digest with the stories whose headlines it prints, or an article with the digests that print its own."""
    brief = is_digest(piece)
    forms = items(piece) if brief else frozenset(piece.headline)
    ids = sketches.nearest(db, "headlines", item_keys(forms))[: 4 * MOST_COMPARED] if forms else []
    for known in sketches.known(db, ids):
        other = piece_of(db, known.article, known.published_at, known.rank)
        gap = piece.gap(other.published_at)
        printed = forms.intersection(other.headline if brief else items(other))
        if printed and is_digest(other) != brief and (gap is None or gap <= SAME_WINDOW):
            yield Link(known.story_id, "contains", "its headline is printed there", inbound=not brief)


def _candidates(db: Database, piece: Piece, sketch: Sequence[int]) -> list[Brief]:
    """Give the likeliest articles in the same script, at most three of one story, so that no story crowds out others.

    What was published in another season must share most of its words to be a copy, so it must share most of its sketch.
    """
    shares = sketches.shares(db, "words", sketch) if sketch else {}
    ids = [article for article, (count, _) in shares.items() if count >= 2]
    ids.sort(key=lambda article: (-shares[article][1], article))
    of_story: Counter[str] = Counter()
    chosen: list[Brief] = []
    for brief in sketches.briefs(db, ids[: 8 * MOST_COMPARED]):
        gap = piece.gap(brief.published_at)
        seasonable = gap is None or gap <= SEASON or shares[brief.id][0] >= KEPT // 2
        if brief.han == piece.wording.han and seasonable:
            of_story[brief.story_id] += 1
            if of_story[brief.story_id] <= _OF_ONE_STORY:
                chosen.append(brief)
    return chosen[: MOST_COMPARED * (3 if is_digest(piece) else 1)]
