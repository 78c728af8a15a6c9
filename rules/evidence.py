"""Choose the sentence that proves a match, and point at the terms in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rules.query import Leaf, parts_of, positive
from rules.reading import Reading, Sentence
from rules.rule import Way
from rules.terms import Hit
from rules.window import Firing, order
from state.records import Evidence, Span

MOST_SPANS = 12
# What proves a headline stands near the beginning.
MOST_WEIGHED = 100


def main_sentence(firing: Firing, reading: Reading) -> Sentence:
    """Give the sentence that a firing rests on: the headline, or that of its window which holds most of the query."""
    if firing.in_title:
        assert firing.unit.title is not None
        return firing.unit.title
    inside = [each for each in firing.unit.sentences if each.start < firing.end and firing.start < each.end]
    return inside[0] if len(inside) == 1 else _fullest(firing.way, reading, inside)


def evidence(firing: Firing, reading: Reading) -> tuple[Evidence, ...]:
    """Give the proof of a firing, best sentence first.

    A headline is proved by the first body sentence in which the same actor does the same.
    """
    main = main_sentence(firing, reading)
    body = _best(firing.way, reading, firing.unit.body) if firing.in_title else None
    return tuple(_quote(firing.way, reading, each) for each in (body, main) if each is not None)


def _best(way: Way, reading: Reading, body: Sequence[Sentence]) -> Sentence | None:
    """Find the body sentence that says by itself what the headline said."""
    parts = list(parts_of(way.query))
    needed = max(2, len(parts) - 1)
    body = body[:MOST_WEIGHED]
    worth = {sentence: _worth(way, parts, reading, sentence) for sentence in body}
    fitting = [
        sentence
        for sentence in body
        if worth[sentence].acts and worth[sentence].parts >= min(needed, len(parts))
    ]
    return max(fitting, key=worth.__getitem__, default=None)


def _fullest(way: Way, reading: Reading, sentences: Sequence[Sentence]) -> Sentence:
    """Find the sentence of a wider window that holds most of what was asked for."""
    parts = list(parts_of(way.query))
    return max(sentences, key=lambda sentence: _worth(way, parts, reading, sentence))


class _Worth(NamedTuple):
    """Order sentences as proof: what they hold, whether they say who acts, by name, in running text, early."""

    parts: int
    acts: bool
    by_name: bool
    running: bool
    early: int


def _worth(way: Way, parts: Sequence[tuple[Leaf, ...]], reading: Reading, sentence: Sentence) -> _Worth:
    """Judge one sentence."""
    acts, actor = order(way, reading, (sentence.start, sentence.end))
    by_name = actor is None or bool(actor.alias.concept.id)
    return _Worth(_count(parts, reading, sentence), acts, by_name, not sentence.bullet, -sentence.start)


def _count(parts: Sequence[tuple[Leaf, ...]], reading: Reading, sentence: Sentence) -> int:
    """Count the parts that a sentence holds."""
    return sum(
        any(reading.find(leaf.key, sentence.start, sentence.end) for leaf in alternatives)
        for alternatives in parts
    )


def _quote(way: Way, reading: Reading, sentence: Sentence) -> Evidence:
    """Quote a sentence as it was written, with the terms of the query in it."""
    text = reading.text
    start, end = text.origin(sentence.start, sentence.end)
    spans: dict[tuple[int, int], Span] = {}
    for leaf in (*positive(way.query), *way.actor, *way.action):
        for hit in reading.find(leaf.key, sentence.start, sentence.end):
            span = _span(hit, leaf, reading, start)
            spans.setdefault((span.start, span.end), span)
    ordered = tuple(spans[key] for key in sorted(spans))[:MOST_SPANS]
    in_title = sentence.start < text.base
    source = text.title_text if in_title else text.body_text
    return Evidence(source[start:end], start, end, ordered, "title" if in_title else "text")


def _span(hit: Hit, leaf: Leaf, reading: Reading, base: int) -> Span:
    """Point at one hit inside its sentence."""
    begin, stop = reading.text.origin(hit.start, hit.end)
    concept = hit.alias.concept
    named = concept.key if concept.id and concept.field not in {"term", "regex"} else leaf.key
    return Span(reading.text.original(hit.start, hit.end), begin - base, stop - base, named)
