"""Align the clauses of two articles and tell how they differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from crawler.stories.numbers import numerals, without_digits
from crawler.stories.wording import Clause, Wording

Likeness = Literal["exact", "edited", "swapped", "soft"]

EDITED: Final = 72.0
REWORDED: Final = 87.0
"""Likeness above which an exchanged piece is one word in a long clause, hardly the name that the clause is about."""

SOFT_HAN: Final = 48.0
SOFT_LATIN: Final = 58.0
MOST_COMPARED: Final = 160
"""Clauses a side that are compared in pairs; what is left over counts as different."""

_LIGHT: Final = 4
"""Clauses with fewer letters say nothing when they are merely alike."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Join clause `left` of one article to clause `right` of the other, by number.

    `edited` differs in spelling only, `swapped` exchanges a numeral or a name-sized piece, `soft` is vaguely alike.
    """

    left: int
    right: int
    likeness: Likeness
    numbers_differ: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """Tell how much of one article stands in the other, by likeness, each as a share of `weight`.

    `weight` counts clauses that have a counterpart and those of whole sentences; headlines, buttons and other
    crumbs of a site's frame that stand in one article only don't count.
    """

    weight: int
    exact: float
    edited: float
    swapped: float
    soft: float

    @property
    def clean(self) -> float:
        """Give the share that is the same but for spelling."""
        return self.exact + self.edited

    @property
    def found(self) -> float:
        """Give the share that has a counterpart, a swapped numeral or name included."""
        return self.exact + self.edited + self.swapped


@dataclass(frozen=True, slots=True)
class Alignment:
    """Hold the pairs of two articles and what they amount to on either side."""

    left: Wording
    right: Wording
    pairs: tuple[Pair, ...]
    of_left: Coverage
    of_right: Coverage

    @property
    def conflicts(self) -> int:
        """Count the pairs in which one numeral was exchanged for another."""
        return sum(pair.numbers_differ for pair in self.pairs)

    @property
    def numbered(self) -> int:
        """Count the pairs in which a numeral stands."""
        return sum(bool(numerals(self.left.clauses[pair.left].text)) for pair in self.pairs)


def align(left: Wording, right: Wording) -> Alignment:
    """Pair the clauses of two articles: equal ones first, then each other one with what is most like it."""
    position = {clause.text: number for number, clause in enumerate(right.clauses)}
    exact = [
        Pair(number, position[clause.text], "exact")
        for number, clause in enumerate(left.clauses)
        if clause.text in position
    ]
    pairs = (*exact, *_alike(left, right, exact))
    return Alignment(
        left=left,
        right=right,
        pairs=pairs,
        of_left=_coverage(left, {pair.left: pair.likeness for pair in pairs}),
        of_right=_coverage(right, {pair.right: pair.likeness for pair in reversed(pairs)}),
    )


def _alike(left: Wording, right: Wording, exact: list[Pair]) -> Iterator[Pair]:
    open_left = _open(left, {pair.left for pair in exact})
    open_right = _open(right, {pair.right for pair in exact})
    choices = [without_digits(right.clauses[number].text) for number in open_right]
    least = SOFT_HAN if left.han else SOFT_LATIN
    for number in open_left:
        query = without_digits(left.clauses[number].text)
        best = process.extractOne(query, choices, scorer=fuzz.ratio, score_cutoff=least)
        if best is not None:
            _, score, index = best
            yield _judged(
                left.clauses[number], right.clauses[open_right[index]], number, open_right[index], score
            )


def _open(wording: Wording, taken: set[int]) -> list[int]:
    numbers = (
        number
        for number, clause in enumerate(wording.clauses)
        if number not in taken and clause.weight >= _LIGHT
    )
    return [number for number, _ in zip(numbers, range(MOST_COMPARED), strict=False)]


def _judged(left: Clause, right: Clause, left_number: int, right_number: int, score: float) -> Pair:
    mine, theirs = numerals(left.text), numerals(right.text)
    differ = bool(mine - theirs) and bool(theirs - mine)
    if score < EDITED:
        return Pair(left_number, right_number, "soft", differ)
    renamed = score < REWORDED and _swaps_name(left.text, right.text)
    likeness: Likeness = "swapped" if differ or renamed else "edited"
    return Pair(left_number, right_number, likeness, differ)


def _swaps_name(left: str, right: str) -> bool:
    """Tell whether a piece as long as a name stands in place of another with which it shares no character."""
    for step in Levenshtein.opcodes(left, right):
        if step.tag != "replace":
            continue
        old, new = left[step.src_start : step.src_end], right[step.dest_start : step.dest_end]
        if min(len(old), len(new)) >= 2 and not set(old) & set(new):
            return True
    return False


def _coverage(wording: Wording, likeness: dict[int, Likeness]) -> Coverage:
    sums = dict.fromkeys(("exact", "edited", "swapped", "soft"), 0)
    whole = 0
    for number, clause in enumerate(wording.clauses):
        kind = likeness.get(number)
        if kind is not None:
            sums[kind] += clause.weight
        if kind is not None or clause.line in wording.prose:
            whole += clause.weight
    return Coverage(weight=whole, **{kind: weight / max(1, whole) for kind, weight in sums.items()})
