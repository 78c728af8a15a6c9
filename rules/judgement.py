"""Judge what rules found in an article: what it announces, what it only mentions, and who announces it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rules.documents import Documents
from rules.evidence import evidence
from rules.policy import policy_facts
from rules.reading import Reading
from rules.rule import Rule
from rules.status import published_day, status_of
from rules.window import Firing, firings
from state.records import Evidence, Match, MatchStatus

MOST_EVIDENCE = 8
# Matches of this kind carry the identity of a document.
POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Hold the matches of an article, announcements first, and which rule gave way to which."""

    matches: tuple[Match, ...]
    yielded: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Hold one firing with what was made of it; `winner` is the rule that announces the item in its place."""

    rule: Rule
    firing: Firing
    status: MatchStatus
    reason: str
    winner: Rule | None = None

    @property
    def rank(self) -> tuple[bool, int]:
        """Order announcements: the headline first, then who stands first."""
        actor = self.firing.actor
        return not self.firing.in_title, actor.start if actor is not None else self.firing.start

    @property
    def repeats(self) -> bool:
        """Tell whether the winner says the same in a narrower way, so that nothing is left to say."""
        return self.winner is not None and self.winner.kind == self.rule.kind


def judge(candidates: Sequence[Rule], reading: Reading, documents: Documents, zone: str) -> Judgement:
    """Ask the rules of a reading, settle who announces what, and prove each match.

    Args:
        candidates: The rules to ask, in the order of the pack.
        reading: The article.
        documents: What is known from before.
        zone: The pack's time zone, in which a day begins.
    """
    day = published_day(reading.article, zone)
    verdicts = [
        verdict
        for number in range(len(reading.units))
        for verdict in _settled(list(_verdicts(candidates, reading, number, documents, day)))
    ]
    told = [verdict for verdict in verdicts if not verdict.repeats]
    heard = {verdict.rule.id for verdict in told}
    yielded = {
        verdict.rule.id: verdict.winner.id
        for verdict in verdicts
        if verdict.winner and verdict.rule.id not in heard
    }
    return Judgement(tuple(_matches(candidates, told, reading, documents)), yielded)


def _verdicts(
    candidates: Sequence[Rule], reading: Reading, number: int, documents: Documents, day: date | None
) -> Iterator[_Verdict]:
    """Judge the firings in one unit, each by itself."""
    for rule in candidates:
        for firing in firings(rule, reading, reading.units[number]):
            yield _Verdict(rule, firing, *status_of(firing, rule, reading, documents, day))


def _settled(verdicts: Sequence[_Verdict]) -> list[_Verdict]:
    """Settle the contests: an item announces what its first subject does, and mentions what else it holds."""
    winners: dict[str, Rule] = {}
    for verdict in sorted(verdicts, key=lambda verdict: verdict.rank):
        if verdict.status == "event" and verdict.rule.contest is not None:
            winners.setdefault(verdict.rule.contest, verdict.rule)
    settled: list[_Verdict] = []
    for verdict in verdicts:
        winner = winners.get(verdict.rule.contest or "")
        if verdict.status == "event" and winner is not None and winner is not verdict.rule:
            reason = f"{winner.id} announces this item"
            verdict = replace(verdict, status="mention", reason=reason, winner=winner)
        settled.append(verdict)
    return settled


def _matches(
    candidates: Sequence[Rule], verdicts: Sequence[_Verdict], reading: Reading, documents: Documents
) -> Iterator[Match]:
    """Gather the verdicts by rule, announcements first."""
    quoted: set[str] = set()
    for status in ("event", "mention"):
        for rule in candidates:
            own = [verdict for verdict in verdicts if verdict.rule is rule]
            if own and _status(own) == status:
                match = _match(rule, own, reading, documents, quoted)
                if match is not None:
                    yield match


def _match(
    rule: Rule, own: Sequence[_Verdict], reading: Reading, documents: Documents, quoted: set[str]
) -> Match | None:
    """Make the match of one rule, its best firing first; a rule of mentions adds what is not quoted yet."""
    status = _status(own)
    counted = sorted((each for each in own if each.status == status), key=lambda verdict: verdict.rank)
    proofs: dict[str, Evidence] = {}
    for verdict in counted:
        for proof in evidence(verdict.firing, reading):
            proofs.setdefault(proof.sentence, proof)
    if rule.status == "mention":
        proofs = {sentence: proof for sentence, proof in proofs.items() if sentence not in quoted}
        if not proofs:
            return None
    quoted.update(proofs)
    facts = policy_facts(counted[0].firing, reading, documents) if rule.kind == POLICY else {}
    places = _places_of_unlisted([verdict.firing for verdict in counted], reading)
    if places:
        facts["places"] = places
    quotes = tuple(proofs.values())[:MOST_EVIDENCE]
    return Match(rule.id, rule.kind, status, rule.severity, quotes, counted[0].reason, facts)


def _places_of_unlisted(fired: Sequence[Firing], reading: Reading) -> list[str]:
    """Give the places of the beat whose offices and firms, on no list themselves, stand where a rule fired.

    Listed ones, and places named by themselves, are the article's entities. These are not, because a story told in other
    words would seem to name somebody else.
    """
    places = {
        concept.place
        for hit in reading.hits
        if not (concept := hit.alias.concept).id
        and concept.place
        and f"{concept.field}:home" in concept.keys
        and any(firing.start <= hit.start and hit.end <= firing.end for firing in fired)
    }
    return sorted(places)


def _status(verdicts: Sequence[_Verdict]) -> MatchStatus:
    """Give what a rule makes of an article: an event if any of its firings is one."""
    return "event" if any(verdict.status == "event" for verdict in verdicts) else "mention"
