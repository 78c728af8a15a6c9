"""`yuewatch sources`: what is watched, and how it fares."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from crawler.cli.context import Context, json_option, pass_context, print_rows
from crawler.cli.probing import probe, test_source
from crawler.cli.source_edits import add, disable, enable, export_opml, import_opml
from crawler.cli.source_health import block, health, unblock
from crawler.cli.source_repair import repair
from crawler.configuration.duration import write_duration
from state import sources as source_states
from state.database import open_reader
from state.records import Source
from state.sources import SourceState

_COLUMNS = ("id", "kind", "role", "tier", "every", "last_success", "next_due", "failures", "leads")


@click.group()
def sources() -> None:
    """Show, find, mend and change the sources."""


for _verb in (
    probe,
    test_source,
    add,
    enable,
    disable,
    health,
    repair,
    block,
    unblock,
    import_opml,
    export_opml,
):
    sources.add_command(_verb)


@sources.command("list")
@click.option("--all", "everything", is_flag=True, help="Show disabled sources too.")
@json_option
@pass_context
def list_(context: Context, *, everything: bool, as_json: bool) -> None:
    """List the sources with what is known of each."""
    configuration = context.load()
    states: dict[str, SourceState] = {}
    if configuration.state.exists():
        with open_reader(configuration.state) as database:
            states = source_states.all_states(database)
    chosen = [source for source in configuration.sources.values() if everything or source.enabled]
    print_rows(
        [(_row if as_json else _line)(source, states.get(source.id)) for source in chosen],
        as_json=as_json,
        title=f"{len(chosen)} sources",
        columns=(*_COLUMNS, *(("enabled",) if everything else ()), "last_error"),
        empty="no source is enabled; `yuewatch sources list --all` shows the others",
    )


def _row(source: Source, state: SourceState | None) -> dict[str, Any]:
    return {
        "id": source.id,
        "kind": source.kind,
        "role": source.role,
        "url": source.url,
        "every": str(source.every),
        "tier": source.tier,
        "lang": source.lang,
        "enabled": source.enabled,
        "last_success": _time(state.last_success if state else None),
        "next_due": _time(state.next_due if state else None),
        "failures": state.failures if state else 0,
        "leads": state.leads if state else 0,
        "last_error": state.last_error if state else None,
    }


def _line(source: Source, state: SourceState | None) -> dict[str, Any]:
    """Give a row for people: times to the minute, in UTC."""
    times = {
        name: moment.strftime("%m-%d %H:%M") if state and (moment := getattr(state, name)) else None
        for name in ("last_success", "next_due")
    }
    return _row(source, state) | times | {"every": write_duration(source.every)}


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment is not None else None
