"""Find the story that a new article belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlite_utils import Database

from crawler.stories.align import Alignment, align
from crawler.stories.copies import Kin, kinship
from crawler.stories.evidence import shared_sentences
from crawler.stories.headlines import headline_keys, same_headline, titles_agree
from crawler.stories.lead import CLONE, is_clone, leads_over, rank, same_document
from crawler.stories.piece import Piece, piece_of
from crawler.stories.sketch import KEPT, sketch
from crawler.stories.wording import lines_of
from state import sketches
from state.ids import derived_id
from state.records import Article, Link, Placement, Relation, Source
from state.sketches import Fingerprint, Known

MOST_COMPARED: Final = 8
"""Known articles that are aligned with a new one; with the bound of the index this bounds a placement's cost."""


@dataclass(frozen=True, slots=True)
class Akin:
    """Join a known article with how the new one is akin to it."""

    known: Known
    piece: Piece
    found: Alignment
    kin: Kin


def place(db: Database, article: Article, source: Source | None, now: datetime) -> Placement:
    """Decide where a stored article goes, and index it there.

    Must be called in the article's transaction, after the article is stored and its entities are filled in, and
    before `state.stories.place` stores the decision.
    """
    zone = source.zone if source else "UTC"
    piece = _prepared(db, article, article.published.instant(zone), rank(article, source))
    hashes = sketch(piece.wording.text, han=piece.wording.han)
    akin = list(_akin(db, piece, hashes))
    placement = _placement(db, piece, akin)
    keys: dict[sketches.Index, tuple[int, ...]] = {
        "words": hashes[:KEPT],
        "headlines": headline_keys(piece.headline),
    }
    sketches.remember(db, article.url, placement.story_id, Fingerprint(piece.rank, keys), now)
    sketches.count_lines(db, _own_lines(piece, akin), now)
    return placement


def _prepared(db: Database, article: Article, published_at: datetime | None, standing: int) -> Piece:
    lines = lines_of(article.text)
    furniture = sketches.furniture(db, [line.key for line in lines if line.key])
    return piece_of(article, lines, furniture, published_at, standing)


def _akin(db: Database, piece: Piece, hashes: tuple[int, ...]) -> Iterator[Akin]:
    """Give the known articles that share words with a new one, each with how they are akin.

    Once it is a copy of one article of a story, the other articles of that story can tell nothing more.
    """
    ids = sketches.nearest(db, "words", hashes, least=2, most=MOST_COMPARED)
    settled: set[str] = set()
    for known in sketches.known(db, ids):
        if known.story_id in settled:
            continue
        other = _prepared(db, known.article, known.published_at, known.rank)
        if other.wording.han != piece.wording.han:
            continue
        found = align(piece.wording, other.wording)
        kin = kinship(piece, other, found)
        if kin is not None:
            yield Akin(known, other, found, kin)
            if kin.kinship == "copy" and found.of_left.clean >= 0.8:
                settled.add(known.story_id)


def _placement(db: Database, piece: Piece, akin: list[Akin]) -> Placement:
    copies = sorted((a for a in akin if a.kin.kinship == "copy"), key=lambda a: -a.kin.strength)
    best = copies[0] if copies else None
    agree = best is not None and titles_agree(piece.headline, best.piece.headline)
    if best is None or (piece.is_short and not agree):
        for known in _same_headline(db, piece):
            return _joined(db, piece, known, "copy", "same headline, and no text that differs", akin)
    if best is not None:
        evidence = shared_sentences(best.found, titles_agree=agree)
        return _joined(db, piece, best.known, _relation(piece, best), evidence, akin)
    story_id = derived_id("st", piece.article.url)
    return Placement(story_id, links=_links(akin, story_id))


def _relation(piece: Piece, best: Akin) -> Relation:
    whole = min(best.found.of_left.clean, best.found.of_right.clean) >= 0.9
    return "same_document" if whole and same_document(piece.article.url, best.piece.article.url) else "copy"


def _joined(
    db: Database, piece: Piece, known: Known, relation: Relation, evidence: str, akin: list[Akin]
) -> Placement:
    """Join the story of a known article, and lead it where this article is the better lead."""
    lead = known if known.leads else sketches.lead(db, known.story_id) or known
    clone = is_clone(piece.article.url, lead.article.url) or is_clone(piece.article.url, known.article.url)
    mine = (CLONE if clone else piece.rank, piece.published_at, piece.article)
    aped = is_clone(lead.article.url, piece.article.url)
    theirs = (CLONE if aped else lead.rank, lead.published_at, lead.article)
    return Placement(
        story_id=known.story_id,
        relation=relation,
        evidence=evidence,
        becomes_lead=leads_over(mine, theirs, longer=_is_cut(lead, akin)),
        links=_links(akin, known.story_id),
    )


def _is_cut(lead: Known, akin: list[Akin]) -> bool:
    """Tell whether the present lead is a cut version of the new article."""
    return any(
        a.known.article.url == lead.article.url
        and a.found.of_right.clean >= 0.8
        and a.found.of_left.clean < 0.75
        for a in akin
    )


def _links(akin: list[Akin], story_id: str) -> tuple[Link, ...]:
    """Link the stories that the article contains, or that contain it."""
    links = {}
    for a in akin:
        if a.kin.kinship != "copy" and a.known.story_id != story_id:
            evidence = shared_sentences(a.found, titles_agree=False)
            links[a.known.story_id] = Link(
                a.known.story_id, "contains", evidence, inbound=a.kin.kinship == "contained"
            )
    return tuple(links.values())


def _same_headline(db: Database, piece: Piece) -> Iterator[Known]:
    """Give known articles with the same headline, where one of the two has hardly any text."""
    keys = headline_keys(piece.headline)
    ids = sketches.nearest(db, "headlines", keys, least=1, most=MOST_COMPARED) if keys else []
    for known in sketches.known(db, ids):
        other = _prepared(db, known.article, known.published_at, known.rank)
        if (piece.is_short or other.is_short) and same_headline(
            piece.headline, other.headline, piece.gap(other)
        ):
            yield known


def _own_lines(piece: Piece, akin: list[Akin]) -> list[int]:
    """Name the frame lines of an article that it doesn't share with those it is akin to.

    Lines of the text itself would be taken for furniture once a few sites carry it.
    """
    shared = {a.found.left.clauses[pair.left].line for a in akin for pair in a.found.pairs}
    return list(
        {line.key: None for number, line in enumerate(piece.lines) if line.key and number not in shared}
    )
