"""Find organisations and government bodies on no list, which a place and a description name together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rules.gazetteer import Places, organisation_keys, place_keys
from rules.query import any_of
from rules.reading import Joined
from rules.spec import ComputedSpec, NeighbourSpec
from rules.terms import Alias, Concept, Hit

# How far a description reaches from its place, in characters.
LONGEST_DESCRIPTION = 70


class Computed:
    """Know the descriptions of a pack ("Shenzhen-based X", 深圳一家机器人企业, the Guangdong Department of X)."""

    def __init__(self, places: Places, spec: ComputedSpec) -> None:
        self._places = places
        self._company = _Neighbours(spec.company)
        self._government = _Neighbours(spec.government)

    def find(self, names: Sequence[Hit], text: Joined) -> Iterator[Hit]:
        """Give what is described around the places among some names, unless it holds a listed name of its kind."""
        listed = [hit for hit in names if hit.alias.concept.field in {"org", "gov"}]
        for hit in names:
            place = hit.alias.concept.place
            if hit.alias.concept.field != "place" or place is None:
                continue
            for neighbours, alias in ((self._company, self._firm_of), (self._government, self._office_of)):
                for start, end in neighbours.around(hit, text):
                    if not any(other.start < end and start < other.end for other in listed):
                        yield Hit(start, end, alias(place))

    def _firm_of(self, place: str) -> Alias:
        """Give the alias of an unlisted company of a place."""
        keys = organisation_keys("unlisted", self._places.chain(place), "company")
        return Alias(Concept("org", "", keys, "company", place), "")

    def _office_of(self, place: str) -> Alias:
        """Give the alias of an unlisted government body of a place, which also names the place."""
        chain = self._places.chain(place)
        keys = (*place_keys("gov", "unlisted", chain), *place_keys("place", None, chain))
        return Alias(Concept("gov", "", keys, "government", place), "")


class _Neighbours:
    """Match what may follow or precede a place name."""

    def __init__(self, spec: NeighbourSpec) -> None:
        self._after = any_of(spec.after) if spec.after else None
        self._before = any_of([f"(?:{pattern})\\z" for pattern in spec.before]) if spec.before else None

    def around(self, hit: Hit, text: Joined) -> Iterator[tuple[int, int]]:
        """Give the spans of a place with its description; bytes are matched, which RE2 counts in."""
        plain = text.folded.plain
        following = plain[hit.end : hit.end + LONGEST_DESCRIPTION].encode()
        found = _match(self._after, following, "match")
        if found is not None:
            yield hit.start, hit.end + len(following[: found.end()].decode())
        preceding = plain[max(0, hit.start - LONGEST_DESCRIPTION) : hit.start].encode()
        found = _match(self._before, preceding, "search")
        if found is not None:
            yield hit.start - len(preceding[found.start() :].decode()), hit.end


def _match(pattern: Any, text: bytes, how: str) -> Any:
    """Match or search with a regex that may be absent."""
    if pattern is None:
        return None
    ask: Callable[[bytes], Any] = getattr(pattern, how)
    return ask(text)
