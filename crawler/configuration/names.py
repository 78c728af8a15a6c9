"""Know the names that subscriptions and mutes may use, and tell which one a misspelt name may have meant."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from rapidfuzz import process

from rules.pack import Pack
from state.records import Source

_ONES = {
    "rules": "rule",
    "sources": "source",
    "places": "place",
    "organisations": "organisation",
    "subscriptions": "subscription",
    "destinations": "destination",
}
_LISTED = {"rules", "sources", "subscriptions"}


class Named(Protocol):
    """Hold what gives names: a configuration."""

    @property
    def pack(self) -> Pack:
        """Give the pack."""
        ...

    @property
    def sources(self) -> Mapping[str, Source]:
        """Give the sources by id."""
        ...


def known_names(configuration: Named) -> dict[str, Collection[str]]:
    """Give what the keys of a subscription may name; government bodies count as organisations."""
    pack = configuration.pack
    return {
        "rules": {rule.id for rule in pack.rules},
        "sources": configuration.sources.keys(),
        "places": pack.vocabulary.ids("place"),
        "organisations": pack.vocabulary.ids("org", "gov"),
    }


def complaint(name: str, known: Collection[str], key: str) -> str:
    """Say that a name is unknown, and which of the known ones comes closest; `key` is plural, as in the configuration."""
    close = process.extractOne(name, sorted(known), score_cutoff=60)
    if close is not None:
        remedy = f'did you mean "{close[0]}"?'
    elif key in _LISTED:
        remedy = f"`yuewatch {key} list` shows what there is"
    elif key == "destinations":
        remedy = "add it under destinations: or correct the name"
    else:
        remedy = (
            f"the pack knows {len(known)}: {', '.join(sorted(known)[:8])}{', …' if len(known) > 8 else ''}"
        )
    return f"there is no {_ONES[key]} {name!r}; {remedy}"
