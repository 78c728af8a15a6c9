"""Find the known articles that tell the same as a new one in another language or in other words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Final

from sqlite_utils import Database

from crawler.stories.dictionary import Agreement, Chinese, Dictionary, English, english_of
from crawler.stories.evidence import shared_facts_in_words
from crawler.stories.facts import Facts, fact_key, facts_of, kind_of, latin_words, weight
from crawler.stories.headlines import headline, titles_clash
from crawler.stories.lead import credits_to
from crawler.stories.piece import Piece
from crawler.stories.rewrite import Retelling, retelling
from crawler.stories.translation import (
    HEADLINE,
    MARGIN,
    enough,
    figures_kept,
    lengths_agree,
    score,
    second,
    shared_facts,
)
from state import sketches
from state.records import Article, Entity
from state.sketches import Brief, Known

WINDOW: Final = timedelta(days=10)
"""Days within which a translation appears."""

CROWD: Final = 400
"""Carriers that a fact in the index's crowd is taken to have."""

_LEAST: Final = 3.0
_TAIL: Final = 0.3
_LISTED: Final = 32
_COMPARED: Final = 8
_STEMS: Final = 10


@dataclass(frozen=True, slots=True)
class Counterpart:
    """Name a known article that a new one translates, with its score and the evidence in words.

    `as_second` is the score it needs where its story already has a member in the new one's language.
    """

    known: Known
    value: float
    as_second: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Retold:
    """Name a known article whose facts a new one shares, and what that amounts to."""

    known: Known
    retelling: Retelling


@dataclass(frozen=True, slots=True)
class Said:
    """Hold what an article says: its facts, and its words for the dictionary."""

    facts: Facts
    chinese: Chinese | None
    english: English | None


def said(article: Article, dictionary: Dictionary | None, others: Iterable[Entity] = ()) -> Said:
    """Collect what an article says; with a dictionary also its words, Chinese or English, in stems."""
    facts = facts_of(article, others)
    if dictionary is None:
        return Said(facts, None, None)
    text = f"{article.title or ''}\n{article.text}"
    return Said(
        facts, dictionary.chinese(text) if facts.han else None, None if facts.han else english_of(text)
    )


def keys_of(words: Said, dictionary: Dictionary | None) -> tuple[int, ...]:
    """Give the keys under which an article is found: its facts, and with a dictionary the rarest stems it has.

    The first words stand for all: an article says what it is about at its beginning.
    """
    if dictionary is None:
        return words.facts.keys
    stems: Iterable[str] = ()
    if words.chinese is not None:
        first = islice(words.chinese.meanings.values(), 4 * _STEMS)
        stems = dictionary.rarest(
            (stem for glosses in first for stem in dictionary.rarest(glosses, 2)), 2 * _STEMS
        )
    elif words.english is not None:
        stems = dictionary.rarest(words.english.first, _STEMS)
    return (*words.facts.keys, *(fact_key("stem", stem) for stem in stems))


def _facts_of(brief: Brief) -> Facts:
    """Give the facts of an indexed article as far as the index keeps them."""
    keys = tuple(key for key in brief.facts if kind_of(key) != "stem")
    return Facts(keys, {}, frozenset(), brief.length, brief.han)


@dataclass(frozen=True, slots=True)
class Search:
    """Look for the counterparts of one new article among those that share rare facts with it."""

    db: Database
    piece: Piece
    said: Said
    keys: tuple[int, ...]
    dictionary: Dictionary | None

    def candidates(self) -> tuple[list[Brief], dict[int, int]]:
        """Give the likeliest articles by shared facts, and how many articles carry each fact of the new one."""
        lists = sketches.carriers(self.db, "facts", self.keys) if self.keys else {}
        counts = {key: CROWD if sketches.is_crowd(ids) else len(ids) for key, ids in lists.items()}
        sums: dict[int, float] = defaultdict(float)
        for key, ids in lists.items():
            if counts[key] != CROWD:
                for article in ids:
                    sums[article] += weight(key, counts[key])
        least = max(_LEAST, _TAIL * max(sums.values(), default=0.0))
        heavy = [article for article, total in sums.items() if total >= least]
        listed = sorted(heavy, key=lambda article: (-sums[article], article))[:_LISTED]
        near = [brief for brief in sketches.briefs(self.db, listed, facts=True) if self._is_near(brief)]
        return near, counts

    def translations(self, near: Sequence[Brief], counts: Mapping[int, int]) -> list[Counterpart]:
        """Give the one article that the new one translates, if it clearly is; else none."""
        possible = [brief for brief in near if self._could_translate(brief)][:_COMPARED]
        compared = (
            self._compared(known, _facts_of(brief), counts)
            for brief in possible
            for known in sketches.known(self.db, [brief.id])
        )
        found = sorted((c for c in compared if c is not None), key=lambda counterpart: -counterpart.value)
        return found[:1] if found and self._is_clear(found) else []

    def retold(self, near: Sequence[Brief], counts: Mapping[int, int]) -> list[Retold]:
        """Give the articles that share the new one's facts, strongest first."""
        possible = [brief for brief in near if self._retelling(brief, counts, credited=True) is not None][
            :_COMPARED
        ]
        found = []
        for brief in possible:
            for known in sketches.known(self.db, [brief.id]):
                credited = credits_to(self.piece.article, known.article) or credits_to(
                    known.article, self.piece.article
                )
                same = self._retelling(brief, counts, credited=credited)
                # A column that comes back tells most of its figures again; its headline counts the days.
                if same is not None and not titles_clash(self.piece.headline, headline(known.article.title)):
                    found.append(Retold(known, same))
        return sorted(found, key=lambda retold: -retold.retelling.strength)

    def _retelling(self, brief: Brief, counts: Mapping[int, int], *, credited: bool) -> Retelling | None:
        gap = self.piece.gap(brief.published_at)
        return retelling(self.said.facts, _facts_of(brief), counts, gap, credited=credited)

    def _could_translate(self, brief: Brief) -> bool:
        """Rule out, without reading it, what is in the same language, too long or short, or has other figures."""
        mine, theirs = self.said.facts, _facts_of(brief)
        return mine.han != theirs.han and lengths_agree(mine, theirs) and figures_kept(mine, theirs)

    def _is_near(self, brief: Brief) -> bool:
        gap = self.piece.gap(brief.published_at)
        return gap is None or gap <= WINDOW

    def _compared(self, known: Known, indexed: Facts, counts: Mapping[int, int]) -> Counterpart | None:
        theirs = said(known.article, self.dictionary)
        # The index knows names that the gazetteer saw, the article's text alone does not tell them.
        theirs = replace(theirs, facts=replace(theirs.facts, keys=indexed.keys))
        if not lengths_agree(self.said.facts, theirs.facts) or not figures_kept(
            self.said.facts, theirs.facts
        ):
            return None
        mine_is_chinese = self.said.facts.han
        chinese, other = (self.said, theirs) if mine_is_chinese else (theirs, self.said)
        words = latin_words(known.article if mine_is_chinese else self.piece.article)
        found = shared_facts(chinese.facts, other.facts, words, counts)
        agreement = self._agreement(chinese.chinese, other.english)
        value = score(found, agreement)
        headline = chinese.facts.length < HEADLINE
        if not enough(value, agreement, headline=headline):
            return None
        shown = shared_facts_in_words(found, chinese.facts, agreement)
        return Counterpart(known, value, second(agreement), shown)

    def _agreement(self, chinese: Chinese | None, english: English | None) -> Agreement | None:
        if self.dictionary is None or chinese is None or english is None:
            return None
        return self.dictionary.agreement(chinese, english)

    def _is_clear(self, found: Sequence[Counterpart]) -> bool:
        """Tell whether the best is clearly better than that of any other story, and its story still lacks one."""
        best = found[0]
        rival = next((c for c in found if c.known.story_id != best.known.story_id), None)
        if rival is not None and best.value < rival.value + MARGIN:
            return False
        taken = sketches.has_member(self.db, best.known.story_id, han=self.said.facts.han)
        return not taken or best.value >= best.as_second
