"""Find the known articles that tell the same as a new one in another language or in other words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlite_utils import Database

from crawler.stories.dictionary import Agreement, Chinese, Dictionary, English, english_of
from crawler.stories.evidence import shared_facts_in_words
from crawler.stories.facts import Facts, fact_key, facts_of, latin_words, weight
from crawler.stories.lead import credits_to
from crawler.stories.piece import Piece
from crawler.stories.rewrite import Retelling, retelling
from crawler.stories.translation import (
    MARGIN,
    SECOND,
    enough,
    figures_kept,
    lengths_agree,
    score,
    shared_facts,
)
from state import sketches
from state.records import Article
from state.sketches import Brief, Known

WINDOW: Final = timedelta(days=10)
"""Days within which a translation appears."""

CROWD: Final = 400
"""Carriers that a fact in the index's crowd is taken to have."""

_LEAST: Final = 3.0
_LISTED: Final = 32
_OTHER_LANGUAGE: Final = 8
_SAME_LANGUAGE: Final = 4
_STEMS: Final = 10
_HEADLINE: Final = 60


@dataclass(frozen=True, slots=True)
class Counterpart:
    """Name a known article that a new one translates, with the evidence in words."""

    known: Known
    value: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Retold:
    """Name a known article whose facts a new one shares, and what that amounts to."""

    known: Known
    retelling: Retelling


@dataclass(frozen=True, slots=True)
class Said:
    """Hold what an article says: its facts, the keys under which it is indexed, and its words for the dictionary."""

    facts: Facts
    keys: tuple[int, ...]
    chinese: Chinese | None
    english: English | None


def said(article: Article, dictionary: Dictionary | None) -> Said:
    """Collect what an article says; with a dictionary also the rarest stems of its beginning, Chinese or English."""
    facts = facts_of(article)
    if dictionary is None:
        return Said(facts, facts.keys, None, None)
    text = f"{article.title or ''}\n{article.text}"
    start = text[:240] if facts.han else text[:600]
    chinese = dictionary.chinese(text) if facts.han else None
    english = None if facts.han else english_of(text)
    if facts.han:
        words = dictionary.chinese(start).meanings.values()
        first = {stem for glosses in words for stem in dictionary.rarest(glosses, 2)}
        stems = dictionary.rarest(first, 2 * _STEMS)
    else:
        stems = dictionary.rarest(english_of(start).stems, _STEMS)
    return Said(facts, (*facts.keys, *(fact_key("stem", stem) for stem in stems)), chinese, english)


@dataclass(frozen=True, slots=True)
class Search:
    """Look for the counterparts of one new article among those that share rare facts with it."""

    db: Database
    piece: Piece
    said: Said
    dictionary: Dictionary | None

    def candidates(self) -> tuple[list[Brief], dict[int, int]]:
        """Give the likeliest articles by shared facts, and how many articles carry each fact of the new one."""
        lists = sketches.carriers(self.db, "facts", self.said.keys) if self.said.keys else {}
        counts = {key: CROWD if sketches.is_crowd(ids) else len(ids) for key, ids in lists.items()}
        sums: dict[int, float] = defaultdict(float)
        for key, ids in lists.items():
            if counts[key] != CROWD:
                for article in ids:
                    sums[article] += weight(key, counts[key])
        heavy = [article for article, total in sums.items() if total >= _LEAST]
        listed = sorted(heavy, key=lambda article: (-sums[article], article))[:_LISTED]
        near = [brief for brief in sketches.briefs(self.db, listed) if self._is_near(brief)]
        return near, counts

    def translations(self, near: Sequence[Brief], counts: Mapping[int, int]) -> list[Counterpart]:
        """Give the one article that the new one translates, if it clearly is; else none."""
        found = [
            counterpart
            for brief in near
            if brief.han != self.said.facts.han
            for known in sketches.known(self.db, [brief.id])
            if (counterpart := self._compared(known, counts)) is not None
        ]
        found.sort(key=lambda counterpart: -counterpart.value)
        if not found or not self._is_clear(found):
            return []
        return found[:1]

    def retold(self, near: Sequence[Brief], counts: Mapping[int, int]) -> list[Retold]:
        """Give the articles that share the new one's facts, strongest first."""
        found = []
        for known in sketches.known(self.db, [brief.id for brief in near]):
            theirs = facts_of(known.article)
            credited = credits_to(self.piece.article, known.article) or credits_to(
                known.article, self.piece.article
            )
            gap = self.piece.gap(known.published_at)
            same = retelling(self.said.facts, theirs, counts, gap, credited=credited)
            if same is not None:
                found.append(Retold(known, same))
        return sorted(found, key=lambda retold: -retold.retelling.strength)

    def _is_near(self, brief: Brief) -> bool:
        gap = self.piece.gap(brief.published_at)
        return gap is None or gap <= WINDOW

    def _compared(self, known: Known, counts: Mapping[int, int]) -> Counterpart | None:
        theirs = said(known.article, self.dictionary)
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
        headline = chinese.facts.letters < _HEADLINE
        if not enough(value, headline=headline, dictionary=agreement is not None):
            return None
        return Counterpart(known, value, shared_facts_in_words(found, chinese.facts, agreement))

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
        return not taken or best.value >= SECOND
