"""Hold a rule as it is evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rules.query import AllOf, AnyOf, Fact, Inside, Leaf, Node, Without, conjuncts
from state.records import Article, MatchStatus, Severity

WindowKind = Literal[
    "title", "lead", "lead_sentence", "top", "sentence", "sentences", "paragraph", "words", "article"
]


@dataclass(frozen=True, slots=True)
class Window:
    """Name the stretch of an item in which a query must hold; `size` counts its sentences or words."""

    kind: WindowKind
    size: int = 1


@dataclass(frozen=True)
class Way:
    """Describe one way for a rule to fire.

    Where `actor` is given, one of its leaves must stand in the window, with no leaf of `rivals` before it; where
    `action` is given too, one of its leaves must follow the actor within `reach` Latin characters (a Han character
    counts as two and a third). `at_least` asks for more than one hit of a leaf.
    """

    window: Window
    query: Node
    actor: tuple[Leaf, ...] = ()
    action: tuple[Leaf, ...] = ()
    rivals: tuple[Leaf, ...] = ()
    reach: int = 70
    at_least: tuple[tuple[Leaf, int], ...] = ()

    @cached_property
    def steady(self) -> tuple[Node, ...]:
        """Give the parts of the query that ask elsewhere than in the window: they hold in all of an item or nowhere."""
        return tuple(part for part in conjuncts(self.query) if _asks_elsewhere(part))

    @cached_property
    def moving(self) -> tuple[Node, ...]:
        """Give the parts of the query that are asked of each window."""
        return tuple(part for part in conjuncts(self.query) if not _asks_elsewhere(part))


def _asks_elsewhere(node: Node) -> bool:
    """Tell whether every leaf of a node has a scope of its own, or is a fact of the article."""
    match node:
        case Inside() | Fact():
            return True
        case AllOf() | AnyOf():
            return all(_asks_elsewhere(part) for part in node.parts)
        case Without():
            return _asks_elsewhere(node.part)
        case _:
            return False


@dataclass(frozen=True, slots=True)
class Example:
    """Prove a rule with one text: it must alert, stay quiet, or be no more than a mention."""

    wanted: Literal["alert", "quiet", "mention"]
    article: Article


@dataclass(frozen=True, slots=True)
class Rule:
    """Hold a stored question.

    `unless` is asked of the whole item, `recalls` of the sentence that fired. Of the rules of one `contest` only the
    first to announce an item does so; the others mention it.
    """

    id: str
    name_en: str
    name_zh: str
    kind: str
    severity: Severity
    ways: tuple[Way, ...]
    status: MatchStatus = "event"
    unless: Node | None = None
    recalls: Node | None = None
    past_years: Literal["mention", "allow"] = "mention"
    contest: str | None = None
    enabled: bool = True
    examples: tuple[Example, ...] = ()
    where: str = ""
