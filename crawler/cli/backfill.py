"""`yuewatch backfill`: bring what was published before yuewatch watched."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from crawler.backfill.estimate import Estimate
from crawler.backfill.order import Order, Via, cut_by, last_day, read_order
from crawler.backfill.progress import Tally, display
from crawler.backfill.report import Report
from crawler.backfill.run import Terms, run_backfill
from crawler.backfill.running import running
from crawler.backfill.ways.warc import HAS_FASTWARC
from crawler.cli.context import (
    DONE,
    NOTHING,
    PARTLY,
    Context,
    console,
    finish,
    pass_context,
    print_json,
    print_rows,
)
from crawler.configuration.duration import parse_duration
from crawler.configuration.load import Configuration
from crawler.reactor import run as run_on_reactor
from state import backfills
from state import sources as source_states
from state.backfills import Backfill
from state.database import open_reader
from state.errors import ConfigurationError, StateError
from state.sources import SourceState

_WARC_ENDINGS = (".warc", ".warc.gz", ".warc.zst")


class _Duration(click.ParamType[timedelta]):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        try:
            return value if isinstance(value, timedelta) else parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("source", nargs=-1)
@click.option("--since", type=_DAY, help="First day to bring, as each source's calendar has it.")
@click.option("--until", type=_DAY, help="Last day; else the day before a source was last polled, or today.")
@click.option(
    "--via",
    type=click.Choice(["sitemap", "listing", "wayback", "commoncrawl", "warc", "jsonl"]),
    help="The way in; without it each source's own sitemap or paged listing.",
)
@click.option(
    "--from",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="File or folder to read, for warc, jsonl and commoncrawl; may be repeated.",
)
@click.option(
    "--archive",
    help="Address of another web archive that speaks the Wayback Machine's or Common Crawl's forms.",
)
@click.option("--dry-run", is_flag=True, help="Walk the listings and say what it would take; store nothing.")
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with an unfinished backfill: the same one, or the only one there is.",
)
@click.option("--retry-failed", is_flag=True, help="With --resume: give what failed another chance.")
@click.option("--anew", is_flag=True, help="Forget an unfinished backfill of the same order and begin again.")
@click.option(
    "--alert",
    type=click.Choice(["none", "digest", "live"]),
    default="none",
    show_default=True,
    help="Tell nobody; send one digest at the end; or alert for what is still news.",
)
@click.option("--max-requests", type=click.IntRange(min=1), help="Stop after so many requests.")
@click.option("--deadline", type=_Duration(), help="Stop after so long, such as 2h30m.")
@click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the HTML report goes.",
)
@click.option("--list", "listing", is_flag=True, help="List backfills and how far they are.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines even on a terminal.")
@pass_context
def backfill(  # noqa: PLR0913 - one parameter an option
    context: Context,
    source: tuple[str, ...],
    *,
    since: datetime | None,
    until: datetime | None,
    via: Via | None,
    files: tuple[Path, ...],
    archive: str | None,
    alert: Any,
    max_requests: int | None,
    deadline: timedelta | None,
    report_file: Path | None,
    dry_run: bool,
    resume: bool,
    retry_failed: bool,
    anew: bool,
    listing: bool,
    as_json: bool,
) -> None:
    """Bring what SOURCEs published from --since on, in the order of their news, alerting nobody.

    What is stored stays, whatever stops it; --resume goes on exactly where it was.
    """
    configuration = context.load()
    known = _known(configuration)
    if listing:
        _list(known, as_json=as_json)
        return
    if since is None and resume:
        order, terms = _unfinished(known, source), Terms()
    else:
        asked = _asked(configuration, source, since, until, via, files, archive, alert)
        order, terms = _choose(asked, known, resume=resume, anew=anew, dry=dry_run)
    _check(configuration, order)
    terms = Terms(dry_run, terms.anew, retry_failed, max_requests, deadline)
    result = _run(configuration, order, terms)
    _show(result, configuration, report_file, as_json=as_json or not sys.stdout.isatty())


def _run(configuration: Configuration, order: Order, terms: Terms) -> tuple[Estimate | Report, Tally]:
    tally = Tally()
    with running(configuration.state, order.id, order.phrase()), display(tally) as shown:
        outcome = run_on_reactor(lambda: run_backfill(configuration, order, terms, tally, shown))
        shown.tell()
    return outcome, tally


def _known(configuration: Configuration) -> list[Backfill]:
    if not configuration.state.exists():
        return []
    with open_reader(configuration.state) as db:
        return backfills.every(db)


def _unfinished(known: list[Backfill], names: tuple[str, ...]) -> Order:
    """Give the one unfinished order, or the one of these sources."""
    orders = [read_order(item.spec) for item in known if item.state != "done"]
    fitting = [order for order in orders if not names or order.sources == tuple(sorted(set(names)))]
    if len(fitting) != 1:
        phrases = "; ".join(order.phrase() for order in fitting or orders)
        raise StateError(
            f"{len(fitting) or 'none'} of the unfinished backfills fits ({phrases}); name the sources and --since of one"
            if orders
            else "no backfill is unfinished; there is nothing to resume"
        )
    return fitting[0]


def _asked(
    configuration: Configuration,
    names: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    via: Via | None,
    files: tuple[Path, ...],
    archive: str | None,
    alert: Any,
) -> Order:
    """Make the order that the command line asks for."""
    if since is None:
        raise click.UsageError("say from which day on: SOURCE… --since 2024-01-01; or go on with --resume")
    last_given = until.date() if until is not None else None
    states = {}
    if configuration.state.exists():
        with open_reader(configuration.state) as db:
            states = source_states.all_states(db)
    # One that is off is not the live crawl's, whatever it was before.
    crawled = [
        name for name in names if name in configuration.sources and configuration.sources[name].enabled
    ]
    if last_given is None:
        _tell_what_cuts(crawled, states)
    return Order(
        sources=tuple(sorted(set(names))),
        since=since.date(),
        last=last_day(last_given, crawled, states),
        until=last_given,
        via=via,
        files=tuple(_files(files, via)),
        archive=archive.rstrip("/") if archive else None,
        alert=alert,
    )


def _tell_what_cuts(crawled: Sequence[str], states: Mapping[str, SourceState]) -> None:
    """Say which source ends the range where it ends before yesterday."""
    cut = cut_by(crawled, states)
    if cut is not None and cut[1] < datetime.now(UTC).date() - timedelta(days=1):
        line = (
            f"the range ends on {cut[1]}, the day before {cut[0]} was last polled; --until names another day"
        )
        console(stderr=True).print(line, soft_wrap=True)


def _files(places: tuple[Path, ...], via: str | None) -> Iterator[str]:
    """Give the files to read, those of a folder by name."""
    for place in places:
        if not place.is_dir():
            yield str(place.absolute())
            continue
        endings = (".jsonl", ".ndjson") if via == "jsonl" else _WARC_ENDINGS
        found = sorted(path for path in place.rglob("*") if path.name.endswith(endings))
        if not found:
            raise click.UsageError(f"the folder {place} has no file that ends in {' or '.join(endings)}")
        yield from (str(path.absolute()) for path in found)


def _choose(
    asked: Order, known: list[Backfill], *, resume: bool, anew: bool, dry: bool
) -> tuple[Order, Terms]:
    """Settle which order is done: the one asked for, or the stored one of the same name that it resumes."""
    stored = next((item for item in known if item.id == asked.id), None)
    if stored is None or dry:
        return asked, Terms()
    if resume:
        return read_order(stored.spec), Terms()
    if stored.state != "done" and not anew:
        raise StateError(
            f"this backfill was begun on {stored.created:%Y-%m-%d %H:%M} UTC and is not finished; add --resume to go on, or --anew to begin again"
        )
    return asked, Terms(anew=True)


def _check(configuration: Configuration, order: Order) -> None:
    """Refuse what cannot work before anything is stored."""
    unknown = [name for name in order.sources if name not in configuration.sources]
    if unknown:
        raise ConfigurationError(f"there is no source {unknown[0]!r}; `yuewatch sources list` shows the ids")
    if order.via in {"warc", "jsonl"} and not order.files:
        raise click.UsageError(f"--via {order.via} reads files; name them with --from")
    if order.files and order.via not in {"warc", "jsonl", "commoncrawl"}:
        raise click.UsageError("--from is for --via warc, jsonl or commoncrawl")
    if not order.sources and order.via not in {"warc", "jsonl", "commoncrawl"}:
        raise click.UsageError("name the SOURCEs to bring; `yuewatch sources list` shows them")
    if order.via == "listing":
        _check_listings(configuration, order)
    if order.via in {"warc", "commoncrawl"} and not HAS_FASTWARC:
        raise ConfigurationError(
            "reading WARC files needs fastwarc, which is not installed; install yuewatch with its extra: pip install 'yuewatch[backfill]'"
        )
    if order.since > order.last:
        raise click.UsageError(
            f"the range is empty: it begins on {order.since} and ends on {order.last}, the day before the last poll unless --until says otherwise"
        )


def _check_listings(configuration: Configuration, order: Order) -> None:
    for name in order.sources:
        source = configuration.sources[name]
        if source.kind == "sitemap":
            raise ConfigurationError(
                f"source {name} is a sitemap and has no listing; leave out --via listing"
            )
        if "paging" not in source.options:
            click.echo(
                f"source {name} does not say where its pages are (`paging`), so only its first page is walked",
                err=True,
            )


def _list(known: list[Backfill], *, as_json: bool) -> None:
    rows = [
        {
            "id": item.id,
            "order": read_order(item.spec).phrase(),
            "state": item.state,
            "begun": item.created.isoformat(timespec="seconds"),
            "requests": item.requests,
            "note": item.note,
        }
        for item in known
    ]
    print_rows(
        rows,
        as_json=as_json,
        title=f"{len(rows)} backfills",
        columns=("id", "order", "state", "begun", "requests", "note"),
        empty="no backfill was made yet",
    )


def _show(
    result: tuple[Estimate | Report, Tally],
    configuration: Configuration,
    report_file: Path | None,
    *,
    as_json: bool,
) -> None:
    outcome, tally = result
    if isinstance(outcome, Estimate):
        _print("plan", outcome, as_json=as_json)
        finish(DONE if outcome.pages or outcome.files else NOTHING)
        return
    place = report_file or configuration.state.with_name(f"backfill-{outcome.backfill}.html")
    try:
        place.write_text(outcome.html(), "utf-8")
    except OSError as error:
        click.echo(f"yuewatch: the report could not be written to {place} ({error.strerror})", err=True)
    _print("report", outcome, as_json=as_json)
    if not as_json:
        console().print(f"report    {place}")
    if outcome.note or outcome.failures:
        finish(PARTLY)
    finish(DONE if tally.kept or tally.known or tally.skipped or outcome.brought else NOTHING)


def _print(name: str, outcome: Estimate | Report, *, as_json: bool) -> None:
    if as_json:
        print_json([{name: json.loads(json.dumps(outcome.shape(), default=str))}])
        return
    for line in outcome.lines():
        console().print(line)
