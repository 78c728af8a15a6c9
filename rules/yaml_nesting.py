"""Bound how deep a YAML file nests, before anything is built from it: PyYAML's composers recurse, the C one to a crash."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

DEEPEST = 30
"""Levels of lists and mappings in one file; what people write has about eight."""
SafeLoader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where it is there, as it is in the wheels: ten times as fast."""


def bounded_events(text: str) -> Iterator[yaml.Event]:
    """Give the parsing events of a YAML text, none of which builds anything.

    Raises:
        yaml.MarkedYAMLError: It is no YAML, or nests deeper than `DEEPEST` levels.
    """
    depth = 0
    for event in yaml.parse(text, Loader=SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise yaml.MarkedYAMLError(
                problem=f"it nests more than {DEEPEST} levels deep",
                problem_mark=event.start_mark,  # type: ignore[arg-type]  # the C parser's marks are as good
            )
        yield event


def check_nesting(text: str) -> None:
    """Raise yaml.MarkedYAMLError where a YAML text is none or nests too deep."""
    for _ in bounded_events(text):
        pass
