"""Compare what yuewatch made of the newsroom with what its articles say they should become."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from crawler.demo.newsroom import Published
from crawler.leads.address import canonical_key


class Sent(NamedTuple):
    """Name one alert: the story it tells of, the kind of its rule, and who was told."""

    story_id: str
    kind: str
    subscription: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """Hold where yuewatch and the newsroom's ground truth agree, and each place where they do not, by story name.

    `unread` are articles that reached no story, `trespassed` those that did although robots.txt forbids them.
    `split` are stories that became several, `merged` groups of stories that became one. `missed` owed an alert and
    gave none, `unwanted` owed none and gave one (or one of another kind), `repeated` told somebody the same twice.
    `astray` are alerts that were sent although muted, or neither sent nor held although to be sent.
    """

    articles: int
    stories: int
    owed: int
    unread: tuple[str, ...] = ()
    trespassed: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    merged: tuple[tuple[str, ...], ...] = ()
    missed: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    astray: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Tell whether nothing disagrees."""
        return not any(
            (
                *(self.unread, self.trespassed, self.split, self.merged),
                *(self.missed, self.unwanted, self.repeated, self.astray),
            )
        )


def compare(shown: Iterable[Published], story_of: Mapping[str, str], alerts: Iterable[Sent]) -> Agreement:
    """Compare stories and alerts with the ground truth.

    A report that corroborates another story may alert or not, and its alert counts for both: a new stage of a policy is
    told once, by whoever reports it first.

    Args:
        shown: The articles on show, each under all its addresses.
        story_of: The story id of each article that was read, by canonical URL.
        alerts: The alerts that were made, in any order.
    """
    shown = tuple(shown)
    expected = {article.truth.story: article.truth for article in shown if article.truth.relation == "lead"}
    shelves = _shelve(shown, story_of)
    told = _told(alerts, shelves.holds)
    owing = [name for name, truth in expected.items() if truth.alert != "none"]
    reports = defaultdict(list)
    for name, truth in expected.items():
        reports[truth.corroborates].append(name)
    missed = [
        name
        for name in owing
        if expected[name].corroborates is None
        and not any(
            sent.kind == expected[name].alert for heard in (name, *reports[name]) for sent in told[heard]
        )
    ]
    unwanted = [
        name for name, truth in expected.items() if any(sent.kind != truth.alert for sent in told[name])
    ]
    return Agreement(
        articles=len(shown),
        stories=len(expected),
        owed=len(owing),
        unread=tuple(sorted(shelves.unread)),
        trespassed=tuple(sorted(shelves.trespassed)),
        split=tuple(sorted(name for name, ids in shelves.placed.items() if len(ids) > 1)),
        merged=tuple(sorted(tuple(sorted(names)) for names in shelves.holds.values() if len(names) > 1)),
        missed=tuple(sorted(missed)),
        unwanted=tuple(sorted(unwanted)),
        repeated=tuple(sorted(name for name in expected if _told_twice(told[name]))),
    )


@dataclass(frozen=True, slots=True)
class _Shelves:
    """Hold where articles went: story ids by the name of the true story, and the reverse."""

    placed: dict[str, set[str]]
    holds: dict[str, set[str]]
    unread: list[str]
    trespassed: list[str]


def _shelve(shown: Iterable[Published], story_of: Mapping[str, str]) -> _Shelves:
    shelves = _Shelves(defaultdict(set), defaultdict(set), [], [])
    for article in shown:
        story_id = story_of.get(canonical_key(article.url))
        if story_id is None:
            if not article.manuscript.forbidden:
                shelves.unread.append(article.id)
            continue
        if article.manuscript.forbidden:
            shelves.trespassed.append(article.id)
        shelves.placed[article.truth.story].add(story_id)
        shelves.holds[story_id].add(article.truth.story)
    return shelves


def _told(alerts: Iterable[Sent], holds: Mapping[str, set[str]]) -> dict[str, list[Sent]]:
    """Give the alerts of each story by its name; an alert of merged stories counts for all of them."""
    told: dict[str, list[Sent]] = defaultdict(list)
    for sent in alerts:
        for name in holds.get(sent.story_id, ()):
            told[name].append(sent)
    return told


def _told_twice(alerts: Iterable[Sent]) -> bool:
    pairs = [(sent.kind, sent.subscription) for sent in alerts]
    return len(pairs) != len(set(pairs))
