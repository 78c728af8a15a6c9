"""Know every concept that the queries of a pack can ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from rules.query import CONCEPT_FIELDS
from rules.terms import Concept

# What a field is called with the name of a place or group: {} stands for it.
_ENTITIES = {
    "place": ("a place {}", "{}地名"),
    "org": ("an organisation {}", "{}机构"),
    "company": ("a company {}", "{}企业"),
    "institution": ("an institution {}", "{}院所"),
    "gov": ("a government body {}", "{}政府部门"),
}
_ANY = {
    "place": ("any place", "任何地名"),
    "org": ("any organisation", "任何机构"),
    "company": ("any company", "任何企业"),
    "institution": ("any institution", "任何院所"),
    "gov": ("any government body", "任何政府部门"),
    "topic": ("any topic", "任何主题"),
    "instrument": ("any kind of policy paper", "任何文种"),
    "event": ("any event", "任何动作"),
    "noise": ("any kind of noise", "任何干扰内容"),
    "cue": ("any cue", "任何提示语"),
}
_GROUPS = {
    "home": ("of the beat", "本地"),
    "elsewhere": ("from elsewhere", "外地"),
    "unlisted": ("not listed by name", "未收录"),
}


class Vocabulary:
    """Hold the concepts by key, and tell what is wrong with a key that is not among them."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self._concepts: dict[str, Concept] = {}
        self._keys = {
            f"{field}:{group}"
            for field in ("org", "company", "institution", "gov")
            for group in ("home", "elsewhere", "unlisted")
        }
        self._keys |= {f"{field}:*" for field in CONCEPT_FIELDS}
        for concept in concepts:
            self._concepts[concept.key] = concept
            self._keys.update(concept.keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def complaint(self, key: str) -> str | None:
        """Say that a key is unknown and which it may have meant, or None where it is known."""
        if key in self._keys:
            return None
        field = key.partition(":")[0]
        same_field = [known for known in self._keys if known.startswith(f"{field}:")]
        close = get_close_matches(key, same_field, n=3, cutoff=0.5)
        hint = f"; did you mean {', '.join(close)}?" if close else ""
        return f"the pack has no concept {key!r}{hint}"

    def ids(self, *fields: str) -> frozenset[str]:
        """Give the ids of all concepts of some fields, such as the organisations ("org") of the pack."""
        return frozenset(concept.id for concept in self._concepts.values() if concept.field in fields)

    def bodies_of(self, places: Collection[str]) -> frozenset[str]:
        """Give the ids of the government bodies of some places; naming one of them names its place."""
        return frozenset(
            concept.id
            for concept in self._concepts.values()
            if concept.field == "gov" and concept.place in places
        )

    def names(self, key: str) -> tuple[str, str]:
        """Give what a concept key is called in English and Chinese."""
        field, _, own = key.partition(":")
        if own == "*":
            return _ANY[field]
        concept = self._concepts.get(key)
        if concept is not None and (field != "place" or own not in _GROUPS):
            return concept.en, concept.zh
        place = self._concepts.get(f"place:{own}")
        en, zh = (f"of {place.en}", place.zh) if place is not None else _GROUPS.get(own, (own, own))
        pattern_en, pattern_zh = _ENTITIES.get(field, ("{}", "{}"))
        return pattern_en.format(en), pattern_zh.format(zh)
