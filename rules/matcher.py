"""Match articles against the rules of a pack; built once, asked for every article."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rules.evidence import evidence
from rules.layout import Layout
from rules.pack import Pack
from rules.policy import policy_facts
from rules.query import AllOf, AnyOf, Inside, Leaf, Node, compile_regex, leaves
from rules.reading import Reading, join
from rules.resolution import NAMES, Resolution
from rules.rule import Rule
from rules.silence import Silence, silence
from rules.status import published_day, status_of
from rules.terms import Alias, Automaton, Concept
from rules.window import Firing, firings
from state.records import Article, Entity, Evidence, Match, MatchStatus, Source

MOST_EVIDENCE = 8


@dataclass(frozen=True)
class Findings:
    """Hold what the rules found in one article. `silences` is worked out when it is asked for."""

    entities: tuple[Entity, ...]
    matches: tuple[Match, ...]
    explain: Callable[[], tuple[Silence, ...]] = field(repr=False, compare=False)

    @cached_property
    def silences(self) -> tuple[Silence, ...]:
        """Say for each rule that has no match which condition failed; a mention says so in its own reason."""
        return self.explain()


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Hold one firing with what was made of it."""

    rule: Rule
    firing: Firing
    status: MatchStatus
    reason: str

    @property
    def rank(self) -> tuple[bool, int]:
        """Order announcements: the headline first, then who stands first."""
        actor = self.firing.actor
        return not self.firing.in_title, actor.start if actor is not None else self.firing.start


class Matcher:
    """Read articles with the rules of a pack, or with `rules` in their place (for tests and backtests)."""

    def __init__(self, pack: Pack, rules: Sequence[Rule] | None = None) -> None:
        self._pack = pack
        self._rules = tuple(rule for rule in (pack.rules if rules is None else rules) if rule.enabled)
        asked = list(_asked(self._rules, pack))
        self._wanted = frozenset(leaf.key for leaf in asked) | {"gov:*"}
        self._regexes = {
            leaf.key: compile_regex(leaf.key.removeprefix("regex:"))
            for leaf in asked
            if leaf.key.startswith("regex:")
        }
        terms = {leaf.key: leaf for leaf in asked if leaf.key.startswith("term:")}
        aliases = [*pack.aliases, *(_term_alias(leaf) for leaf in terms.values())]
        self._automaton = Automaton(aliases)
        self._layout = Layout(pack.reading)
        near = frozenset(key for alias in pack.aliases if alias.context for key in alias.context.near)
        self._resolution = Resolution(pack.places, pack.computed, pack.reading.former, near)
        self._by_anchor, self._always = _filed(self._rules, aliases)

    def read(self, article: Article, source: Source | None = None) -> Findings:
        """Find entities and matches in one article; a missing title and an empty text are fine."""
        reading = self._reading(article, source)
        present = reading.index(self._wanted)
        numbers = {number for key in present for number in self._by_anchor.get(key, ())}
        candidates = [self._rules[number] for number in sorted({*numbers, *self._always})]
        matches = tuple(self._matches(candidates, reading))

        def explain() -> tuple[Silence, ...]:
            heard = {match.rule for match in matches}
            return tuple(
                silence(rule, reading, self._pack.vocabulary) for rule in self._rules if rule.id not in heard
            )

        return Findings(tuple(_entities(reading)), matches, explain)

    def _reading(self, article: Article, source: Source | None) -> Reading:
        """Fold, cut and name."""
        text = join(article)
        units, blanks = self._layout.read(text)
        raw = self._automaton.find(text.folded, text.original)
        places = source.places if source is not None else ()
        hits = self._resolution.resolve(raw, text, units, blanks, places)
        return Reading(article, text, units, hits, self._regexes)

    def _matches(self, candidates: Sequence[Rule], reading: Reading) -> Iterator[Match]:
        """Judge every firing, and gather them by rule."""
        verdicts = [
            verdict
            for number in range(len(reading.units))
            for verdict in self._verdicts(candidates, reading, number)
        ]
        quoted: set[str] = set()
        for status in ("event", "mention"):
            for rule in candidates:
                own = [verdict for verdict in verdicts if verdict.rule is rule]
                if own and _status(own) == status:
                    match = self._match(rule, own, reading, quoted)
                    if match is not None:
                        yield match

    def _verdicts(self, candidates: Sequence[Rule], reading: Reading, number: int) -> list[_Verdict]:
        """Judge the firings in one unit."""
        unit = reading.units[number]
        day = published_day(reading.article, self._pack.zone)
        verdicts = [
            _Verdict(rule, firing, *status_of(firing, rule, reading, self._pack.documents, day))
            for rule in candidates
            for firing in firings(rule, reading, unit)
        ]
        return _settled(verdicts)

    def _match(self, rule: Rule, own: Sequence[_Verdict], reading: Reading, quoted: set[str]) -> Match | None:
        """Make the match of one rule from its firings, best first; a rule of mentions adds what is not quoted yet."""
        status = _status(own)
        counted = sorted(
            (verdict for verdict in own if verdict.status == status), key=lambda verdict: verdict.rank
        )
        proofs: dict[str, Evidence] = {}
        for verdict in counted:
            for proof in evidence(verdict.firing, reading):
                proofs.setdefault(proof.sentence, proof)
        if rule.status == "mention":
            proofs = {sentence: proof for sentence, proof in proofs.items() if sentence not in quoted}
            if not proofs:
                return None
        quoted.update(proofs)
        facts = (
            policy_facts(counted[0].firing, reading, self._pack.documents) if rule.kind == "policy" else {}
        )
        quotes = tuple(proofs.values())[:MOST_EVIDENCE]
        return Match(rule.id, rule.kind, status, rule.severity, quotes, counted[0].reason, facts)


def _status(verdicts: Sequence[_Verdict]) -> MatchStatus:
    """Give what a rule makes of an article: an event if any of its firings is one."""
    return "event" if any(verdict.status == "event" for verdict in verdicts) else "mention"


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
            settled.append(
                _Verdict(verdict.rule, verdict.firing, "mention", f"the item is announced by {winner.id}")
            )
        else:
            settled.append(verdict)
    return settled


def failing_examples(pack: Pack) -> tuple[str, ...]:
    """Run the examples of every rule through the whole pack, and say in words which do not come out as written."""
    matcher = Matcher(pack)
    failures: list[str] = []
    for rule in pack.rules:
        if not rule.enabled:
            continue
        for number, example in enumerate(rule.examples, 1):
            findings = matcher.read(example.article)
            status = next((match.status for match in findings.matches if match.rule == rule.id), None)
            wanted = {"alert": "event", "mention": "mention"}.get(example.wanted)
            if (example.wanted == "quiet" and status != "event") or status == wanted:
                continue
            text = example.article.title or example.article.text
            said = {"event": "it alerts", "mention": "it is only a mention", None: "it stays silent"}[status]
            reasons: list[Match | Silence] = [*findings.matches, *findings.silences]
            why = next((each.reason for each in reasons if each.rule == rule.id), "")
            failures.append(
                f"rule {rule.id}, example {number} ({example.wanted}): {said}: {text[:60]!r} {why}".rstrip()
            )
    return tuple(failures)


def _asked(rules: Sequence[Rule], pack: Pack) -> Iterator[Leaf]:
    """Give every leaf that any query asks for."""
    for rule in rules:
        for way in rule.ways:
            yield from leaves(way.query)
            yield from (*way.actor, *way.action, *way.rivals, *(leaf for leaf, _ in way.at_least))
        for node in (rule.unless, rule.recalls):
            if node is not None:
                yield from leaves(node)
    for stage in pack.documents.stages:
        yield from leaves(stage.query)


def _term_alias(leaf: Leaf) -> Alias:
    """Make the alias of a word that a rule itself asks for."""
    text = leaf.key.removeprefix("term:")
    text = text[:-1] if leaf.prefix else text
    return Alias(Concept("term", leaf.key, (leaf.key,)), text, prefix=leaf.prefix)


def _filed(rules: Sequence[Rule], aliases: Sequence[Alias]) -> tuple[dict[str, list[int]], list[int]]:
    """File each rule under the rarest thing it cannot fire without, so that few rules are asked of an article.

    Rules that need nothing but a regex are asked of every article.
    """
    size: dict[str, int] = {}
    for alias in aliases:
        for key in alias.concept.keys:
            size[key] = size.get(key, 0) + 1
    filed: dict[str, list[int]] = {}
    always: list[int] = []
    for number, rule in enumerate(rules):
        anchors = [_anchor(way.query, size) for way in rule.ways]
        if any(anchor is None for anchor in anchors):
            always.append(number)
            continue
        for key in {key for anchor in anchors if anchor is not None for key in anchor}:
            filed.setdefault(key, []).append(number)
    return filed, always


def _anchor(node: Node, size: dict[str, int]) -> frozenset[str] | None:
    """Give keys of which one must be there for a query to hold, the fewest names together; None where there are none."""
    match node:
        case Leaf():
            return None if node.key.startswith("regex:") else frozenset({node.key})
        case AllOf():
            anchors = [anchor for part in node.parts if (anchor := _anchor(part, size)) is not None]
            return min(anchors, key=lambda anchor: sum(size.get(key, 0) for key in anchor), default=None)
        case AnyOf():
            parts = [_anchor(part, size) for part in node.parts]
            if any(part is None for part in parts):
                return None
            return frozenset().union(*(part for part in parts if part is not None))
        case Inside():
            return _anchor(node.part, size)
        case _:
            return None


def _entities(reading: Reading) -> Iterator[Entity]:
    """Give the places, organisations and government bodies of the beat named in the text."""
    base = reading.text.base
    for hit in reading.hits:
        concept = hit.alias.concept
        if concept.field not in NAMES or not concept.id or hit.start < base:
            continue
        if concept.field != "gov" and f"{concept.field}:home" not in concept.keys:
            continue
        start, end = reading.text.origin(hit.start, hit.end)
        yield Entity(concept.id, concept.kind, reading.text.original(hit.start, hit.end), start, end)
