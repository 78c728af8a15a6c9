"""Build rules from their YAML, with column-exact errors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time

from rules.located import Located
from rules.query import AllOf, AnyOf, Leaf, Node, QueryError, parse_query
from rules.rule import Example, Rule, Way, Window
from rules.spec import ExampleSpec, RuleSpec, WaySpec
from rules.vocabulary import Vocabulary
from rules.window import LEAD
from state.records import Article, Published

Path = tuple[str | int, ...]


class RuleReader:
    """Build the rules of one file; `vocabulary` says which concepts a query may ask for."""

    def __init__(self, vocabulary: Vocabulary, file: Located) -> None:
        self._vocabulary = vocabulary
        self._file = file

    def rule(self, spec: RuleSpec, path: Path) -> Rule:
        """Build one rule.

        Raises:
            RuleError: For a query that does not parse, asks for an unknown concept, or is missing.
        """
        if (spec.query is None) == (not spec.ways):
            raise self._file.complain("a rule has either one query or a list of ways", path)
        if spec.status == "event" and not spec.examples.alert:
            raise self._file.complain(
                "a rule needs at least one example that must alert", (*path, "examples")
            )
        if spec.query is not None:
            way = WaySpec(query=spec.query, window=spec.window)
            ways: tuple[Way, ...] = (self._way(way, path),)
        else:
            ways = tuple(self._way(way, (*path, "ways", number)) for number, way in enumerate(spec.ways))
        return Rule(
            id=spec.id,
            name_en=spec.name.get("en", spec.id),
            name_zh=spec.name.get("zh", spec.name.get("en", spec.id)),
            kind=spec.kind,
            severity=spec.severity,
            ways=ways,
            status=spec.status,
            unless=self.query(spec.unless, (*path, "unless")),
            recalls=self.query(spec.recalls, (*path, "recalls")),
            past_years=spec.past_years,
            contest=spec.contest,
            enabled=spec.enabled,
            examples=tuple(self._examples(spec, path)),
        )

    def query(self, text: str | None, path: Path) -> Node | None:
        """Parse a query that may be absent."""
        return None if text is None else self._parse(text, path)

    def _parse(self, text: str, path: Path) -> Node:
        try:
            return parse_query(text, self._vocabulary.complaint)
        except QueryError as error:
            raise self._file.complain(str(error), path, error.position) from error

    def _way(self, spec: WaySpec, path: Path) -> Way:
        """Build one way to fire."""
        kind, _, size = spec.window.partition(":")
        default = LEAD if kind in {"lead", "top"} else 1
        if spec.action is not None and spec.actor is None:
            raise self._file.complain("an action needs an actor that stands before it", (*path, "action"))
        if spec.rivals is not None and spec.actor is None:
            raise self._file.complain(
                "rivals need an actor that they must not stand before", (*path, "rivals")
            )
        return Way(
            window=Window(kind, int(size) if size else default),  # type: ignore[arg-type]  # the model's pattern allows no other kinds
            query=self._parse(spec.query, (*path, "query")),
            actor=self._any(spec.actor, (*path, "actor")),
            action=self._any(spec.action, (*path, "action")),
            rivals=self._any(spec.rivals, (*path, "rivals")),
            reach=spec.reach,
            at_least=tuple(
                (leaf, count)
                for text, count in spec.at_least.items()
                for leaf in self._any(text, (*path, "at_least", text))
            ),
        )

    def _any(self, text: str | None, path: Path) -> tuple[Leaf, ...]:
        """Parse a list of alternatives: concepts or words joined by OR."""
        if text is None:
            return ()
        node = self._parse(text, path)
        parts: Sequence[Node] = node.parts if isinstance(node, AnyOf) else (node,)
        if isinstance(node, AllOf) or not all(isinstance(part, Leaf) for part in parts):
            raise self._file.complain("only concepts or words joined by OR can stand here", path)
        return tuple(part for part in parts if isinstance(part, Leaf))

    def _examples(self, spec: RuleSpec, path: Path) -> list[Example]:
        """Build the texts that prove a rule."""
        examples: list[Example] = []
        for wanted in ("alert", "quiet", "mention"):
            for number, example in enumerate(getattr(spec.examples, wanted)):
                where = (*path, "examples", wanted, number)
                examples.append(Example(wanted, self._article(example, where)))
        return examples

    def _article(self, example: str | ExampleSpec, path: Path) -> Article:
        """Make an article of an example; of a plain string the first line is the title."""
        if isinstance(example, str):
            title, _, text = example.strip().partition("\n")
            example = ExampleSpec(title=title, text=text)
        if example.published is not None:
            try:
                day = datetime.combine(datetime.fromisoformat(example.published).date(), time(), UTC)
            except ValueError as error:
                raise self._file.complain("a date is written 2025-03-09", (*path, "published")) from error
            published = Published(day.date().isoformat(), "day", "example")
        else:
            published = Published()
        return Article("example:", example.title, example.text, example.lang, published)
