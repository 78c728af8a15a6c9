"""Match articles against the rules of a pack; built once, asked for every article."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from rules.filing import Filing
from rules.judgement import judge
from rules.layout import Layout
from rules.pack import Pack
from rules.query import Leaf, compile_regex, leaves
from rules.reading import Joined, Reading, join
from rules.resolution import NAMES, Resolution
from rules.rule import Rule
from rules.silence import Silence, silence
from rules.terms import Alias, Automaton, Concept, Hit
from state.records import Article, Entity, Match, Source


@dataclass(frozen=True)
class Findings:
    """Hold what the rules found in one article, announcements first. `silences` is worked out when it is asked for.

    `entities` are those of the beat, in the text; `others` are places and organisations elsewhere, in the headline too:
    there `start` and `end` count in headline, line break and text.
    """

    entities: tuple[Entity, ...]
    others: tuple[Entity, ...]
    matches: tuple[Match, ...]
    explain: Callable[[], tuple[Silence, ...]] = field(repr=False, compare=False)

    @cached_property
    def silences(self) -> tuple[Silence, ...]:
        """Say for each rule that has no match which condition failed; a mention says so in its own reason."""
        return self.explain()


class Matcher:
    """Read articles with the rules of a pack, or with `rules` in their place (for tests and backtests)."""

    def __init__(self, pack: Pack, rules: Sequence[Rule] | None = None) -> None:
        self._pack = pack
        self._rules = tuple(rule for rule in (pack.rules if rules is None else rules) if rule.enabled)
        asked = {leaf.key: leaf for leaf in _asked(self._rules, pack)}
        self._wanted = frozenset(asked) | {"gov:*", "gov:home"}
        self._regexes = {
            key: compile_regex(key.removeprefix("regex:")) for key in asked if key.startswith("regex:")
        }
        terms = [_term_alias(leaf) for key, leaf in asked.items() if key.startswith("term:")]
        aliases = [*pack.aliases, *terms]
        self._automaton = Automaton(aliases)
        self._layout = Layout(pack.reading)
        near = frozenset(key for alias in pack.aliases if alias.context for key in alias.context.near)
        self._resolution = Resolution(pack.places, pack.computed, pack.reading.former, near)
        self._filing = Filing(self._rules, aliases)

    def read(self, article: Article, source: Source | None = None) -> Findings:
        """Find entities and matches in one article; a missing title and an empty text are fine."""
        reading = self._reading(article, source)
        candidates = self._filing.candidates(reading.index(self._wanted))
        judgement = judge(candidates, reading, self._pack.documents, self._pack.zone)

        def explain() -> tuple[Silence, ...]:
            heard = {match.rule for match in judgement.matches}
            return tuple(
                Silence(rule.id, f"{judgement.yielded[rule.id]} announces this item")
                if rule.id in judgement.yielded
                else silence(rule, reading, self._pack.vocabulary)
                for rule in self._rules
                if rule.id not in heard
            )

        return Findings(tuple(_entities(reading)), tuple(_others(reading)), judgement.matches, explain)

    def _reading(self, article: Article, source: Source | None) -> Reading:
        """Fold, cut and name."""
        text = join(article)
        units, blanks = self._layout.read(text)
        raw = self._automaton.find(text.folded, text.original)
        places = source.places if source is not None else ()
        hits = self._resolution.resolve(raw, text, units, blanks, places)
        return Reading(article, text, units, hits, self._regexes)


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
                f"rule {rule.id}, example {number} ({example.wanted}): {said}: {text[:60]!r}: {why}"
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


def _entities(reading: Reading) -> Iterator[Entity]:
    """Give the places and organisations of the beat, and any government body, named in the text."""
    for hit in reading.hits:
        if hit.start >= reading.text.base and _is_of_the_beat(hit) is True:
            yield _entity(hit, reading.text)


def _others(reading: Reading) -> Iterator[Entity]:
    """Give the places and organisations elsewhere, which tell what an article is about all the same."""
    body = len(reading.text.title_text) + 1
    for hit in reading.hits:
        if _is_of_the_beat(hit) is False:
            found = _entity(hit, reading.text)
            shift = body if hit.start >= reading.text.base else 0
            yield replace(found, start=found.start + shift, end=found.end + shift)


def _is_of_the_beat(hit: Hit) -> bool | None:
    """Tell whether a hit names something of the beat, something elsewhere, or (None) nothing in the gazetteer."""
    concept = hit.alias.concept
    if concept.field not in NAMES or not concept.id:
        return None
    return concept.field == "gov" or f"{concept.field}:home" in concept.keys


def _entity(hit: Hit, text: Joined) -> Entity:
    concept = hit.alias.concept
    start, end = text.origin(hit.start, hit.end)
    return Entity(concept.id, concept.kind, text.original(hit.start, hit.end), start, end)
