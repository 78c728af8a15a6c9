"""Cut an article into clauses, the unit in which copies are compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from crawler.stories.fold import fold, is_han

HEAD_LINES: Final = 6
TAIL_LINES: Final = 8
MAX_CLAUSES: Final = 500

_STOP: Final = re.compile(r"([。!?;、,:.—–\n])(?!(?<=[.,:–])[0-9a-z])")
"""Ends a clause; a point, comma or colon that a letter or digit follows is part of a number, a name or a time."""

_FULL_STOPS: Final = frozenset("。!?.\n")


@dataclass(frozen=True, slots=True)
class Clause:
    """Hold one clause: its folded words, its weight in letters and digits, its line and sentence."""

    text: str
    weight: int
    line: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Wording:
    """Hold the words of one article, folded and cut; each distinct clause stands once, so a doubled body counts once.

    `weight` is the sum of all clause weights; `prose` the lines that hold whole sentences, by number.
    """

    clauses: tuple[Clause, ...]
    weight: int
    prose: frozenset[int]
    han: bool

    @property
    def text(self) -> str:
        """Give letters and digits of all clauses in one run, as fingerprints need them."""
        return "".join(clause.text for clause in self.clauses).replace(" ", "")


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one folded line with its key, which is 0 in the middle of a text, where sites put no furniture."""

    text: str
    key: int


def lines_of(text: str) -> tuple[Line, ...]:
    """Fold a text and cut it into lines, naming those at head and tail by 63-bit hashes."""
    folded = [line for line in (part.strip() for part in fold(text).split("\n")) if line]
    tail = len(folded) - TAIL_LINES
    return tuple(
        Line(line, _key(line) if number < HEAD_LINES or number >= tail else 0)
        for number, line in enumerate(folded)
    )


def wording_of(title: str | None, lines: Sequence[Line], furniture: frozenset[int]) -> Wording:
    """Cut an article into clauses, leaving out the lines whose keys are known as furniture."""
    kept = [(number, line.text) for number, line in enumerate(lines) if line.key not in furniture]
    han = is_han("".join(text for _, text in kept) or title or "")
    clauses = tuple(_distinct(_clauses(kept)))[:MAX_CLAUSES]
    return Wording(
        clauses=clauses,
        weight=sum(clause.weight for clause in clauses),
        prose=frozenset(number for number, text in kept if _is_prose(text, han=han)),
        han=han,
    )


def _key(line: str) -> int:
    return (
        int.from_bytes(blake2b("".join(line.split()).encode("utf-8", "replace"), digest_size=8).digest()) >> 1
    )


def _clauses(lines: Sequence[tuple[int, str]]) -> Iterator[Clause]:
    sentence = 0
    for number, line in lines:
        parts = _STOP.split(line)
        for part, stop in zip(parts[::2], [*parts[1::2], "\n"], strict=True):
            text = " ".join(part.split())
            if text:
                yield Clause(text, len(text.replace(" ", "")), number, sentence)
            sentence += stop in _FULL_STOPS


def _distinct(clauses: Iterator[Clause]) -> Iterator[Clause]:
    seen: set[str] = set()
    for clause in clauses:
        if clause.text not in seen:
            seen.add(clause.text)
            yield clause


def _is_prose(line: str, *, han: bool) -> bool:
    return len(line) >= (30 if han else 100) or line.endswith(("。", ".", "!", "?"))
