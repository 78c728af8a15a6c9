"""Where each key of a configuration file stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Loc = tuple[int | str, ...]
"""A path into a file, as pydantic writes it: keys of mappings and indexes of lists."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Know the line of every key in one file."""

    file: str
    numbers: Mapping[Loc, int]

    def line(self, loc: Loc) -> int:
        """Give the line of `loc`, or of the closest part around it that stands in the file.

        Steps that the file does not have (pydantic names union members and validators in its paths) are passed over.
        """
        path: Loc = ()
        for step in loc:
            if (*path, step) in self.numbers:
                path = (*path, step)
        return self.numbers.get(path, 1)

    def where(self, loc: Loc) -> str:
        """Give `file:line: key` for a path."""
        key = dotted(loc)
        return f"{self.file}:{self.line(loc)}: {key}" if key else f"{self.file}:{self.line(loc)}"


def dotted(loc: Loc) -> str:
    """Write a path as people do: `sources[3].url`."""
    written = ""
    for step in loc:
        written += f"[{step}]" if isinstance(step, int) else f".{step}" if written else str(step)
    return written
