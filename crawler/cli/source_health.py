"""`yuewatch sources health`, `block` and `unblock`: how sources fare, and whom to leave alone."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from crawler.cli.context import NOTHING, Context, console, finish, json_option, pass_context, print_rows
from crawler.health.remedy import remedy
from state import health as kept
from state import sources as source_states
from state.database import open_reader
from state.errors import ConfigurationError
from state.health import Finding, Vitals
from state.records import Source, host_of
from state.sources import SourceState

_BARS = "▁▂▃▄▅▆▇█"
_DAYS = 14


@click.command()
@click.argument("source", nargs=-1)
@click.option("--troubled", is_flag=True, help="Show only sources with something wrong.")
@json_option
@pass_context
def health(context: Context, source: tuple[str, ...], *, troubled: bool, as_json: bool) -> None:
    """Show how each enabled source (or each SOURCE) fares: new items and failures by day, and what is wrong."""
    configuration = context.load()
    unknown = [name for name in source if name not in configuration.sources]
    if unknown:
        raise ConfigurationError(f"there is no source {unknown[0]!r}; `yuewatch sources list` shows the ids")
    chosen = [
        item for item in configuration.sources.values() if (item.id in source if source else item.enabled)
    ]
    with open_reader(configuration.state) as database:
        states = source_states.all_states(database)
        vitals = kept.all_vitals(database)
        found = kept.open_findings(database)
    rows = []
    for item in chosen:
        wrong = [finding for finding in found if finding.source_id == item.id]
        if wrong or not troubled:
            rows.append(
                _row(item, states.get(item.id), vitals.get(item.id, Vitals()), wrong, as_json=as_json)
            )
    print_rows(
        rows,
        as_json=as_json,
        title=f"{len(chosen)} sources, {len({finding.source_id for finding in found})} with something wrong; {_DAYS} days",
        columns=("id", "new", "failures", "last_new", "wrong"),
        empty="nothing is wrong with any source" if troubled else "no source is enabled",
    )


def _row(
    source: Source, state: SourceState | None, vitals: Vitals, wrong: list[Finding], *, as_json: bool
) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    names = [(today - timedelta(days=back)).isoformat() for back in reversed(range(_DAYS))]
    days = [vitals.days.get(name) for name in names]
    new = [day.new if day else 0 for day in days]
    failures = [day.failures if day else 0 for day in days]
    last_new = state.last_new.isoformat(timespec="seconds") if state and state.last_new else None
    if as_json:
        findings = [
            {
                "kind": finding.kind,
                "reason": finding.reason,
                "evidence": finding.evidence,
                "opened": finding.opened.isoformat(),
                "repair": asdict(finding.repair) if finding.repair else None,
            }
            for finding in wrong
        ]
        return {
            "id": source.id,
            "days": names,
            "new": new,
            "failures": failures,
            "last_new": last_new,
            "last_success": state.last_success.isoformat() if state and state.last_success else None,
            "findings": findings,
        }
    told = "; ".join(map(_told, wrong))
    return {
        "id": source.id,
        "new": sparkline(new),
        "failures": sparkline(failures),
        "last_new": last_new,
        "wrong": told or None,
    }


def _told(finding: Finding) -> str:
    proposed = remedy(finding)
    return f"{finding.reason} ({finding.evidence})" + (f" → {proposed}" if proposed else "")


def sparkline(numbers: list[int]) -> str:
    """Draw numbers as a row of bars, the highest as high as it goes; a zero is a dot."""
    most = max(numbers, default=0)
    return "".join(
        _BARS[(number * (len(_BARS) - 1) + most - 1) // most] if number else "·" for number in numbers
    )


@click.command()
@click.argument("host")
@pass_context
def block(context: Context, host: str) -> None:
    """Ask HOST for nothing any more, at once and for good: no poll, no page, no redirect."""
    from crawler.control import change  # noqa: PLC0415 - looking at health must not wait for what changes need

    name = _host(host)
    change(context.load().state, "sources.block", host=name)
    console().print(f"{name} is blocked; `yuewatch sources unblock {name}` ends that")


@click.command()
@click.argument("host")
@pass_context
def unblock(context: Context, host: str) -> None:
    """Let HOST be asked again, also where it asked for patience; its sources are due at once."""
    from crawler.control import change  # noqa: PLC0415 - as above

    name = _host(host)
    if change(context.load().state, "sources.unblock", host=name):
        console().print(f"{name} is asked again")
    else:
        console().print(f"{name} is neither blocked nor held; nothing was changed")
        finish(NOTHING)


def _host(text: str) -> str:
    """Give a host as the crawl names it: in ASCII, without the port that its scheme has anyway."""
    from w3lib.url import safe_url_string  # noqa: PLC0415 - as above

    scheme = "http" if text.endswith(":80") else "https"
    try:
        name = host_of(safe_url_string(text if "//" in text else f"{scheme}://{text}")).lower()
    except ValueError:
        name = ""
    if not name:
        raise click.BadParameter(f"{text!r} is no host; write one like www.example.org", param_hint="HOST")
    return name
