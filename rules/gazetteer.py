"""Turn the places, organisations and government bodies of a pack into concepts and the names they go by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rules.query import CONCEPT_FIELDS
from rules.spec import AmbiguousSpec, EntitySpec, GovernmentSpec, OrganisationSpec, PlaceSpec
from rules.terms import Alias, Concept, Context, is_name_case, names_of
from rules.text import fold


class Places:
    """Know which place contains which."""

    def __init__(self, places: Sequence[PlaceSpec], home: str) -> None:
        self._by_id = {place.id: place for place in places}
        self._home = home

    def __contains__(self, place: object) -> bool:
        return place in self._by_id

    def chain(self, place: str | None) -> tuple[str, ...]:
        """Give a place and all that contain it, then "home" or "elsewhere" (a place that contains home is neither)."""
        chain = self.parents(place)
        if self._home in chain:
            return (*chain, "home")
        contains_home = bool(chain) and chain[0] in self.parents(self._home)
        return chain if contains_home or not chain else (*chain, "elsewhere")

    def parents(self, place: str | None) -> tuple[str, ...]:
        """Give a place and the places that contain it, nothing else."""
        chain: list[str] = []
        while place in self._by_id and place not in chain:
            chain.append(place)
            place = self._by_id[place].parent
        return tuple(chain)

    def within(self, place: str) -> frozenset[str]:
        """Give a place and all places it contains."""
        return frozenset(each for each in self._by_id if place in self.parents(each))

    def kind(self, place: str) -> str:
        """Give what kind of place it is ("province", "city", …)."""
        return self._by_id[place].kind if place in self._by_id else ""

    def of_kind(self, place: str | None, kind: str) -> str | None:
        """Give the place of a kind that contains this one, if any."""
        return next((each for each in self.parents(place) if self.kind(each) == kind), None)


def place_concept(spec: PlaceSpec, places: Places) -> Concept:
    """Make the concept of a place."""
    keys = place_keys("place", spec.id, places.chain(spec.id))
    en, zh = names_of(spec.names)
    return Concept("place", spec.id, keys, spec.kind, spec.id, en or spec.id, zh or spec.id)


def organisation_concept(spec: OrganisationSpec, places: Places, topics: Sequence[str]) -> Concept:
    """Make the concept of an organisation, which also answers to the keys of the topics it stands for."""
    chain = places.chain(spec.place) or ("elsewhere",)
    keys = (*organisation_keys(spec.id, chain, spec.kind), *topics)
    en, zh = names_of(spec.names or _all_names(spec))
    return Concept("org", spec.id, keys, spec.kind, spec.place, en or spec.id, zh or spec.id)


def organisation_keys(own: str | None, chain: Sequence[str], kind: str) -> tuple[str, ...]:
    """Give the query keys of an organisation: as org:, and as company: or institution:."""
    narrower = "company" if kind == "company" else "institution"
    return (*place_keys("org", own, chain), *place_keys(narrower, own, chain))


def government_concept(spec: GovernmentSpec, places: Places) -> Concept:
    """Make the concept of a government body, which also names its place."""
    chain = places.chain(spec.place)
    keys = (*place_keys("gov", spec.id, chain), *place_keys("place", None, chain))
    en, zh = names_of(spec.names or spec.bare)
    return Concept("gov", spec.id, keys, spec.kind, spec.place, en or spec.id, zh or spec.id)


def place_keys(field: str, own: str | None, groups: Sequence[str]) -> tuple[str, ...]:
    """Give the query keys of an entity: its own, its places, any."""
    ids = [own] if own else []
    return tuple(dict.fromkeys(f"{field}:{key}" for key in (*ids, *groups, "*")))


def entity_aliases(spec: EntitySpec, concept: Concept) -> Iterator[Alias]:
    """Give every name an entity goes by."""
    for name in spec.names:
        yield Alias(concept, name, "name")
    for name in spec.as_written:
        yield Alias(concept, name, "name", as_written=True)
    for ambiguous in spec.ambiguous:
        yield from ambiguous_aliases(ambiguous, concept, name=True)
    if isinstance(spec, OrganisationSpec):
        for name in spec.products:
            yield Alias(concept, name, "name")
        # A garbled name proves nothing by itself: the firm must also be named properly.
        for name in spec.garbles:
            yield Alias(concept, name, "name", garbled=True)
    if isinstance(spec, GovernmentSpec):
        for name in spec.bare:
            yield Alias(concept, name, "name", dependent=True)


def ambiguous_aliases(spec: AmbiguousSpec, concept: Concept, *, name: bool) -> Iterator[Alias]:
    """Give the names that need their context."""
    context = Context(
        near=tuple(near_key(word) for word in spec.near),
        within=spec.within,
        not_after=tuple(fold(word).lower for word in spec.not_after),
        not_before=tuple(fold(word).lower for word in spec.not_before),
    )
    for word in spec.names:
        yield Alias(concept, word, "name" if name else is_name_case(word), context=context)


def near_key(word: str) -> str:
    """Give the key under which a context word is looked up: a concept stays itself, a word becomes a term."""
    return word if word.partition(":")[0] in CONCEPT_FIELDS else f"term:{fold(word).lower}"


def _all_names(spec: EntitySpec) -> tuple[str, ...]:
    """Give the ambiguous names of an entity that has no others."""
    return tuple(name for ambiguous in spec.ambiguous for name in ambiguous.names)
