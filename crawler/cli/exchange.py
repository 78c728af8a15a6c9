"""`yuewatch import` and `yuewatch export`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

import click

from crawler.backfill.desk import Desk
from crawler.backfill.requests import Imported
from crawler.cli.context import (
    DONE,
    FAILED,
    NOTHING,
    PARTLY,
    Context,
    Writable,
    console,
    finish,
    pass_context,
    print_json,
)
from crawler.configuration.load import Configuration
from crawler.exchange import BadRow, Row, article_of, read_rows
from crawler.exchange import export as export_rows
from crawler.fetching.pace import Pace
from crawler.station import build_ingest
from crawler.workers import Workers
from state.errors import ReadError
from state.records import Article, Origin

_AHEAD = 32


@dataclass(slots=True)
class _Count:
    stored: int = 0
    known: int = 0
    bad: int = 0
    matches: int = 0


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--notify",
    is_flag=True,
    help="Let imported articles alert like new ones; the running daemon or the next one delivers.",
)
@pass_context
def import_(context: Context, file: BinaryIO, *, notify: bool) -> None:
    """Take articles from FILE (or - for standard input), one JSON object a line, through reading, stories and rules.

    A row is {"url", "title"?, "text" or "html", "published"?, "source"?, "lang"?, "fetched_at"?}.
    """
    configuration = context.load()
    count = asyncio.run(_import(configuration, file, "live" if notify else "import"))
    console().print(
        f"{count.stored} articles stored, {count.known} known already, {count.bad} bad rows skipped, {count.matches} matches"
    )
    if count.bad:
        finish(PARTLY if count.stored or count.known else FAILED)
    finish(DONE if count.stored or count.known else NOTHING)


async def _import(configuration: Configuration, lines: Iterable[bytes], origin: Origin) -> _Count:
    """Read rows in workers some way ahead, and ingest them in the order given."""
    count = _Count()
    ingest = build_ingest(configuration)
    reading = configuration.settings.reading
    workers = Workers(reading.workers, reading.deadline, reading.memory)
    ahead: deque[tuple[int, Row, asyncio.Task[Article]]] = deque()

    async def settle() -> None:
        number, row, task = ahead.popleft()
        try:
            article = await task
        except ReadError as error:
            _tell(count, BadRow(number, f"{row.url}: {error}"))
            return
        outcome = await desk.do("bring in", Imported(article, origin))
        count.stored += outcome.state == "kept"
        count.known += outcome.state == "known"
        count.matches += outcome.matches

    desk = await Desk(configuration.state, ingest, remedy="import again: what is stored is passed over").open(
        Pace(configuration.fetching.delay)
    )
    try:
        for item in read_rows(lines):
            if isinstance(item, BadRow):
                _tell(count, item)
                continue
            number, row = item
            task = asyncio.ensure_future(workers.run(article_of, row, ingest.source_of(row.source)))
            ahead.append((number, row, task))
            if len(ahead) >= _AHEAD:
                await settle()
        while ahead:
            await settle()
    finally:
        workers.close()
        await desk.close()
    return count


def _tell(count: _Count, bad: BadRow) -> None:
    count.bad += 1
    click.echo(f"line {bad.line}: skipped: {bad.why}", err=True)


@click.command()
@click.argument("noun", type=click.Choice(["articles", "stories", "matches", "alerts"]))
@click.option(
    "--format", "form", type=click.Choice(["jsonl"]), default="jsonl", show_default=True, help="JSON lines."
)
@click.option(
    "--output",
    "-o",
    type=click.File("w", encoding="utf-8", lazy=True),
    default="-",
    help="Write to a file instead of standard output.",
)
@pass_context
def export(context: Context, noun: str, form: str, output: Writable) -> None:  # noqa: ARG001 - one format so far
    """Give out all stored articles, stories, matches or alerts, one JSON object a line."""
    number = 0
    with context.reader() as database:
        for row in export_rows(database, noun):  # type: ignore[arg-type]  # click has checked the noun
            print_json([row], output)
            number += 1
    if not number:
        finish(NOTHING)
