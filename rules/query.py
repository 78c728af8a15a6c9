"""Read the query language (Lucene syntax, through luqum) into a small tree of our own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import re2
from luqum import tree as lucene
from luqum.exceptions import ParseError
from luqum.parser import parser

from rules.text import fold

CONCEPT_FIELDS = (
    "place",
    "org",
    "company",
    "institution",
    "gov",
    "topic",
    "instrument",
    "event",
    "noise",
    "cue",
)
SCOPES = ("title", "lead", "top", "body", "item")
FACT_FIELDS = ("source", "lang")
LONGEST_QUERY = 8_000
DEEPEST_QUERY = 40
LONGEST_REGEX = 500
# Instructions of RE2's program; beyond it even linear time is felt on a long text ("a{1000}").
LARGEST_REGEX = 500
MOST_REGEX_MEMORY = 4 << 20
_POSITION = re.compile(r"position (\d+)")
_UNESCAPE = re.compile(r"\\(.)")


class QueryError(ValueError):
    """Report a query that cannot be used; `position` counts characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Leaf:
    """Ask for one key: a concept ("topic:ai"), a word of the rule ("term:robot dog") or a regex ("regex:…")."""

    key: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Ask for something true of the whole article: its source id or language, `*` standing for any ending."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Ask for every part."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Ask for at least one part."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Ask that a part be absent."""

    part: Node


@dataclass(frozen=True, slots=True)
class Inside:
    """Ask for a part in another window than the rule's own: title, lead, top, body or whole item."""

    scope: str
    part: Node


Node = Leaf | Fact | AllOf | AnyOf | Without | Inside
Complaint = Callable[[str], str | None]


def parse_query(text: str, complaint: Complaint) -> Node:
    """Parse one query.

    Args:
        text: Lucene syntax: phrases, AND, OR, NOT, brackets, fields, `/regexes/`, a trailing `*`.
        complaint: Says what is wrong with a concept key ("topic:ia"), or None where the pack has it.

    Raises:
        QueryError: With the position of what cannot be used.
    """
    if len(text) > LONGEST_QUERY:
        raise QueryError(
            f"the query has {len(text)} characters; at most {LONGEST_QUERY} are read", LONGEST_QUERY
        )
    if _depth(text) > DEEPEST_QUERY:
        raise QueryError(f"more than {DEEPEST_QUERY} brackets are nested", 0)
    try:
        parsed = parser.parse(text)
    except ParseError as error:
        raise QueryError(*_syntax_error(text, str(error))) from error
    node = _Reader(complaint).read(parsed, "")
    if not any(isinstance(part, Leaf) for part in positive(node)):
        raise QueryError("the query only excludes; name at least one thing to look for", 0)
    return node


def _depth(text: str) -> int:
    """Give how deep brackets nest."""
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    return deepest


def _syntax_error(text: str, message: str) -> tuple[str, int]:
    """Turn luqum's message into ours, with a position also where it only says "at the end"."""
    found = _POSITION.search(message)
    position = int(found.group(1)) if found else len(text)
    if found is None:
        missing = text.count("(") - text.count(")")
        hint = "a closing bracket is missing" if missing > 0 else "something is missing after the last word"
        return f"the query ends too early: {hint}", position
    rest = text[position : position + 12]
    if rest.startswith('"'):
        return "this quotation mark is never closed", position
    if rest.startswith("/"):
        return "this regex is never closed with /", position
    return f"{rest!r} cannot stand here", position


class _Reader:
    """Walk luqum's tree; one method for each kind of node, positions kept for messages."""

    def __init__(self, complaint: Complaint) -> None:
        self._complaint = complaint

    def read(self, node: Any, field: str) -> Node:
        """Read one node; `field` is the concept field that encloses it, if any."""
        match node:
            case lucene.AndOperation():
                return AllOf(tuple(self.read(child, field) for child in node.children))
            case lucene.OrOperation():
                return AnyOf(tuple(self.read(child, field) for child in node.children))
            case lucene.Not() | lucene.Prohibit():
                return Without(self.read(node.children[0], field))
            case lucene.Plus() | lucene.BaseGroup():
                return self.read(node.children[0], field)
            case lucene.SearchField():
                return self._field(node, field)
            case lucene.Word() | lucene.Phrase() | lucene.Regex():
                return self._leaf(node, field)
            case lucene.UnknownOperation():
                raise QueryError("write AND or OR between these", _position(node.children[1]))
            case _:
                raise QueryError(
                    f"{str(node).strip()!r}: ranges, ^boosts and ~fuzzy terms are not supported",
                    _position(node),
                )

    def _field(self, node: Any, field: str) -> Node:
        """Read `name:…`: a window, a concept or a fact of the article."""
        name, child = node.name, node.children[0]
        if field:
            raise QueryError(f"{name}: cannot stand inside {field}:", _position(node))
        if name in SCOPES:
            return Inside(name, self.read(child, ""))
        if name in (*CONCEPT_FIELDS, *FACT_FIELDS):
            return self.read(child, name)
        known = ", ".join((*SCOPES, *CONCEPT_FIELDS, *FACT_FIELDS))
        raise QueryError(f"unknown field {name!r}; known are {known}", _position(node))

    def _leaf(self, node: Any, field: str) -> Node:
        """Read one word, phrase or regex."""
        if isinstance(node, lucene.Regex):
            return self._regex(node, field)
        quoted = isinstance(node, lucene.Phrase)
        value = _UNESCAPE.sub(r"\1", node.value[1:-1] if quoted else node.value)
        if field in FACT_FIELDS:
            return Fact(field, value)
        if field:
            wrong = self._complaint(f"{field}:{value}")
            if wrong:
                raise QueryError(wrong, _position(node))
            return Leaf(f"{field}:{value}")
        return self._term(node, value, quoted=quoted)

    def _term(self, node: Any, value: str, *, quoted: bool) -> Leaf:
        """Read a word or phrase of the rule itself."""
        if not quoted and value in {"&&", "||", "!"}:
            raise QueryError(
                f"write {({'&&': 'AND', '||': 'OR', '!': 'NOT'})[value]}, not {value}", _position(node)
            )
        prefix = not quoted and value.endswith("*")
        folded = fold(value.removesuffix("*") if prefix else value).lower.strip()
        if "*" in folded and not quoted:
            raise QueryError("* can only end a word", _position(node))
        if not folded:
            raise QueryError("an empty term matches nothing", _position(node))
        return Leaf(f"term:{folded}*" if prefix else f"term:{folded}", prefix)

    def _regex(self, node: Any, field: str) -> Leaf:
        """Read `/…/`, which must be a regex of RE2: no look-around, no back-reference, linear time."""
        if field:
            raise QueryError(f"a regex cannot stand inside {field}:", _position(node))
        pattern = node.value[1:-1].replace("\\/", "/")
        if len(pattern) > LONGEST_REGEX:
            raise QueryError(f"a regex may have {LONGEST_REGEX} characters", _position(node))
        try:
            compiled = compile_regex(pattern)
        except re2.error as error:
            reason = error.args[0].decode() if isinstance(error.args[0], bytes) else error
            raise QueryError(f"not a regex of RE2: {reason}", _position(node)) from error
        if compiled.programsize > LARGEST_REGEX:
            raise QueryError("this regex is too large once its repetitions are counted out", _position(node))
        if compiled.search("") is not None:
            raise QueryError("this regex matches nothing at all; it would match everywhere", _position(node))
        return Leaf(f"regex:{pattern}")


def _position(node: Any) -> int:
    """Give where a node stands; luqum leaves it out for some."""
    return int(node.pos) if node.pos is not None else 0


def compile_regex(pattern: str) -> Any:
    """Compile a regex of a rule: RE2, any case, bounded memory, matched on folded text."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = MOST_REGEX_MEMORY
    # Only where it matches is asked; capturing would keep RE2 from its fast automaton.
    options.never_capture = True
    return re2.compile(fold(pattern).plain, options)


def any_of(patterns: Sequence[str], *, ignore_case: bool = False) -> Any:
    """Compile several regexes of a pack as one."""
    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    return re2.compile("|".join(f"(?:{pattern})" for pattern in patterns), options)


def conjuncts(node: Node) -> Iterator[Node]:
    """Give the parts that must all hold."""
    if isinstance(node, AllOf):
        for part in node.parts:
            yield from conjuncts(part)
    else:
        yield node


def parts_of(node: Node) -> Iterator[tuple[Leaf, ...]]:
    """Give the things a query asks for together, each as its alternatives; what it excludes is left out."""
    match node:
        case AllOf():
            for part in node.parts:
                yield from parts_of(part)
        case Inside():
            yield from parts_of(node.part)
        case AnyOf() | Leaf():
            yield tuple(positive(node))


def leaves(node: Node) -> Iterator[Leaf]:
    """Give every leaf, the excluded ones too."""
    match node:
        case Leaf():
            yield node
        case AllOf() | AnyOf():
            for part in node.parts:
                yield from leaves(part)
        case Without() | Inside():
            yield from leaves(node.part)


def positive(node: Node) -> Iterator[Leaf]:
    """Give the leaves that can be found, without the excluded ones."""
    match node:
        case Leaf():
            yield node
        case AllOf() | AnyOf():
            for part in node.parts:
                yield from positive(part)
        case Inside():
            yield from positive(node.part)
