"""Say in words why a rule said nothing."""

from __future__ import annotations

from dataclasses import dataclass

from rules.query import Leaf, leaves, parts_of
from rules.reading import Reading, Unit
from rules.rule import Rule, Way
from rules.vocabulary import Vocabulary
from rules.window import found, holds, order, spans


@dataclass(frozen=True, slots=True)
class Silence:
    """Tell which condition of a rule failed on an article."""

    rule: str
    reason: str

    def __str__(self) -> str:
        return f"rule {self.rule}: silent ({self.reason})"


def silence(rule: Rule, reading: Reading, vocabulary: Vocabulary) -> Silence:
    """Explain the silence of one rule by the way that came closest."""
    if not reading.units:
        return Silence(rule.id, "there is no text to read")
    best = (-1, "")
    for unit in reading.units:
        if rule.unless is not None and holds(rule.unless, reading, unit, unit.span):
            words = found(leaves(rule.unless), reading, unit.span)
            shown = ", ".join(dict.fromkeys(reading.text.original(hit.start, hit.end) for hit in words[:3]))
            best = max(best, (1000, f"excluded by {shown or 'its unless condition'}"))
            continue
        best = max(best, *(_closeness(way, unit, reading, vocabulary) for way in rule.ways))
    return Silence(rule.id, best[1])


def _closeness(way: Way, unit: Unit, reading: Reading, vocabulary: Vocabulary) -> tuple[int, str]:
    """Say how close a way came, and what failed."""
    parts = list(parts_of(way.query))
    missing = [part for part in parts if not found(part, reading, unit.span)]
    if missing:
        names = " and ".join(_name(alternatives, vocabulary) for alternatives in missing)
        return len(parts) - len(missing), f"nothing says {names}"
    window = f"{way.window.kind}:{way.window.size}" if way.window.size > 1 else way.window.kind
    for span in spans(way.window, way, reading, unit):
        if not holds(way.query, reading, unit, span):
            continue
        rivals = found(way.rivals, reading, span)
        actors = found(way.actor, reading, span)
        if rivals and actors and rivals[0].start < actors[0].start:
            rival = reading.text.original(rivals[0].start, rivals[0].end)
            return 101, f"{rival!r} stands before the actor in one {window}"
        if not order(way, reading, span)[0]:
            return 100, f"the action does not follow {_name(way.actor, vocabulary)} closely enough"
        return 99, "too few of what is counted"
    return len(parts), f"all is named, but not together in one {window}, or an excluded word stands there"


def _name(alternatives: tuple[Leaf, ...], vocabulary: Vocabulary) -> str:
    """Name alternatives in English."""
    names = [leaf_name(leaf, vocabulary)[0] for leaf in alternatives[:3]]
    return " or ".join(names) + (" or …" if len(alternatives) > 3 else "")


def leaf_name(leaf: Leaf, vocabulary: Vocabulary) -> tuple[str, str]:
    """Name a leaf in English and Chinese."""
    kind, _, rest = leaf.key.partition(":")
    if kind == "term":
        return f"“{rest}”", f"“{rest}”"
    if kind == "regex":
        return f"/{rest}/", f"/{rest}/"
    return vocabulary.names(leaf.key)
