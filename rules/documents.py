"""Identify a policy: its number, title, issuer, stage and dates, and whether it is known from before."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import re2

from rules.located import Located
from rules.query import Node
from rules.rule_reader import RuleReader
from rules.spec import DocumentsSpec, KnownDocumentSpec
from rules.text import fold

_YEARS_AND_BRACKETS = re.compile(r"\d{4}|[()\[\]-]|年")


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """Hold a document that was published before; `day` is the last it can have been published on."""

    id: str
    day: date
    number: str | None
    titles: tuple[str, ...]
    bare_titles: tuple[str, ...]
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """Hold a stage in the life of a policy and the query that tells it."""

    id: str
    query: Node


@dataclass(frozen=True, slots=True)
class Issuer:
    """Pair the opening of document numbers with the body that uses it.

    `home` tells whether it is of the beat. `places` are the body's and those around it, of which it may be the news; of
    a city in a province it is not, for no province numbers a city's papers.
    """

    prefix: str
    id: str
    home: bool
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Documents:
    """Hold how documents of a beat are numbered, titled and dated, and those that are known; regexes are RE2's.

    `headline` tells a headline that is itself the title of a paper. `citing` and `announcing` stand before the number or
    title of a paper and make it one that is rested on, or the item's own.
    """

    number: Any = None
    title: Any = None
    signed: tuple[Any, ...] = ()
    effective: tuple[Any, ...] = ()
    stages: tuple[Stage, ...] = ()
    known: tuple[KnownDocument, ...] = ()
    headline: Any = None
    issuers: tuple[Issuer, ...] = ()
    citing: Any = None
    announcing: Any = None

    def issuer(self, number: str) -> tuple[int, Issuer | None]:
        """Find whose prefix opens a folded document number, and where: words may stand before it unseparated.

        Of several the first, and of those the longest.
        """
        fitting = [(number.find(issuer.prefix), -len(issuer.prefix), issuer) for issuer in self.issuers]
        fitting = [each for each in fitting if each[0] >= 0]
        if not fitting:
            return 0, None
        start, _, issuer = min(fitting, key=lambda each: each[:2])
        return start, issuer


def read_documents(
    spec: DocumentsSpec, issuers: Iterable[Issuer], queries: RuleReader, file: Located
) -> Documents:
    """Build the documents section; `issuers` says who issues which numbers.

    Raises:
        RuleError: For a regex or query that cannot be used.
    """

    def compiled(pattern: str, *path: str | int) -> Any:
        options = re2.Options()
        options.log_errors = False
        try:
            return re2.compile(pattern, options) if pattern else None
        except re2.error as error:
            raise file.complain(f"not a regex of RE2: {error}", ("documents", *path)) from error

    stages = []
    for number, stage in enumerate(spec.stages):
        query = queries.query(stage.query, ("documents", "stages", number, "query"))
        assert query is not None
        stages.append(Stage(stage.id, query))
    return Documents(
        number=compiled(spec.number, "number"),
        title=compiled(spec.title, "title"),
        signed=tuple(compiled(pattern, "signed", index) for index, pattern in enumerate(spec.signed)),
        effective=tuple(
            compiled(pattern, "effective", index) for index, pattern in enumerate(spec.effective)
        ),
        stages=tuple(stages),
        known=tuple(_known(each) for each in spec.known),
        headline=compiled(spec.headline, "headline"),
        issuers=tuple(issuers),
        citing=compiled(spec.citing, "citing"),
        announcing=compiled(spec.announcing, "announcing"),
    )


def _known(spec: KnownDocumentSpec) -> KnownDocument:
    """Build a known document, its number and marks folded as texts are."""
    number = None if spec.number is None else fold(spec.number).plain
    marks = tuple(fold(mark).lower for mark in spec.marks)
    bare = tuple(map(bare_title, spec.titles))
    return KnownDocument(spec.id, _last_day(spec.date), number, spec.titles, bare, marks)


def bare_title(title: str) -> str:
    """Reduce a title to what tells it from others: years and brackets say little."""
    return _YEARS_AND_BRACKETS.sub("", fold(title).lower).strip()


def _last_day(written: str) -> date:
    """Give the last day that "2024", "2024-12" or "2024-12-03" can mean."""
    parts = [int(part) for part in written.split("-")]
    year = parts[0]
    month = parts[1] if len(parts) > 1 else 12
    return date(year, month, parts[2] if len(parts) > 2 else monthrange(year, month)[1])
