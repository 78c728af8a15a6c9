"""Say in words why an article belongs to a story."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from crawler.stories.align import Alignment, Likeness
from crawler.stories.dictionary import Agreement
from crawler.stories.facts import Facts, Kind, kind_of
from crawler.stories.translation import SharedFacts
from crawler.stories.wording import Wording

_LABELS: Final[tuple[tuple[str, frozenset[Kind]], ...]] = (
    ("figures", frozenset({"figure", "count", "share", "year"})),
    ("names", frozenset({"name", "entity", "place"})),
)


def shared_sentences(found: Alignment, *, titles_agree: bool) -> str:
    """Count the sentences that two articles share, seen from the one with fewer words of its own.

    For example `31 of 33 sentences identical, 1 edited; same headline`.
    """
    left_is_part = found.of_left.weight <= found.of_right.weight
    wording = found.left if left_is_part else found.right
    likeness = {(pair.left if left_is_part else pair.right): pair.likeness for pair in found.pairs}
    identical, edited, whole = _counted(wording, likeness)
    words = f"{identical} of {whole} sentence{'s' if whole != 1 else ''} identical"
    if edited:
        words += f", {edited} edited"
    other = found.of_right if left_is_part else found.of_left
    if other.found < 0.9:
        words += f", {round(100 * other.found)} % of the longer text"
    return f"{words}; {'same' if titles_agree else 'other'} headline"


def _counted(wording: Wording, likeness: dict[int, Likeness]) -> tuple[int, int, int]:
    """Count identical, edited and all sentences; a sentence is as good as most of its words."""
    weights: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for number, clause in enumerate(wording.clauses):
        kind = likeness.get(number)
        if kind is not None or clause.line in wording.prose:
            weights[clause.sentence]["found" if kind is not None else "own"] += clause.weight
            weights[clause.sentence]["exact"] += clause.weight if kind == "exact" else 0
    identical = sum(parts["exact"] == parts["found"] + parts["own"] for parts in weights.values())
    edited = sum(
        parts["exact"] < parts["found"] + parts["own"] and parts["found"] > parts["own"]
        for parts in weights.values()
    )
    return identical, edited, len(weights)


def shared_facts_in_words(found: SharedFacts, facts: Facts, agreement: Agreement | None) -> str:
    """Count the facts that two articles in different languages share, seen from the Chinese one.

    For example `11 of 12 figures and 6 of 7 names shared; 64 % of the words translated`.
    """
    here = frozenset(found.keys)
    parts = []
    for label, kinds in _LABELS:
        whole = [key for key in facts.keys if kind_of(key) in kinds]
        if whole:
            parts.append(f"{sum(key in here for key in whole)} of {len(whole)} {label}")
    words = " and ".join(parts) + " shared" if parts else ""
    if agreement is not None:
        translated = f"{round(100 * agreement.translated)} % of the words have their counterpart"
        words = f"{words}; {translated}" if words else translated
    return words
