"""`yuewatch status` and `yuewatch backup`."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import click

from crawler.cli.context import Context, console, json_option, pass_context, print_json
from state.backup import back_up
from state.database import sqlite_report
from state.errors import StateError
from state.figures import figures
from state.lock import holder_of


@click.command()
@json_option
@pass_context
def status(context: Context, *, as_json: bool) -> None:
    """Show how things stand: sources, articles, stories, alerts, deliveries, and the linked SQLite."""
    configuration = context.load()
    with context.reader() as database:
        counted = figures(database)
    version, affected = sqlite_report()
    pid = holder_of(configuration.state)
    report = {
        "state": str(configuration.state),
        "daemon_pid": pid,
        "sqlite": version,
        "sqlite_wal_bug": affected,
        **counted,
    }
    if as_json:
        print_json([report])
        return
    out = console()
    out.print(
        f"state       {configuration.state}  ({f'daemon running, pid {pid}' if pid else 'no daemon running'})"
    )
    remark = (
        "has the WAL-reset bug; harmless here, because one connection does all writing"
        if affected
        else "without the WAL-reset bug"
    )
    out.print(f"SQLite      {version}, {remark}")
    for group, numbers in counted.items():
        out.print(
            f"{group:<11} " + (", ".join(f"{count} {name}" for name, count in numbers.items()) or "none")
        )


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@pass_context
def backup(context: Context, file: Path) -> None:
    """Write a consistent copy of the state to FILE, also while the daemon runs."""
    configuration = context.load()
    try:
        pages = back_up(configuration.state, file)
    except (sqlite3.Error, OSError) as error:
        raise StateError(f"the backup to {file} failed: {error}; nothing was left there") from error
    console().print(f"{file}: {pages} pages, integrity checked")
