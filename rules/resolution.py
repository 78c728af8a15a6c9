"""Decide which hits count: masks, contexts, longest names, garbles, words that stand for a place, unknown firms."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence

from rules.computed import Computed
from rules.gazetteer import Places, place_keys
from rules.query import any_of
from rules.reading import Joined, Unit
from rules.spec import ComputedSpec
from rules.terms import Alias, Concept, Hit

NAMES = frozenset({"place", "org", "gov"})
_SWALLOWED_BY_NAMES = NAMES | {"event", "noise", "cue"}
_WORDS = frozenset({"topic", "instrument", "event", "noise", "cue"})
LONGEST_FORMER = 12
ANAPHOR = "anaphor"
MASK = "mask"


class Resolution:
    """Hold what a pack knows about which hits to believe; `near` are the keys that contexts look for."""

    def __init__(
        self, places: Places, computed: ComputedSpec, former: Sequence[str], near: frozenset[str]
    ) -> None:
        self._places = places
        self._former = (
            any_of([f"(?:{pattern})\\z" for pattern in former], ignore_case=True) if former else None
        )
        self._computed = Computed(places, computed)
        self._near = near

    def resolve(
        self,
        raw: Iterable[Hit],
        text: Joined,
        units: Sequence[Unit],
        blanks: Sequence[tuple[int, int]],
        source_places: Collection[str] = (),
    ) -> tuple[Hit, ...]:
        """Give the hits that count, in order of their start."""
        ordered = sorted(raw, key=lambda hit: (hit.start, -hit.end))
        visible = _visible(ordered, blanks)
        terms = [hit for hit in visible if hit.alias.concept.field == "term"]
        present = _Present(visible, units, self._near)
        believed = [hit for hit in visible if _in_context(hit, text, present)]
        names = [
            hit for hit in believed if hit.alias.concept.field in NAMES or hit.alias.concept.field == ANAPHOR
        ]
        found = [*names, *self._computed.find(names, text)]
        names = _longest(sorted(found, key=lambda hit: (hit.start, -hit.end)))
        names = _without_lone_garbles(names)
        names = [hit for hit in self._placed(names, source_places) if not self._is_former(hit, text)]
        words = _longest_words([hit for hit in believed if hit.alias.concept.field in _WORDS])
        kept = _outside_names(words, names)
        return tuple(sorted([*terms, *names, *kept], key=lambda hit: (hit.start, -hit.end)))

    def _is_former(self, hit: Hit, text: Joined) -> bool:
        """Tell whether an organisation is named as somebody's past."""
        if self._former is None or hit.alias.concept.field != "org":
            return False
        before = text.folded.plain[max(0, hit.start - LONGEST_FORMER) : hit.start]
        return self._former.search(before.encode()) is not None

    def _placed(self, names: Sequence[Hit], source_places: Collection[str]) -> Iterator[Hit]:
        """Resolve what depends on a place named before: bare offices (省工信厅) and anaphors (the province)."""
        last: dict[str, str] = {}
        for hit in names:
            concept = hit.alias.concept
            if concept.field == ANAPHOR:
                place = last.get(concept.kind) or self._of_source(concept.kind, source_places)
                if place is not None:
                    yield Hit(hit.start, hit.end, self._alias_of(place, hit.alias.text))
                continue
            if hit.alias.dependent and not self._place_known(concept, last, source_places):
                continue
            for place in self._places.parents(concept.place if concept.field != "org" else None):
                last[self._places.kind(place)] = place
            yield hit

    def _place_known(self, concept: Concept, last: dict[str, str], source_places: Collection[str]) -> bool:
        """Tell whether a bare office can be that of its place: the last place of the kind, else the source's."""
        if concept.place is None:
            return False
        kind = self._places.kind(concept.place)
        named = last.get(kind) or self._of_source(kind, source_places)
        return named == concept.place

    def _of_source(self, kind: str, source_places: Collection[str]) -> str | None:
        """Give the place of a kind that the source is about, where there is just one."""
        found = {self._places.of_kind(place, kind) for place in source_places} - {None}
        return found.pop() if len(found) == 1 else None

    def _alias_of(self, place: str, text: str) -> Alias:
        """Give an alias for words that stand for a place."""
        chain = self._places.chain(place)
        return Alias(
            Concept("place", "", place_keys("place", None, chain), self._places.kind(place), place), text
        )


class _Present:
    """Know which keys occur in the item, and in which sentence, before anything is resolved."""

    def __init__(self, hits: Sequence[Hit], units: Sequence[Unit], wanted: frozenset[str]) -> None:
        self._starts = [sentence.start for unit in units for sentence in unit.sentences]
        self._item: dict[str, list[Hit]] = {}
        for hit in hits:
            for key in hit.alias.concept.keys:
                if key in wanted:
                    self._item.setdefault(key, []).append(hit)

    def near(self, keys: Collection[str], hit: Hit, *, in_sentence: bool) -> bool:
        """Tell whether one of the keys occurs beside a hit, not inside it."""
        for key in keys:
            for other in self._item.get(key, ()):
                if other.start < hit.end and hit.start < other.end:
                    continue
                if not in_sentence or self._sentence(other.start) == self._sentence(hit.start):
                    return True
        return False

    def _sentence(self, position: int) -> int:
        return bisect_right(self._starts, position)


def _visible(ordered: Sequence[Hit], blanks: Sequence[tuple[int, int]]) -> list[Hit]:
    """Drop the masks and what they cover, and what stands in blanked spans."""
    covers = sorted([*blanks, *((hit.start, hit.end) for hit in ordered if hit.alias.concept.field == MASK)])
    if not covers:
        return list(ordered)
    # The furthest end of all covers that start at or before each cover.
    reach: list[int] = []
    for _, end in covers:
        reach.append(max(end, reach[-1]) if reach else end)
    starts = [start for start, _ in covers]
    kept = []
    for hit in ordered:
        index = bisect_right(starts, hit.start) - 1
        if hit.alias.concept.field != MASK and (index < 0 or hit.end > reach[index]):
            kept.append(hit)
    return kept


def _in_context(hit: Hit, text: Joined, present: _Present) -> bool:
    """Check what an ambiguous name needs around it."""
    context = hit.alias.context
    if context is None:
        return True
    lower = text.folded.lower
    if context.not_after and lower[max(0, hit.start - 40) : hit.start].rstrip().endswith(context.not_after):
        return False
    if context.not_before and lower[hit.end : hit.end + 40].lstrip().startswith(context.not_before):
        return False
    return not context.near or present.near(context.near, hit, in_sentence=context.within == "sentence")


def _longest(names: Sequence[Hit]) -> list[Hit]:
    """Keep the leftmost longest names; names of one span all stay."""
    kept: list[Hit] = []
    for hit in names:
        if kept and hit.start < kept[-1].end and (hit.start, hit.end) != (kept[-1].start, kept[-1].end):
            continue
        kept.append(hit)
    return kept


def _without_lone_garbles(names: Sequence[Hit]) -> list[Hit]:
    """Drop garbled names of what is nowhere named properly."""
    proper = {hit.alias.concept.key for hit in names if not hit.alias.garbled}
    return [hit for hit in names if not hit.alias.garbled or hit.alias.concept.key in proper]


def _longest_words(words: Sequence[Hit]) -> list[Hit]:
    """Keep, in each field, the longest of the words that lie in each other."""
    reach: dict[str, int] = {}
    kept: list[Hit] = []
    for hit in words:
        field = hit.alias.concept.field
        if hit.end <= reach.get(field, -1) and (
            not kept or (hit.start, hit.end) != (kept[-1].start, kept[-1].end)
        ):
            continue
        reach[field] = max(hit.end, reach.get(field, -1))
        kept.append(hit)
    return kept


def _outside_names(words: Sequence[Hit], names: Sequence[Hit]) -> Iterator[Hit]:
    """Drop the events, noise and cues that are part of a name; topics and instruments in a name still count."""
    starts = [hit.start for hit in names]
    for hit in words:
        index = bisect_right(starts, hit.start) - 1
        inside = index >= 0 and hit.end <= names[index].end and hit.start >= names[index].start
        if not inside or hit.alias.concept.field not in _SWALLOWED_BY_NAMES:
            yield hit
