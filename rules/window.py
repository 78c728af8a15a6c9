"""Ask a query of a stretch of text, and check who does what in which order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from rules.query import AllOf, AnyOf, Fact, Inside, Leaf, Node, Without, leaves
from rules.reading import Reading, Unit
from rules.rule import Rule, Way, Window
from rules.terms import Hit
from rules.text import is_han

LEAD = 2
# 30 Han characters say about what 70 Latin ones do.
HAN_WIDTH = 7 / 3
# One rule on one item needs no more proof than this.
MOST_FIRINGS = 8
_START = attrgetter("start")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Firing:
    """Tell that a way of a rule held in `start:end` of the joined text, and what was found there."""

    way: Way
    unit: Unit
    start: int
    end: int
    actor: Hit | None = None

    @property
    def in_title(self) -> bool:
        """Tell whether the headline alone said it."""
        return self.unit.title is not None and self.end <= self.unit.title.end


def firings(rule: Rule, reading: Reading, unit: Unit) -> list[Firing]:
    """Give where a rule fires in one unit, headline first as its ways are written."""
    if rule.unless is not None and holds(rule.unless, reading, unit, unit.span):
        return []
    fired: list[Firing] = []
    for way in rule.ways:
        if not all(holds(part, reading, unit, unit.span) for part in way.steady):
            continue
        for span in _promising(way, reading, unit):
            if not all(holds(part, reading, unit, span) for part in way.moving):
                continue
            ordered, actor = order(way, reading, span)
            if ordered and _often_enough(way, reading, span):
                fired.append(Firing(way, unit, *span, actor))
                if len(fired) >= MOST_FIRINGS:
                    return fired
    return fired


def _promising(way: Way, reading: Reading, unit: Unit) -> Iterable[Span]:
    """Give the windows that hold the rarest of the plain parts; where one part is nowhere, there are none."""
    rarest: Sequence[Hit] | None = None
    for part in way.moving:
        if isinstance(part, Leaf):
            hits = reading.find(part.key, *unit.span)
            if not hits:
                return ()
            if rarest is None or len(hits) < len(rarest):
                rarest = hits
    every = spans(way.window, way, reading, unit)
    if rarest is None or way.window.kind not in {"sentence", "lead_sentence", "paragraph"}:
        return every
    starts = [hit.start for hit in rarest]
    return (span for span in every if bisect_left(starts, span[0]) < bisect_left(starts, span[1]))


def spans(window: Window, way: Way, reading: Reading, unit: Unit) -> Iterator[Span]:
    """Give the stretches of a unit that a window can be."""
    match window.kind:
        case "sentence":
            yield from ((sentence.start, sentence.end) for sentence in unit.sentences)
        case "lead_sentence":
            yield from ((sentence.start, sentence.end) for sentence in unit.lead(window.size))
        case "sentences":
            last = max(0, len(unit.body) - window.size)
            for first in range(last + 1 if unit.body else 0):
                group = unit.body[first : first + window.size]
                yield group[0].start, group[-1].end
        case "paragraph":
            yield from _paragraphs(unit)
        case "words":
            for start in _starts(way.query, reading, unit):
                yield start, _after_words(reading, start, window.size, unit.span[1])
        case _:
            span = scope("item" if window.kind == "article" else window.kind, unit, window.size)
            if span is not None:
                yield span


def scope(name: str, unit: Unit, size: int = LEAD) -> Span | None:
    """Give the span of a named part of a unit, or None where the unit has none."""
    title = (unit.title.start, unit.title.end) if unit.title else None
    if name == "title":
        return title
    if name == "body":
        return (unit.body[0].start, unit.body[-1].end) if unit.body else None
    if name == "item":
        return unit.span
    sentences = unit.lead(size)
    lead = (sentences[0].start, sentences[-1].end) if sentences else None
    if name == "top" and title is not None:
        return title if lead is None else (title[0], lead[1])
    return lead


def holds(node: Node, reading: Reading, unit: Unit, span: Span) -> bool:
    """Tell whether a query holds in a span; parts with a scope of their own are asked there."""
    match node:
        case Leaf():
            return bool(reading.find(node.key, *span))
        case AllOf():
            return all(holds(part, reading, unit, span) for part in node.parts)
        case AnyOf():
            return any(holds(part, reading, unit, span) for part in node.parts)
        case Without():
            return not holds(node.part, reading, unit, span)
        case Inside():
            inner = scope(node.scope, unit)
            return inner is not None and holds(node.part, reading, unit, inner)
        case Fact():
            return _fact(node, reading)


def _fact(fact: Fact, reading: Reading) -> bool:
    """Compare the source or language of the article."""
    article = reading.article
    actual = (article.source_id if fact.field == "source" else article.lang) or ""
    if fact.value.endswith("*"):
        return actual.startswith(fact.value[:-1])
    return actual == fact.value or (fact.field == "lang" and actual.partition("-")[0] == fact.value)


def order(way: Way, reading: Reading, span: Span) -> tuple[bool, Hit | None]:
    """Check that an actor stands in the span, before every rival, and its action after it within reach."""
    if not way.actor:
        return True, None
    rivals = found(way.rivals, reading, span)
    actions = found(way.action, reading, span)
    for actor in found(way.actor, reading, span):
        if rivals and rivals[0].start < actor.start:
            return False, None
        if not way.action:
            return True, actor
        for action in actions:
            if (
                action.start >= actor.start
                and action is not actor
                and _near(reading, actor, action, way.reach)
            ):
                return True, actor
    return False, None


def found(wanted: Iterable[Leaf], reading: Reading, span: Span) -> list[Hit]:
    """Give the hits of several leaves in order."""
    return sorted({hit for leaf in wanted for hit in reading.find(leaf.key, *span)}, key=_START)


def _near(reading: Reading, actor: Hit, action: Hit, reach: int) -> bool:
    """Tell whether an action follows its actor closely enough to be its own."""
    between = reading.text.folded.plain[actor.end : action.start]
    han = sum(map(is_han, between)) if not between.isascii() else 0
    return len(between) - han + han * HAN_WIDTH <= reach


def _often_enough(way: Way, reading: Reading, span: Span) -> bool:
    """Check the minimum counts."""
    return all(len(reading.find(leaf.key, *span)) >= count for leaf, count in way.at_least)


def _paragraphs(unit: Unit) -> Iterator[Span]:
    """Give the span of each paragraph of the body."""
    start = end = number = -1
    for sentence in unit.body:
        if sentence.paragraph != number:
            if start >= 0:
                yield start, end
            start, number = sentence.start, sentence.paragraph
        end = sentence.end
    if start >= 0:
        yield start, end


def _starts(query: Node, reading: Reading, unit: Unit) -> Sequence[int]:
    """Give where any leaf of a query is found: a window of words can only begin there."""
    return sorted({hit.start for leaf in leaves(query) for hit in reading.find(leaf.key, *unit.span)})


def _after_words(reading: Reading, start: int, size: int, end: int) -> int:
    """Give where `size` words after `start` end; two Han characters count as a word."""
    plain = reading.text.folded.plain
    left = size * 2
    position = start
    while position < end and left > 0:
        character = plain[position]
        if is_han(character):
            left -= 1
        elif character.isalnum() and not (position + 1 < end and plain[position + 1].isalnum()):
            left -= 2
        position += 1
    return position
