"""Hand out the rows of a JSON lines file in blocks, each with the place where the file goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from crawler.exchange import MAX_LINE, BadRow, Row, read_rows
from state.backfill_files import File
from state.backfill_items import BLOCK


@dataclass(frozen=True, slots=True)
class Rows:
    """Hold one block of rows with their line numbers, and where the file goes on after it."""

    rows: tuple[tuple[int, Row] | BadRow, ...]
    file: File


def next_rows(path: Path, file: File) -> Rows:
    """Read the next block of a file; `file.offset` is a byte, `file.record` the number of lines before it."""
    rows: list[tuple[int, Row] | BadRow] = []
    with path.open("rb") as lines:
        lines.seek(file.offset)
        number = file.record
        while len(rows) < BLOCK and (line := lines.readline(MAX_LINE + 2)):
            while not line.endswith(b"\n") and (rest := lines.readline(MAX_LINE)):
                # Keep an overlong line overlong, without keeping it.
                line = line[: MAX_LINE + 2] + rest[-1:]
            number += 1
            rows += [_numbered(row, number) for row in read_rows([line])]
        at = lines.tell()
        ended = not lines.read(1)
    moved = replace(file, offset=at, record=number, state="done" if ended else "waiting")
    return Rows(tuple(rows), moved)


def _numbered(row: tuple[int, Row] | BadRow, number: int) -> tuple[int, Row] | BadRow:
    return BadRow(number, row.why) if isinstance(row, BadRow) else (number, row[1])
