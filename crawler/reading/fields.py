"""Find the table of an official page that says, label by label, what the document is, when and whose.

Cells, list items and paragraphs come as lines of their own, a label and then its value. Without its label a value
looks like text, so that both must leave the text together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.reading.credits import label_kind, value_fits
from crawler.reading.dates.printed import find_dates, narrow
from crawler.reading.dates.zone import UNKNOWN

_ORIGIN = frozenset({"date", "issuer", "source"})
_KNOWN = _ORIGIN | {"author", "field"}
# Labels nobody listed ("责任部门："): believed only among labels that we know.
_UNLISTED = re.compile(r"^[\u4e00-\u9fff]{2,8}\s*:$")
_MIN_KNOWN = 2
_MAX_ALONE = 20


@dataclass(frozen=True, slots=True)
class Field:
    """Hold a label and its value: the lines `at` and `at + 1`."""

    at: int
    kind: str
    label: str
    value: str

    @property
    def text(self) -> str:
        """Give both as one line."""
        return f"{self.label.rstrip(':： ')}: {self.value}"


def find_fields(lines: Sequence[str]) -> list[Field]:
    """Find the labels with their values among `lines`, where a run of them or a dated value proves that they are such."""
    found: list[Field] = []
    run: list[Field] = []
    at = 0
    while at < len(lines):
        kind = _kind(lines[at])
        field = _field(lines, at, kind) if kind else None
        if kind is None:
            found += _proved(run)
            run = []
        if field is not None:
            run.append(field)
        at += 1 if field is None else 2
    return found + _proved(run)


def take_fields(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Sort `lines` into fields, each with its label in one line, and all others."""
    fields = find_fields(lines)
    taken = {at for field in fields for at in (field.at, field.at + 1)}
    return [field.text for field in fields], [line for at, line in enumerate(lines) if at not in taken]


def _kind(line: str) -> str | None:
    return label_kind(line) or ("unlisted" if _UNLISTED.match(narrow(line).strip()) else None)


def _field(lines: Sequence[str], at: int, kind: str) -> Field | None:
    if at + 1 >= len(lines) or kind not in _KNOWN | {"unlisted"}:
        return None
    label, value = lines[at].strip(), lines[at + 1].strip()
    if _kind(value) is not None or not value_fits(kind, value):
        return None
    return Field(at, kind, label, value)


def _proved(run: Sequence[Field]) -> list[Field]:
    """Give the run where it has two labels we know, one of them of origin, else those that prove themselves."""
    known = [field for field in run if field.kind in _KNOWN]
    if len(known) >= _MIN_KNOWN and any(field.kind in _ORIGIN for field in known):
        return list(run)
    return [field for field in known if _stands_alone(field)]


def _stands_alone(field: Field) -> bool:
    if field.kind == "date":
        return bool(find_dates(field.value, UNKNOWN))
    return field.kind in _ORIGIN and field.label[-1] in ":：" and len(field.value) <= _MAX_ALONE
