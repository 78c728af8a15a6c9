"""Decide whether two articles in one language are the same words in another frame."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import Final, Literal

from crawler.stories.align import Alignment, Pair
from crawler.stories.digest import carries_as_item, is_digest
from crawler.stories.headlines import Headline, titles_agree, titles_clash, titles_touch
from crawler.stories.piece import Piece
from crawler.stories.wording import Wording

Kinship = Literal["copy", "contains", "contained", "overlaps"]

SEASON: Final = timedelta(days=30)
"""Publication dates further apart than this make formulaic news likelier than a copy."""


@dataclass(frozen=True, slots=True)
class Kin:
    """Say how a new article is akin to a known one: a copy of it, holding it, held by it, or sharing a passage.

    `strength` orders rival answers; it is the weight of the words in common.
    """

    kinship: Kinship
    strength: float


def kinship(left: Piece, right: Piece, found: Alignment) -> Kin | None:
    """Decide how the left article of an alignment is akin to the right one; None where it is not."""
    titles = (left.headline, right.headline)
    strength = found.of_left.found * found.of_left.weight
    if not _in_season(found, left.gap(right.published_at)):
        return None
    if is_digest(left) != is_digest(right) and min(found.of_left.clean, found.of_right.clean) < 0.8:
        return _carried(found, strength, "contains" if is_digest(left) else "contained", least=40)
    if _is_template(found):
        return None
    left_is_part = found.of_left.weight <= found.of_right.weight
    part, whole = (found.of_left, found.of_right) if left_is_part else (found.of_right, found.of_left)
    starts = _starts(found, part="left" if left_is_part else "right")
    if part.clean < 0.62 or (part.clean < 0.8 and not starts) or not _has_substance(found, titles):
        return _carried(found, strength, "overlaps", least=80)
    carried = carries_as_item(right, left) if left_is_part else carries_as_item(left, right)
    if titles_agree(*titles) or whole.clean >= 0.6 or (starts and whole.clean >= 0.25 and not carried):
        return Kin("copy", strength)
    return Kin("contained" if left_is_part else "contains", strength)


def _carried(found: Alignment, strength: float, kinship: Kinship, least: int) -> Kin | None:
    """See whether a good passage stands in both, word for word: at least so many Han characters, or their like."""
    passage = found.of_left.exact * found.of_left.weight
    return Kin(kinship, strength) if passage >= (least if found.left.han else 3.3 * least) else None


def _starts(found: Alignment, part: Literal["left", "right"]) -> bool:
    """Tell whether the shorter article begins with the other's words, taken from its first quarter.

    That is what a text cut short looks like. A digest carries the text further down, and an article that quotes the
    other begins with words of its own.
    """
    left_is_part = part == "left"
    inner, outer = (found.left, found.right) if left_is_part else (found.right, found.left)
    clean = {
        (pair.left, pair.right) if left_is_part else (pair.right, pair.left)
        for pair in found.pairs
        if pair.likeness in ("exact", "edited")
    }
    first = _first(inner)
    begun = {whole for own, whole in clean if own in first}
    early = _first_quarter(outer)
    return bool(first) and 2 * len(begun) >= len(first) and any(number in early for number in begun)


def _first_quarter(wording: Wording) -> range:
    """Give the numbers of the clauses in the first quarter of a text, and of its first five in any case."""
    sums = accumulate(clause.weight for clause in wording.clauses)
    return range(max(5, sum(1 for weight in sums if 4 * weight <= wording.weight)))


def _first(wording: Wording) -> list[int]:
    """Give the numbers of the first three clauses of whole sentences that weigh anything."""
    least = 6 if wording.han else 16
    numbers = (
        number
        for number, clause in enumerate(wording.clauses)
        if clause.line in wording.prose and clause.weight >= least
    )
    return [number for number, _ in zip(numbers, range(3), strict=False)]


def _is_template(found: Alignment) -> bool:
    """Tell formulaic news by what differs: numerals exchanged for others, or too much that is only vaguely alike."""
    if found.conflicts and _numbers_conflict(found):
        return True
    side = min(found.of_left, found.of_right, key=lambda coverage: coverage.weight)
    return side.soft > 0.15 * (side.found + side.soft) or side.swapped > 0.5 * side.found


def _numbers_conflict(found: Alignment) -> bool:
    numbered = found.numbered
    return found.conflicts > max(1, 0.15 * numbered) or numbered <= 6 or _leads_conflict(found)


def _leads_conflict(found: Alignment) -> bool:
    first_left, first_right = set(_first(found.left)), set(_first(found.right))
    return any(_touches(pair, first_left, first_right) for pair in found.pairs if pair.numbers_differ)


def _touches(pair: Pair, left: set[int], right: set[int]) -> bool:
    return pair.left in left and pair.right in right


def _has_substance(found: Alignment, titles: tuple[Headline, Headline]) -> bool:
    """Tell whether enough words are shared to decide by; what few words can't say, the headlines must.

    Headlines that differ by a numeral only are a column's, however equal the texts below ("goes out in nine days").
    """
    shared = found.of_left.clean * found.of_left.weight
    few = 60 if found.left.han else 200
    if titles_clash(*titles) or shared < few / 3:
        return False
    if shared < few:
        return titles_agree(*titles)
    return shared >= 1.5 * few or titles_touch(*titles)


def _in_season(found: Alignment, gap: timedelta | None) -> bool:
    """Let texts published far apart count only where they are long and all but identical."""
    if gap is not None and gap <= SEASON:
        return True
    long = 600 if found.left.han else 1500
    if gap is None:
        long //= 4
    same = min(found.of_left.clean, found.of_right.clean)
    part = min(found.of_left.weight, found.of_right.weight)
    return part >= long and same >= 0.9 and not found.conflicts
