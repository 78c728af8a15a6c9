"""Say in words why an article belongs to a story."""

from __future__ import annotations

from collections import defaultdict

from crawler.stories.align import Alignment, Likeness
from crawler.stories.wording import Wording


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
