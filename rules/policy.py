"""Collect what identifies a policy from the item that announces it, as plain JSON values."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from rules.documents import Documents
from rules.papers import MOST_NAMED, own_numbers, own_spans, standing
from rules.reading import Reading
from rules.status import known_document
from rules.window import Firing, Span, holds


def policy_facts(firing: Firing, reading: Reading, documents: Documents) -> dict[str, Any]:
    """Give number, title, issuer, stage and dates of the policy a firing is about; what is not said is None."""
    start, end = firing.unit.span
    plain = reading.text.folded.plain[start:end]
    known = known_document(firing, reading, documents)
    number, issuer = _number(firing, reading, documents)
    return {
        "document_number": number,
        "policy_title": _title(firing, reading, documents),
        "issuer": issuer or _issuer(firing, reading),
        "stage": _stage(firing, reading, documents),
        "signed": _date(documents.signed, plain),
        "effective": _date(documents.effective, plain),
        "known_document": None if known is None else known.id,
    }


def _number(firing: Firing, reading: Reading, documents: Documents) -> tuple[str | None, str | None]:
    """Give the document's own number and who issues such numbers."""
    for (start, end), issuer in own_numbers(firing, reading, documents, own_spans(firing)):
        return reading.text.original(start, end), issuer
    return None, None


def _title(firing: Firing, reading: Reading, documents: Documents) -> str | None:
    """Give the title of the paper: one that is said to be issued, else one that is not cited, else a headline that is one."""
    named = list(_titles(firing, reading, documents))
    for wanted in ("announced", "named"):
        for how, (start, end) in named:
            if how == wanted:
                return reading.text.original(start, end)
    title = firing.unit.title
    if title is not None and documents.headline is not None:
        headline = reading.text.folded.plain[title.start : title.end]
        if documents.headline.search(headline) is not None:
            return reading.text.original(title.start, title.end)
    return None


def _titles(firing: Firing, reading: Reading, documents: Documents) -> Iterator[tuple[str, Span]]:
    """Give the titles named where the rule fired, in the headline and in the lead, with how each is spoken of."""
    if documents.title is None:
        return
    plain = reading.text.folded.plain
    headline = firing.unit.title
    for start, end in own_spans(firing):
        for found in islice(documents.title.finditer(plain[start:end]), MOST_NAMED):
            group = next(
                (number for number in range(1, documents.title.groups + 1) if found.group(number)), 0
            )
            how = standing(documents, plain, start, start + found.start())
            if how == "named" and headline is not None and start == headline.start:
                how = "announced"
            yield how, (start + found.start(group), start + found.end(group))


def _issuer(firing: Firing, reading: Reading) -> str | None:
    """Give the first government body named where the rule fired, else in the item."""
    for span in ((firing.start, firing.end), firing.unit.span):
        bodies = reading.find("gov:home", *span) or reading.find("gov:*", *span)
        if bodies:
            return bodies[0].alias.concept.id
    return None


def _stage(firing: Firing, reading: Reading, documents: Documents) -> str | None:
    """Give the stage of the policy: the first whose query holds in the headline or where the rule fired."""
    spans = [(firing.start, firing.end)]
    if firing.unit.title is not None:
        spans.insert(0, (firing.unit.title.start, firing.unit.title.end))
    for span in spans:
        for stage in documents.stages:
            if holds(stage.query, reading, firing.unit, span):
                return stage.id
    return None


def _date(patterns: tuple[Any, ...], plain: str) -> str | None:
    """Give a day as ISO 8601 from the first regex that finds year, month and day."""
    for pattern in patterns:
        found = pattern.search(plain)
        if found is not None:
            year, month, day = (int(part) for part in found.groups()[:3])
            if 1 <= month <= 12 and 1 <= day <= 31:
                return f"{year:04}-{month:02}-{day:02}"
    return None
