"""Decide whether two articles in different languages say the same, from facts and, where there is one, a dictionary.

The score is a logistic one: its weights were fitted on machine translations of news about technology (half of the data,
checked on the other half; see docs/decisions/). A positive score means likelier than not among texts on one subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crawler.stories.dictionary import Agreement
from crawler.stories.facts import MOST, Facts, kind_of, weights

MARGIN: Final = 0.5
"""By how much the best candidate must beat that of any other story."""

HEADLINE: Final = 180
"""Length below which a text is no more than a headline, in English letters."""

_MOST: Final = 30.0
_MASS: Final = 40.0
_MISSED: Final = 4.0
_MANY_FIGURES: Final = 6


@dataclass(frozen=True, slots=True)
class SharedFacts:
    """Hold what two articles share: the keys in the order of the first, and the weights of shared and missing ones.

    `missing` are facts of the Chinese text (or of the first, where neither or both are Chinese) that the other
    lacks, `unmatched` the figures of the other that this one lacks.
    """

    keys: tuple[int, ...]
    shared: float
    missing: float
    unmatched: float


def shared_facts(
    mine: Facts, theirs: Facts, their_words: frozenset[str], carriers: Mapping[int, int]
) -> SharedFacts:
    """Compare the facts of two articles; `carriers` counts how many known articles have each fact.

    A name counts as found where the other text has it among all its words, name or not.
    """
    others = frozenset(theirs.keys)
    found = tuple(key for key in mine.keys if key in others or mine.names.get(key) in their_words)
    here = frozenset(found)
    rarity = {**weights(theirs, carriers), **weights(mine, carriers)}
    return SharedFacts(
        keys=found,
        shared=sum(rarity[key] for key in found),
        missing=sum(min(_MISSED, rarity[key]) for key in mine.keys if key not in here),
        unmatched=sum(
            min(_MISSED, rarity[key]) for key in theirs.keys if key not in here and kind_of(key) != "name"
        ),
    )


def score(found: SharedFacts, agreement: Agreement | None) -> float:
    """Score how likely it is that one article translates the other; about nought is even."""
    mass = found.shared + found.missing
    scale = min(1.0, _MASS / mass) if mass else 1.0
    shared, missing, unmatched = (
        min(_MOST, scale * found.shared),
        scale * found.missing,
        scale * found.unmatched,
    )
    if agreement is None:
        return 0.5 * shared - 0.4 * missing - 0.2 * unmatched - 4.2
    words = 4.2 * agreement.of_chinese + 7.3 * agreement.of_english
    return 0.15 * shared - 0.08 * missing - 0.07 * unmatched + words - 5.2


def enough(value: float, agreement: Agreement | None, *, headline: bool) -> bool:
    """Tell whether a score suffices; headlines have less to go by, and less to lose.

    However many names two texts share, a translation has well over a quarter of its words in the dictionary's glosses.
    """
    if agreement is None:
        return value >= (0.5 if headline else -0.5)
    return value >= (-1.2 if headline else -0.6) and (headline or agreement.translated >= 0.28)


def second(agreement: Agreement | None) -> float:
    """Give the score that a story asks for which already has a member in this language."""
    return 6.0 if agreement is None else 2.5


def figures_kept(mine: Facts, theirs: Facts) -> bool:
    """Tell whether either text has the figures of the other, but for one in eight or a single garbled one.

    An independent report shares the figures of what it reports on, too, but has some of its own.
    """
    here, there = _figures(mine), _figures(theirs)
    if min(len(here), len(there)) < _MANY_FIGURES:
        return True
    # Of long texts only the first facts are known, and not quite the same ones.
    share = 3 if max(len(mine.keys), len(theirs.keys)) >= MOST else 8
    return all(len(one - other) <= max(1, len(one) // share) for one, other in ((here, there), (there, here)))


def _figures(facts: Facts) -> frozenset[int]:
    return frozenset(key for key in facts.keys if kind_of(key) in ("figure", "count", "share"))


def lengths_agree(mine: Facts, theirs: Facts) -> bool:
    """Tell whether two texts have lengths that a translation can have: 1.5 to 5.5 letters a Chinese character."""
    if mine.han == theirs.han:
        return 0.55 <= mine.length / max(1, theirs.length) <= 1.8
    chinese, other = (mine, theirs) if mine.han else (theirs, mine)
    ratio = other.length / max(1, chinese.length)
    return (0.33 if chinese.length < HEADLINE else 0.5) <= ratio <= 1.83
