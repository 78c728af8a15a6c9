"""Hold what every verb needs from the command line, and how every verb ends and prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click
from rich.console import Console
from rich.table import Column, Table

from crawler.logs import clean, configure_logging

if TYPE_CHECKING:
    from sqlite_utils import Database

    from crawler.configuration.load import Configuration


class Writable(Protocol):
    """Take text."""

    def write(self, text: str, /) -> object:
        """Write some text."""
        ...


DONE, FAILED, USAGE, NOTHING, CONFIGURATION, PARTLY = range(6)


@dataclass(frozen=True, slots=True)
class Context:
    """Carry the global options."""

    config: Path | None
    state: Path | None

    def load(self) -> Configuration:
        """Load the configuration and set up logging as it says."""
        # A verb that is refused at once must not wait for the packs and channels to be imported.
        from crawler.configuration.load import load_configuration  # noqa: PLC0415

        configuration = load_configuration(self.config, self.state)
        configure_logging(configuration.settings.log.level, configuration.settings.log.format)
        return configuration

    def reader(self) -> AbstractContextManager[Database]:
        """Open the state read-only, also beside a running daemon."""
        from state.database import open_reader  # noqa: PLC0415 - as above

        return open_reader(self.load().state)


pass_context = click.make_pass_decorator(Context)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON lines instead of a table.")


def finish(code: int) -> None:
    """End the process with one of the exit codes."""
    raise SystemExit(code)


def print_rows(
    rows: Sequence[dict[str, Any]], *, as_json: bool, title: str, columns: Sequence[str], empty: str
) -> None:
    """Print a listing, as JSON lines or as a table for people; end with "nothing to do" where it is empty."""
    if as_json:
        print_json(rows)
    elif rows:
        # An id that is cut short is no id.
        headings = (Column(name, no_wrap=name == "id") for name in columns)
        table = Table(*headings, title=title, title_justify="left")
        for row in rows:
            table.add_row(*(clean(_cell(row.get(column))) for column in columns))
        console().print(table)
    else:
        console().print(empty)
    if not rows:
        finish(NOTHING)


def print_json(rows: Iterable[dict[str, Any]], output: Writable | None = None) -> None:
    """Print one JSON object a line."""
    for row in rows:
        (output or sys.stdout).write(json.dumps(row, ensure_ascii=False, default=str) + "\n")


def console(*, stderr: bool = False) -> Console:
    """Give the console for people; markup in foreign text stays text."""
    out = sys.stderr if stderr else sys.stdout
    return Console(markup=False, highlight=False, soft_wrap=not out.isatty(), stderr=stderr)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
