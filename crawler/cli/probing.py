"""`yuewatch sources probe` and `test`: look at a site or a source, and store nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.context import DONE, FAILED, Context, console, finish, pass_context
from crawler.cli.source_edits import add_entries
from crawler.health.remedy import said
from crawler.logs import clean
from state.errors import ConfigurationError
from state.records import Lead

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.configuration.load import Configuration
    from crawler.probing.candidate import Candidate
    from crawler.probing.probe import Findings
    from crawler.probing.sample import Reading
    from crawler.probing.trial import Trial

_SHOWN = 5


@click.command()
@click.argument("url")
@click.option(
    "--write",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Add the best entry to the sources of this file, which is made where it is missing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@pass_context
def probe(context: Context, url: str, file: Path | None, *, as_json: bool) -> None:
    """Find out how to watch the site at URL, and write the entry.

    Feeds, sitemaps, JSON and lists are looked for, ranked, and read in samples. Nothing is stored.
    """
    findings = probe_site(context.load(), url)
    if as_json:
        print_object(findings.shape())
    else:
        _print_findings(findings)
    if findings.best is not None and file is not None:
        for name in add_entries(file, [findings.best.entry]):
            console(stderr=True).print(f"source {name} was added to {file}")
    finish(DONE if findings.best is not None else FAILED)


def probe_site(configuration: Configuration, url: str) -> Findings:
    """Probe a site on a loop of its own; raise ConfigurationError where its address is none."""
    # A list of sources must not wait for Scrapy.
    from crawler.catalogue.pack import read_families  # noqa: PLC0415
    from crawler.configuration.load import pack_catalogue  # noqa: PLC0415
    from crawler.leads.address import canonical_key  # noqa: PLC0415
    from crawler.probing.probe import Probe  # noqa: PLC0415
    from crawler.probing.visit import visit  # noqa: PLC0415
    from crawler.reactor import run as run_on_reactor  # noqa: PLC0415

    try:
        canonical_key(url)
    except ValueError as error:
        raise ConfigurationError(
            f"{error}; write the whole address, such as https://news.example/"
        ) from error
    text, name = pack_catalogue(configuration)
    families = read_families(text, name) if text else {}
    return run_on_reactor(lambda: visit(configuration, lambda asker: Probe(asker, families).run(url)))


@click.command("test")
@click.argument("source")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@pass_context
def test_source(context: Context, source: str, *, as_json: bool) -> None:
    """Poll SOURCE once and read its first articles, to see how it fares; nothing is stored."""
    from crawler.probing.trial import try_source  # noqa: PLC0415 - as above
    from crawler.probing.visit import visit  # noqa: PLC0415
    from crawler.reactor import run as run_on_reactor  # noqa: PLC0415

    configuration = context.load()
    tried = configuration.sources.get(source)
    if tried is None:
        raise ConfigurationError(
            f"there is no source {source!r}; `yuewatch sources list --all` shows the ids"
        )
    trial = run_on_reactor(lambda: visit(configuration, lambda asker: try_source(asker, tried)))
    if as_json:
        print_object(trial.shape())
    else:
        _print_trial(trial)
    finish(FAILED if trial.trouble else DONE)


def print_object(row: dict[str, Any]) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def _print_findings(findings: Findings) -> None:
    from crawler.catalogue.editing import written  # noqa: PLC0415 - as above

    out = console()
    out.print(f"robots.txt     {clean(findings.robots)}")
    out.print(f"pace           {findings.every:g} s between two requests; this look took {findings.requests}")
    for remark in findings.remarks:
        out.print(f"remark         {clean(remark)}")
    for number, candidate in enumerate(findings.candidates, 1):
        _print_candidate(number, candidate)
    if findings.best is not None:
        out.print("\nsources:")
        out.print(clean(written(findings.best.entry)), end="")


def _print_candidate(number: int, candidate: Candidate) -> None:
    per_week = candidate.per_week()
    rhythm = f", about {per_week:g} a week" if per_week else ""
    out = console()
    out.print(f"\n{number}. {candidate.source.kind} {clean(candidate.source.url)}")
    out.print(f"   {len(candidate.leads)} items, {candidate.dated:.0%} with a date{rhythm}")
    if way := _way(candidate):
        out.print(f"   found by {clean(way)}")
    print_sample(candidate.leads, candidate.readings)


def _way(candidate: Candidate) -> str:
    """Say by what the items of a candidate are found, where its kind does not say it all."""
    family = candidate.entry.get("family")
    return f"family {family}" if family else said(candidate.source.options)


def print_sample(leads: Sequence[Lead], readings: Sequence[Reading]) -> None:
    """Print the first leads, and how the articles read."""
    out = console()
    for lead in leads[:_SHOWN]:
        out.print(f"   - {clean(lead.published or 'no date')}  {clean(lead.title or lead.url)}")
    if readings:
        out.print(f"   {sum(one.is_good for one in readings)} of {len(readings)} articles read well:")
    for one in readings:
        told = one.trouble or f"{one.date or 'no date'}, {one.chars} characters: {one.title}"
        out.print(f"   {'+' if one.is_good else '!'} {clean(told)}")


def _print_trial(trial: Trial) -> None:
    out = console()
    out.print(f"source         {trial.source.id}, {trial.source.kind}, every {trial.source.every}")
    out.print(f"robots.txt     {clean(trial.robots)}")
    out.print(f"leads          {trial.leads.total}")
    for remark in trial.leads.remarks:
        out.print(f"remark         {clean(remark)}")
    print_sample(trial.leads.items, trial.readings)
    out.print(f"trouble        {clean(trial.trouble)}" if trial.trouble else "all good")
