"""Find the story that a new article belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlite_utils import Database

from crawler.stories.akin import Akin, akin, listings, same_headlines, side_by_side
from crawler.stories.counterparts import Retold, Search, keys_of, said
from crawler.stories.dictionary import Dictionary
from crawler.stories.digest import is_digest, items
from crawler.stories.evidence import shared_sentences
from crawler.stories.headlines import headline_keys, item_keys, titles_agree
from crawler.stories.lead import CLONE, NO_ROLES, HostRoles, is_clone, leads_over, rank, same_document
from crawler.stories.piece import Piece, piece_of
from crawler.stories.sketch import KEPT, sketch
from state import sketches, stories
from state.ids import derived_id
from state.records import Article, Entity, Link, Placement, Relation, Same, Source
from state.sketches import Fingerprint, Index, Known

_MOST_LINKS: Final = 24


def place(
    db: Database,
    article: Article,
    source: Source | None,
    now: datetime,
    dictionary: Dictionary | None = None,
    others: Iterable[Entity] = (),
    roles: HostRoles = NO_ROLES,
) -> Placement:
    """Decide where a stored article goes, and index it there.

    `others` are names in the article, beyond its entities, that translations write in another script; `roles` are
    those of hosts that are no sources.

    Must be called in the article's transaction, after the article is stored and its entities are filled in, and
    before `state.stories.place` stores the decision.
    """
    zone = source.zone if source else "UTC"
    piece = piece_of(db, article, article.published.instant(zone), rank(article, source, roles))
    hashes = sketch(piece.wording.text, han=piece.wording.han)
    words = said(article, dictionary, others)
    keys = keys_of(words, dictionary)
    relatives = side_by_side(piece, list(akin(db, piece, hashes)))
    placement = _placement(db, piece, relatives, Search(db, piece, words, keys, dictionary))
    fingerprint = _fingerprint(piece, hashes, keys, words.facts.length)
    sketches.remember(db, article.url, placement.story_id, fingerprint, now)
    sketches.count_lines(db, _own_lines(piece, relatives), now)
    return placement


def _placement(db: Database, piece: Piece, relatives: Sequence[Akin], search: Search) -> Placement:
    copy = _copy(db, piece, relatives)
    if copy is not None:
        return copy
    if is_digest(piece) or any(a.kin.kinship == "contains" for a in relatives):
        return _opened(piece, (*_contained(relatives), *listings(db, piece)))
    near, counts = search.candidates()
    retold = search.retold(near, counts)
    for found in search.translations(near, counts):
        return _joined(db, piece, found.known, "translation", found.evidence, relatives, retold)
    for one in retold:
        if _is_rewrite(one):
            return _joined(db, piece, one.known, "rewrite", one.retelling.evidence, relatives, retold)
    story_id = derived_id("st", piece.article.url)
    return _opened(piece, (*_contained(relatives), *listings(db, piece), *_reports(retold, story_id)))


def _copy(db: Database, piece: Piece, relatives: Sequence[Akin]) -> Placement | None:
    """Join the article whose words this one copies best; headlines decide for items with hardly any text."""
    copies = sorted((a for a in relatives if a.kin.kinship == "copy"), key=lambda a: -a.kin.strength)
    best = copies[0] if copies else None
    agree = best is not None and titles_agree(piece.headline, best.piece.headline)
    if best is None or (piece.is_short and not agree):
        for known in same_headlines(db, piece):
            return _joined(db, piece, known, "copy", "same headline, and no text that differs", relatives)
    if best is None:
        return None
    evidence = shared_sentences(best.found, titles_agree=agree)
    return _joined(db, piece, best.known, _relation(piece, best), evidence, relatives)


def _relation(piece: Piece, best: Akin) -> Relation:
    whole = min(best.found.of_left.clean, best.found.of_right.clean) >= 0.9
    return "same_document" if whole and same_document(piece.article.url, best.piece.article.url) else "copy"


def _opened(piece: Piece, links: Iterable[Link]) -> Placement:
    first = {(link.story_id, link.kind): link for link in reversed(tuple(links))}
    return Placement(
        derived_id("st", piece.article.url),
        links=tuple(reversed(first.values()))[:_MOST_LINKS],
        clones=(piece.article.url,) if piece.rank == CLONE else (),
    )


def _joined(
    db: Database,
    piece: Piece,
    known: Known,
    relation: Relation,
    evidence: str,
    relatives: Sequence[Akin],
    retold: Sequence[Retold] = (),
) -> Placement:
    """Join the story of a known article, and lead it where this article is the better lead.

    Where it turns out to be a copy of several stories' articles, or what they retell, they become one, under the name
    of the oldest.
    """
    same = _retellings(db, retold, known.story_id) | _same(db, relatives, known.story_id)
    home = stories.oldest(db, [known.story_id, *same]) if same else known.story_id
    lead = known if known.leads and known.story_id == home else sketches.lead(db, home) or known
    url = piece.article.url
    clone = piece.rank == CLONE or is_clone(url, lead.article.url) or is_clone(url, known.article.url)
    aped = is_clone(lead.article.url, url)
    mine = (CLONE if clone else piece.rank, piece.published_at, piece.article)
    theirs = (CLONE if aped else lead.rank, lead.published_at, lead.article)
    merged = {known.story_id: evidence, **same}
    links = (*_contained(relatives), *_reports(retold, known.story_id))
    others = (link for link in links if link.story_id not in merged)
    return Placement(
        story_id=home,
        relation=relation,
        evidence=evidence,
        becomes_lead=leads_over(mine, theirs, longer=_is_cut(lead, relatives)),
        links=tuple(others)[:_MOST_LINKS],
        merges=tuple(Same(story, shown) for story, shown in merged.items() if story != home),
        clones=(*((url,) if clone else ()), *((lead.article.url,) if aped else ())),
    )


def _same(db: Database, relatives: Sequence[Akin], story_id: str) -> dict[str, str]:
    """Name other stories of which the article is a copy too, each with what shows it.

    They are the same piece, only that their articles had too little in common to be seen as one. Each must have most
    of its words here, and passages that the joined story has too: a page with two texts side by side must not chain
    their stories. What a user has split stays split.
    """
    copies = [a for a in relatives if a.kin.kinship == "copy"]
    home = {pair.left for a in copies if a.known.story_id == story_id for pair in a.found.pairs}
    same: dict[str, str] = {}
    for a in copies:
        here = {pair.left for pair in a.found.pairs}
        overlap = len(here & home) >= 0.3 * min(len(here), len(home) or 1)
        if a.known.story_id != story_id and home and a.found.of_right.clean >= 0.8 and overlap:
            same.setdefault(a.known.story_id, shared_sentences(a.found, titles_agree=False))
    apart = stories.were_split(db, story_id, same) if same else frozenset()
    return {other: evidence for other, evidence in same.items() if other not in apart}


def _is_rewrite(one: Retold) -> bool:
    """Tell whether the new article retells the known one, or is what a story began by retelling.

    A longer article must not join through a member that retells something else: stories would chain.
    """
    return one.retelling.kind == "rewrite" and (not one.retelling.longer or one.known.leads)


def _retellings(db: Database, retold: Sequence[Retold], story_id: str) -> dict[str, str]:
    """Name other stories that are led by an article which retells the new one, each with what shows it.

    They came before the article that shows them to tell the same. What a user has split stays split.
    """
    same = {
        one.known.story_id: one.retelling.evidence
        for one in reversed(retold)
        if one.retelling.longer and _is_rewrite(one)
    }
    same.pop(story_id, None)
    apart = stories.were_split(db, story_id, same) if same else frozenset()
    return {other: evidence for other, evidence in same.items() if other not in apart}


def _is_cut(lead: Known, relatives: Sequence[Akin]) -> bool:
    """Tell whether the present lead is a cut version of the new article."""
    return any(
        a.known.article.url == lead.article.url
        and a.found.of_right.clean >= 0.8
        and a.found.of_left.clean < 0.75
        for a in relatives
    )


def _contained(relatives: Sequence[Akin]) -> tuple[Link, ...]:
    """Link the stories that the article contains, or that contain it."""
    links: dict[str, Link] = {}
    for a in relatives:
        if a.kin.kinship != "copy":
            evidence = shared_sentences(a.found, titles_agree=False)
            inbound = a.kin.kinship == "contained"
            links.setdefault(a.known.story_id, Link(a.known.story_id, "contains", evidence, inbound=inbound))
    return tuple(links.values())


def _reports(retold: Sequence[Retold], story_id: str) -> tuple[Link, ...]:
    """Link the stories that report the same event."""
    links: dict[str, Link] = {}
    for one in retold:
        other = one.known.story_id
        if other != story_id:
            links.setdefault(other, Link(other, "corroborates", one.retelling.evidence))
    return tuple(links.values())


def _fingerprint(piece: Piece, sketched: Sequence[int], facts: Sequence[int], length: int) -> Fingerprint:
    brief = is_digest(piece)
    keys: dict[Index, Sequence[int]] = {
        "words": sketched[:KEPT],
        "headlines": item_keys(items(piece)) if brief else headline_keys(piece.headline),
        "facts": () if brief else facts,
    }
    return Fingerprint(piece.rank, piece.wording.han, length, keys)


def _own_lines(piece: Piece, relatives: Sequence[Akin]) -> list[int]:
    """Name the frame lines of an article that it doesn't share with those it is akin to.

    Lines of the text itself would be taken for furniture once a few sites carry it.
    """
    shared = {a.found.left.clauses[pair.left].line for a in relatives for pair in a.found.pairs}
    own = [line.key for number, line in enumerate(piece.lines) if line.key and number not in shared]
    return list(dict.fromkeys(own))
