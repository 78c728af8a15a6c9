"""File rules under what they cannot fire without, so that few of many are asked of an article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rules.query import AllOf, AnyOf, Inside, Leaf, Node
from rules.rule import Rule
from rules.terms import Alias


class Filing:
    """Give the rules that an article can concern, by the keys that were found in it."""

    def __init__(self, rules: Sequence[Rule], aliases: Iterable[Alias]) -> None:
        names = Counter(key for alias in aliases for key in alias.concept.keys)
        self._rules = tuple(rules)
        self._filed: dict[str, list[int]] = {}
        # Rules that need nothing but a regex are asked of every article.
        self._always: list[int] = []
        for number, rule in enumerate(rules):
            anchors = [anchor(way.query, names) for way in rule.ways]
            if any(each is None for each in anchors):
                self._always.append(number)
                continue
            for key in {key for each in anchors if each is not None for key in each}:
                self._filed.setdefault(key, []).append(number)

    def candidates(self, present: Iterable[str]) -> list[Rule]:
        """Give the rules to ask, in their order."""
        numbers = {number for key in present for number in self._filed.get(key, ())}
        return [self._rules[number] for number in sorted(numbers.union(self._always))]


def anchor(node: Node, names: Mapping[str, int]) -> frozenset[str] | None:
    """Give keys of which one must be found for a query to hold, those with the fewest names; None where there are none.

    Args:
        node: The query.
        names: How many names answer to each key: what has few is likely to be rare.
    """
    match node:
        case Leaf():
            return None if node.key.startswith("regex:") else frozenset({node.key})
        case AllOf():
            found = [each for part in node.parts if (each := anchor(part, names)) is not None]
            return min(found, key=lambda keys: sum(names.get(key, 0) for key in keys), default=None)
        case AnyOf():
            parts = [anchor(part, names) for part in node.parts]
            if any(part is None for part in parts):
                return None
            return frozenset().union(*(part for part in parts if part is not None))
        case Inside():
            return anchor(node.part, names)
        case _:
            return None
