"""Find every term of every rule in one pass over folded text (Aho and Corasick, 1975)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from rules.text import Folded, fold, is_han

Case = Literal["any", "name", "upper"]

# A page that says one name ten thousand times says nothing more after the first few hundred.
MOST_HITS_OF_ONE_TERM = 100
_SEPARATORS = ("-", " ", "")


@dataclass(frozen=True, slots=True)
class Concept:
    """Name one thing that a query can ask for: a place, an organisation, a topic, a word of the rule itself.

    `keys` are the query keys it answers to, its own first and then those of its groups
    ("org:tencent", "org:shenzhen", "org:guangdong", "org:home", "org:*"). `kind` is what an entity is called in
    output; `place` is where it belongs.
    """

    field: str
    id: str
    keys: tuple[str, ...]
    kind: str = ""
    place: str | None = None
    en: str = ""
    zh: str = ""

    @property
    def key(self) -> str:
        """Give the query key of this concept alone."""
        return self.keys[0]


@dataclass(frozen=True, slots=True)
class Context:
    """Say what an ambiguous name needs: one of `near` in the item or sentence, and no bad neighbour.

    `near` holds query keys. `after` and `before` are words that must not stand just before and just after it; they are
    folded and lower case.
    """

    near: tuple[str, ...] = ()
    within: Literal["item", "sentence"] = "item"
    not_after: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alias:
    """Write one concept one way.

    `case` "name" accepts the letters as written, or all capitals where there are five or more; "upper" only as
    written. `as_written` also refuses the traditional or other variants that the fold would accept.
    `garbled` names count only where the concept is also named properly. `dependent` names mean the concept only where its place was named before ("省工信厅", "the province").
    """

    concept: Concept
    text: str
    case: Case = "any"
    prefix: bool = False
    as_written: bool = False
    context: Context | None = None
    dependent: bool = False
    garbled: bool = False


class Hit(NamedTuple):
    """Point at one alias found in folded text."""

    start: int
    end: int
    alias: Alias

    @property
    def concept(self) -> Concept:
        """Give the concept that was named."""
        return self.alias.concept


class Automaton:
    """Find the aliases it was built with; built once, read for every article."""

    def __init__(self, aliases: Iterable[Alias]) -> None:
        by_pattern: dict[str, list[tuple[Alias, str]]] = {}
        for alias in aliases:
            wanted = "" if alias.case == "any" else _letters(fold(alias.text).plain)
            for pattern in dict.fromkeys(_patterns(alias)):
                by_pattern.setdefault(pattern, []).append((alias, wanted))
        self._aliases = list(by_pattern.values())
        # The contiguous NFA builds in a third of the DFA's time and memory and is nearly as fast on short texts.
        self._found = AhoCorasick(list(by_pattern), implementation=Implementation.ContiguousNFA)

    def find(self, folded: Folded, original: Callable[[int, int], str]) -> Iterator[Hit]:
        """Give the hits whose case and word boundaries are right, in no order.

        `original` gives the text as written behind a folded span.
        """
        seen: dict[int, int] = {}
        lower = folded.lower
        size = len(lower)
        for pattern, start, end in self._found.find_matches_as_indexes(lower, overlapping=True):
            count = seen.get(pattern, 0)
            if count >= MOST_HITS_OF_ONE_TERM:
                continue
            seen[pattern] = count + 1
            if start and _latin(lower[start]) and _latin(lower[start - 1]):
                continue
            whole = end == size or _word_ends(lower, end)
            for alias, wanted in self._aliases[pattern]:
                if not (whole or alias.prefix):
                    continue
                if wanted and not _case_fits(alias.case, folded.plain[start:end], wanted):
                    continue
                if alias.as_written and original(start, end) != alias.text:
                    continue
                yield Hit(start, end, alias)


def _letters(text: str) -> str:
    """Keep the letters of a name; case is judged on them, separators may differ."""
    return "".join(filter(str.isalpha, text))


def _case_fits(case: Case, surface: str, wanted: str) -> bool:
    """Check the case of a name or abbreviation."""
    letters = _letters(surface)
    return letters == wanted or (case == "name" and len(letters) >= 5 and letters.isupper())


def _latin(character: str) -> bool:
    """Tell whether a character is an ASCII letter or digit, which binds to its neighbours as a word."""
    return character.isascii() and character.isalnum()


def _word_ends(lower: str, end: int) -> bool:
    """Tell whether a term ends as a word at `end`, a plural or possessive ending allowed."""
    if not _latin(lower[end - 1]) or not _latin(lower[end]):
        return True
    if lower[end] not in "es":
        return False
    return any(
        lower.startswith(ending, end) and not _latin(lower[end + len(ending) : end + len(ending) + 1] or " ")
        for ending in ("s", "es")
    )


def _patterns(alias: Alias) -> Iterator[str]:
    """Give the folded forms an alias is searched as: Latin names also with other separators between their parts."""
    lower = fold(alias.text).lower
    yield lower
    if alias.case == "name" and lower.isascii():
        parts = lower.replace("-", " ").split()
        if 1 < len(parts) <= 4:
            for separator in _SEPARATORS:
                yield separator.join(parts)
    elif (
        alias.case == "any"
        and lower.isascii()
        and len(lower) > 3
        and lower[-1] == "y"
        and lower[-2] not in "aeiou"
    ):
        yield lower[:-1] + "ies"


def is_name_case(word: str) -> Case:
    """Say how the case of a lexicon word is matched: abbreviations (AI, IPO) only as written, the rest in any case."""
    letters = "".join(filter(str.isalpha, word))
    return "upper" if letters.isascii() and letters.isupper() else "any"


def names_of(words: Sequence[str]) -> tuple[str, str]:
    """Pick the first Latin and the first Han name of a list, for display."""
    latin = next((word for word in words if not any(map(is_han, word))), "")
    han = next((word for word in words if any(map(is_han, word))), "")
    return latin or han, han or latin
