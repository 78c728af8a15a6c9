"""Put pydantic's errors into words a person can act on: `file:line: key: what is wrong; remedy`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process

from crawler.catalogue.lines import Lines, Loc, dotted

_CLOSE = 60
_SECRET = re.compile(r"pass|secret|token|key|credential", re.IGNORECASE)
_REMEDIES = {
    "string_type": "write text; quote it if it looks like a number",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "float_parsing": "write a number",
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "list_type": "write a list: [a, b] or one `- item` a line",
    "tuple_type": "write a list: [a, b] or one `- item` a line",
    "dict_type": "write a mapping: `key: value`",
    "model_type": "write a mapping: `key: value`",
    "model_attributes_type": "write a mapping: `key: value`",
}


def first_errors(
    error: ValidationError, lines: Lines, file: str, *, model: type[BaseModel] | None = None, at: Loc = ()
) -> tuple[str, ...]:
    """Give one line for each thing that is wrong.

    Args:
        error: What pydantic raised.
        lines: The lines of the file that was validated.
        file: Its name.
        model: The model that was validated; with it, unknown keys get a suggestion.
        at: Where in the file the validated part stands.
    """
    return tuple(_line(one, lines, file, model, at) for one in error.errors(include_url=False))


def _line(one: ErrorDetails, lines: Lines, file: str, model: type[BaseModel] | None, at: Loc) -> str:
    loc = one["loc"]
    known = _names(model, loc[:-1]) if model is not None else ()
    line, key = lines.line((*at, *loc)), _key(loc, lines, at)
    return f"{file}:{line}: {key}: {_words(one, known)}" if key else f"{file}:{line}: {_words(one, known)}"


def _key(loc: Loc, lines: Lines, at: Loc) -> str:
    """Name the key as the file has it, without the union members pydantic puts into its paths."""
    path: list[int | str] = []
    for number, step in enumerate(loc):
        last = number == len(loc) - 1
        if (*at, *path, step) in lines.numbers or (last and isinstance(step, str)):
            path.append(step)
    return dotted(tuple(path))


def _words(one: ErrorDetails, known: tuple[str, ...]) -> str:
    kind, given, context = one["type"], one.get("input"), one.get("ctx", {})
    name = str(one["loc"][-1]) if one["loc"] else ""
    if kind == "extra_forbidden":
        return f"unknown key{_suggestion(name, known)}"
    if kind == "missing":
        return "is missing; add it"
    if kind in ("literal_error", "enum"):
        allowed = tuple(re.findall(r"'([^']*)'", str(context.get("expected", ""))))
        return f"{_shown(name, given)} is not one of {', '.join(allowed)}{_suggestion(str(given), allowed, short=True)}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", one["msg"]))
    said = one["msg"][:1].lower() + one["msg"][1:]
    return f"{_shown(name, given)} does not fit ({said}); {_REMEDIES.get(kind, 'correct it')}"


def _suggestion(name: str, known: tuple[str, ...], *, short: bool = False) -> str:
    close = process.extractOne(name, known, score_cutoff=_CLOSE)
    if close is not None:
        return f'; did you mean "{close[0]}"?'
    return (
        "; choose one" if short else f"; known here: {', '.join(sorted(known))}" if known else "; remove it"
    )


def _shown(name: str, given: Any) -> str:
    if _SECRET.search(name):
        return "this value"
    if isinstance(given, (dict, list)):
        return "a mapping" if isinstance(given, dict) else "a list"
    shown = repr(given)
    return shown if len(shown) <= 60 else f"{shown[:60]}…"


def _names(model: type[BaseModel], loc: Loc) -> tuple[str, ...]:
    """Collect the keys allowed at `loc`, following fields, their aliases, lists, mappings and unions."""
    models = [model]
    for step in loc:
        inner = [found for one in models for found in _step(one, step)]
        # A step that is no field is an index, a mapping's key or a union member's name: it stays where it is.
        models = inner or models
    return tuple({field.alias or name for one in models for name, field in one.model_fields.items()})


def _step(model: type[BaseModel], step: int | str) -> Iterator[type[BaseModel]]:
    for name, field in model.model_fields.items():
        if step in (name, field.alias):
            yield from _models(field.annotation)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
