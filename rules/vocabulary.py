"""Know every concept that the queries of a pack can ask for."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from rules.query import CONCEPT_FIELDS
from rules.terms import Concept

_GROUPS = {
    "home": ("here", "本地"),
    "elsewhere": ("elsewhere", "外地"),
    "unlisted": ("not in the gazetteer", "名录之外"),
    "*": ("any", "任意"),
}
_FIELD_NAMES = {
    "place": ("place", "地名"),
    "org": ("organisation", "机构或企业"),
    "company": ("company", "企业"),
    "institution": ("institution", "机构"),
    "gov": ("government body", "政府部门"),
    "topic": ("topic", "主题"),
    "instrument": ("instrument", "文种"),
    "event": ("event", "动作"),
    "noise": ("noise", "干扰"),
    "cue": ("cue", "提示语"),
}


class Vocabulary:
    """Hold the concepts by key, and tell what is wrong with a key that is not among them."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self._concepts: dict[str, Concept] = {}
        self._keys = {
            f"{field}:{group}"
            for field in ("org", "company", "institution")
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

    def names(self, key: str) -> tuple[str, str]:
        """Give what a concept key is called in English and Chinese."""
        field, _, own = key.partition(":")
        concept = self._concepts.get(key)
        if concept is not None:
            return concept.en, concept.zh
        place = self._concepts.get(f"place:{own}")
        en, zh = (place.en, place.zh) if place else _GROUPS.get(own, (own, own))
        field_en, field_zh = _FIELD_NAMES.get(field, (field, field))
        return f"{field_en} {en}" if own != "*" else f"any {field_en}", f"{zh}{field_zh}"
