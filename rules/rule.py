"""Hold a rule as it is evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rules.query import Leaf, Node
from state.records import Article, MatchStatus, Severity

WindowKind = Literal[
    "title", "lead", "lead_sentence", "top", "sentence", "sentences", "paragraph", "words", "article"
]


@dataclass(frozen=True, slots=True)
class Window:
    """Name the stretch of an item in which a query must hold; `size` counts its sentences or words."""

    kind: WindowKind
    size: int = 1


@dataclass(frozen=True, slots=True)
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
