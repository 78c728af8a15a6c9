"""Say who wants to hear of what: the frozen form of one entry of `subscriptions:`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from alerts.timing import AT_ONCE, Timing
from state.records import Article, Match, MatchStatus, Severity, Source

Lang = Literal["en", "zh"]
Update = Literal["stage", "lead"]
Names = frozenset[str]

EVERYTHING: Names = frozenset()
"""An empty set of names lets everything through."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Name what one subscription asks for and where it goes; an empty set asks for everything of its kind.

    `lang` is the language of labels; headlines and quotations stay in their own. `updates` names what is told again of
    a story: a new stage of its policy, a much better source.
    """

    id: str
    name: str = ""
    rules: Names = EVERYTHING
    kinds: Names = EVERYTHING
    statuses: frozenset[MatchStatus] = frozenset({"event"})
    severities: frozenset[Severity] = frozenset()
    sources: Names = EVERYTHING
    languages: Names = EVERYTHING
    places: Names = EVERYTHING
    organisations: Names = EVERYTHING
    destinations: tuple[str, ...] = ()
    lang: Lang = "en"
    timing: Timing = AT_ONCE
    updates: frozenset[Update] = frozenset({"stage"})

    def asks_for(self, match: Match, article: Article, source: Source | None) -> bool:
        """Tell whether this subscription asks for `match`, found in `article`."""
        entities = {entity.id for entity in article.entities}
        places = {*entities, *(source.places if source else ()), *match.facts.get("places", ())}
        return (
            self._asks_for_match(match)
            and self._asks_for_article(article, source)
            and _lets_through(self.places, places)
            and _lets_through(self.organisations, entities)
        )

    def _asks_for_match(self, match: Match) -> bool:
        return (
            _lets_through(self.rules, {match.rule})
            and _lets_through(self.kinds, {match.kind})
            and _lets_through(self.statuses, {match.status})
            and _lets_through(self.severities, {match.severity})
        )

    def _asks_for_article(self, article: Article, source: Source | None) -> bool:
        source_id = source.id if source else article.source_id
        return _lets_through(self.sources, {source_id} if source_id else set()) and _lets_through(
            self.languages, {(article.lang or "").split("-")[0].lower()}
        )


def _lets_through(wanted: frozenset[str], found: set[str]) -> bool:
    return not wanted or not wanted.isdisjoint(found)
