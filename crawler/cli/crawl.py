"""`yuewatch crawl`: one round in the foreground."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import click
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from crawler.cli.context import DONE, FAILED, NOTHING, PARTLY, Context, console, finish, pass_context
from crawler.configuration.load import Configuration
from crawler.ingest import Ingested
from crawler.reactor import run as run_on_reactor
from crawler.station import Station
from state import sources as source_states
from state.errors import ConfigurationError


@dataclass(slots=True)
class _Tally:
    articles: int = 0
    matches: int = 0
    alerts: int = 0
    failed: list[str] = field(default_factory=list)
    polled: int = 0


@click.command()
@click.argument("source", nargs=-1)
@click.option(
    "--deliver/--no-deliver", default=True, help="Send the alerts that result, waiting up to a minute."
)
@pass_context
def crawl(context: Context, source: tuple[str, ...], *, deliver: bool) -> None:
    """Make one round over SOURCEs (or all enabled ones), due or not, and show what it brings."""
    configuration = context.load()
    unknown = [name for name in source if name not in configuration.sources]
    if unknown:
        raise ConfigurationError(f"there is no source {unknown[0]!r}; `yuewatch sources list` shows the ids")
    tally = run_on_reactor(lambda: _round(configuration, source, deliver=deliver))
    console().print(
        f"{tally.polled} sources polled, {tally.articles} new articles, {tally.matches} matches, {tally.alerts} deliveries, {len(tally.failed)} failures"
    )
    for line in tally.failed:
        console().print(f"  {line}")
    if not tally.polled:
        finish(NOTHING)
    finish(DONE if not tally.failed else FAILED if len(tally.failed) == tally.polled else PARTLY)


async def _round(configuration: Configuration, only: tuple[str, ...], *, deliver: bool) -> _Tally:
    tally = _Tally()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, transient=True) as progress:
        bar = progress.add_task("hosts", total=None)

        def told(ingested: Ingested) -> None:
            tally.articles += ingested.new
            tally.matches += len(ingested.matches)
            tally.alerts += ingested.alerts
            progress.update(bar, description=f"{tally.articles} articles, {tally.matches} matches")

        station = await Station.open(configuration, told)
        try:
            await station.recover()
            hosts = station.agenda.hosts(only)
            progress.update(bar, total=len(hosts))

            async def visit(host: str) -> None:
                round_ = await station.visit(host, only=[item.id for item in hosts[host]])
                tally.polled += len(round_.polls)
                progress.advance(bar)

            await asyncio.gather(*(visit(host) for host in hosts))
            states = await station.writer.run(source_states.all_states)
            chosen = [item.id for group in hosts.values() for item in group]
            tally.failed = [
                f"{name}: {states[name].last_error}" for name in chosen if states[name].last_error
            ]
            if deliver:
                await station.dispatcher.drain(datetime.now(UTC) + timedelta(minutes=1))
        finally:
            await station.close()
    return tally
