"""Tell an article retold in other words, and an independent report of the same event, by the facts they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Final, Literal

from crawler.stories.facts import Facts, Kind, kind_of, weight

WINDOW: Final = timedelta(days=7)
"""Days within which an event is retold and reported."""

_FIGURES: Final[frozenset[Kind]] = frozenset({"figure", "count", "share"})
_PLACES: Final[frozenset[Kind]] = frozenset({"place"})
_MUCH: Final = 14.0
_NAMES: Final[frozenset[Kind]] = frozenset({"name", "entity"})


@dataclass(frozen=True, slots=True)
class Retelling:
    """Say that two articles tell the same: `rewrite` adds nothing of its own, `corroborates` is a report of its own.

    `strength` is the weight of the facts in common; `longer` tells whether the first of the two is the longer one, so
    that the other retells it.
    """

    kind: Literal["rewrite", "corroborates"]
    strength: float
    evidence: str
    longer: bool


def retelling(
    mine: Facts, theirs: Facts, carriers: Mapping[int, int], gap: timedelta | None, *, credited: bool
) -> Retelling | None:
    """Compare the facts of two articles; `credited` says that one names the other's publisher as its source.

    Nothing is said about articles published more than a week apart, nor about those with too few facts to judge.
    """
    if gap is not None and gap > WINDOW:
        return None
    both = frozenset(theirs.keys)
    common = [key for key in mine.keys if key in both]
    figures = _of(common, _FIGURES)
    names = _of(common, _NAMES)
    strength = sum(
        weight(key, carriers.get(key, 1)) for key in common if kind_of(key) not in ("year", "place")
    )
    fewest = min(len(_of(mine.keys, _FIGURES)), len(_of(theirs.keys, _FIGURES)))
    evidence = f"{len(figures)} of {fewest} figures and {_counted(names)} shared"
    if _in_order(common, theirs.keys) and len(common) > 2:
        evidence += ", in order"
    places = _of(common, _PLACES)
    longer = mine.length > theirs.length
    anchored = bool(names or places or credited)
    if anchored and _adds_nothing(mine, theirs, figures, fewest, credited=credited):
        return Retelling("rewrite", strength, evidence, longer)
    told = strength >= _MUCH and (names or len(figures) >= 3)
    named = bool(places) and len(_of(common, frozenset({"figure"}))) >= 2
    if len(figures) >= 2 and 3 * len(figures) >= fewest and (told or named):
        return Retelling("corroborates", strength, evidence, longer)
    return None


def _adds_nothing(mine: Facts, theirs: Facts, figures: Sequence[int], fewest: int, *, credited: bool) -> bool:
    """Tell whether the shorter article has at least four figures (two with credit), nearly all of them the other's."""
    shorter = min(mine, theirs, key=lambda facts: facts.length)
    own = _of(shorter.keys, _FIGURES)
    least = 2 if credited else 4
    return len(figures) >= least and fewest == len(own) and len(own) - len(figures) <= len(own) // 8


def _of(keys: Sequence[int], kinds: frozenset[Kind]) -> list[int]:
    return [key for key in keys if kind_of(key) in kinds]


def _in_order(common: Sequence[int], theirs: Sequence[int]) -> bool:
    places = [theirs.index(key) for key in common]
    return all(one < other for one, other in pairwise(places))


def _counted(names: Sequence[int]) -> str:
    return f"{len(names)} name{'s' if len(names) != 1 else ''}"
