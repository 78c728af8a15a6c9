"""Collect what identifies a policy from the item that announces it, as plain JSON values."""

from __future__ import annotations

from typing import Any

from rules.documents import Documents
from rules.reading import Reading
from rules.status import known_document
from rules.window import Firing, holds

_MOST_TITLES = 20


def policy_facts(firing: Firing, reading: Reading, documents: Documents) -> dict[str, Any]:
    """Give number, title, issuer, stage and dates of the policy a firing is about; what is not said is None."""
    start, end = firing.unit.span
    text = reading.text
    plain = text.folded.plain
    top = plain[start:end]
    known = known_document(firing, reading, documents)
    return {
        "document_number": _number(firing, reading, documents),
        "policy_title": _title(firing, reading, documents),
        "issuer": _issuer(firing, reading),
        "stage": _stage(firing, reading, documents),
        "signed": _date(documents.signed, top),
        "effective": _date(documents.effective, top),
        "known_document": None if known is None else known.id,
    }


def _number(firing: Firing, reading: Reading, documents: Documents) -> str | None:
    """Give the document number nearest after the beginning: the document's own stands before those it cites."""
    for start, end in ((firing.start, firing.end), firing.unit.span):
        if documents.number is None:
            return None
        found = documents.number.search(reading.text.folded.plain[start:end])
        if found is not None:
            return reading.text.original(start + found.start(), start + found.end())
    return None


def _title(firing: Firing, reading: Reading, documents: Documents) -> str | None:
    """Give the title in 《》, from the sentence that fired or from the item."""
    for start, end in ((firing.start, firing.end), firing.unit.span):
        if documents.title is None:
            return None
        found = documents.title.search(reading.text.folded.plain[start:end])
        if found is not None:
            group = 1 if documents.title.groups else 0
            return reading.text.original(start + found.start(group), start + found.end(group))
    return None


def _issuer(firing: Firing, reading: Reading) -> str | None:
    """Give the first government body named where the rule fired, else in the item."""
    for span in ((firing.start, firing.end), firing.unit.span):
        bodies = reading.find("gov:*", *span)
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
