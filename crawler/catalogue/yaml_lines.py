"""Load YAML and remember on which line every key stands, so that each error can say where.

Scalars are read as YAML 1.2 reads them: only `true` and `false` are booleans, `22:00` and `2026-01-01` are text.
YAML 1.1, PyYAML's default, would make 1320 of the first, and `False` of the language code `no`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from crawler.catalogue.complaints import first_errors
from crawler.catalogue.lines import Lines, Loc, dotted
from rules.yaml_nesting import SafeLoader, check_nesting
from state.errors import ConfigurationError

__all__ = ["Lines", "Loc", "dotted", "first_errors", "load_with_lines"]

MAX_NODES = 200_000
"""Keys and values of one file, aliases counted as often as they are used; more is a mistake or an attack."""

_SCALARS = (
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+0123456789.",
    ),
    ("tag:yaml.org,2002:merge", r"<<", "<"),
)


class _Loader(SafeLoader):  # type: ignore[misc]  # one of two classes
    """PyYAML's safe loader with the scalars of YAML 1.2's core schema."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own class attribute


for _tag, _pattern, _first in _SCALARS:
    _Loader.add_implicit_resolver(_tag, re.compile(f"(?:{_pattern})$"), list(_first))


def _integer(_: _Loader, node: yaml.ScalarNode) -> int:
    written = str(node.value)
    return int(written, {"0o": 8, "0x": 16}.get(written[:2], 10))


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)


def load_with_lines(text: str, file: str) -> tuple[Any, Lines]:
    """Load one YAML document.

    Args:
        text: The document.
        file: Its name, for messages.

    Returns:
        What it says, in plain dicts, lists and scalars (None where it is empty), and where each key stands.

    Raises:
        ConfigurationError: It is no YAML, repeats a key, refers to itself, or is absurdly large or deep.
    """
    try:
        check_nesting(text)
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None, Lines(file, {(): 1})
        numbers: dict[Loc, int] = {(): node.start_mark.line + 1}
        for loc, line in _walk(node, (), file, frozenset()):
            numbers[loc] = line
            if len(numbers) > MAX_NODES:
                raise ConfigurationError(f"more than {MAX_NODES} keys and values; split the file", where=file)
        return loader.construct_document(node), Lines(file, numbers)
    except yaml.YAMLError as error:
        raise _broken(error, file) from error
    except (RecursionError, ValueError) as error:
        raise ConfigurationError(f"this YAML cannot be used ({error}); simplify it", where=file) from error


def _walk(node: yaml.Node, loc: Loc, file: str, around: frozenset[int]) -> Iterator[tuple[Loc, int]]:
    if id(node) in around:
        raise ConfigurationError(
            "an anchor refers to itself; write the value out",
            where=f"{file}:{node.start_mark.line + 1}: {dotted(loc)}",
        )
    around |= {id(node)}
    if isinstance(node, yaml.MappingNode):
        yield from _walk_mapping(node, loc, file, around)
    elif isinstance(node, yaml.SequenceNode):
        for at, value in enumerate(node.value):
            yield (*loc, at), value.start_mark.line + 1
            yield from _walk(value, (*loc, at), file, around)


def _walk_mapping(
    node: yaml.MappingNode, loc: Loc, file: str, around: frozenset[int]
) -> Iterator[tuple[Loc, int]]:
    first: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        where = f"{file}:{line}: {dotted(loc)}".rstrip(": ")
        if not isinstance(key, yaml.ScalarNode):
            raise ConfigurationError("a key must be plain text; write `key: value`", where=where)
        if key.value in first:
            raise ConfigurationError(
                f'the key "{key.value}" stands twice in one place, first on line {first[key.value]}; '
                f"remove one of them",
                where=where,
            )
        first[key.value] = line
        yield (*loc, key.value), line
        yield from _walk(value, (*loc, key.value), file, around)


def _broken(error: yaml.YAMLError, file: str) -> ConfigurationError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or " ".join(str(error).split())[:200]
    where = f"{file}:{mark.line + 1}" if mark else file
    column = f" (column {mark.column + 1})" if mark else ""
    return ConfigurationError(
        f"this is not valid YAML{column}: {problem}; check the indentation, and quote text that holds `: ` or starts "
        f"with one of * & @ % {{ [",
        where=where,
    )
