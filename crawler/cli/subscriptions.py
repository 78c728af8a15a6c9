"""`yuewatch subscriptions`: who asks for what, whether it arrives, and what would have come."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from alerts.feeds import FORMATS, Format
from alerts.outcome import Delivered
from alerts.rendering import Renderer
from alerts.settlement import outcome_name
from alerts.subscription import Subscription
from alerts.trial import Trial, try_out
from alerts.view import Names
from crawler.cli.context import (
    FAILED,
    NOTHING,
    PARTLY,
    Context,
    console,
    finish,
    json_option,
    pass_context,
    print_json,
    print_rows,
)
from crawler.cli.moments import Past
from crawler.configuration.load import Configuration
from crawler.feeds import feed_of
from crawler.logs import clean
from crawler.preview import Message, preview
from crawler.station import build_ingest
from state import deliveries
from state.database import open_reader
from state.deliveries import Tally
from state.errors import ConfigurationError
from state.standing import mutes

_FILTERS = (
    "rules",
    "kinds",
    "statuses",
    "severities",
    "sources",
    "languages",
    "places",
    "organisations",
)


@click.group()
def subscriptions() -> None:
    """Show subscriptions, try them out, and see what they would have brought."""


@subscriptions.command("list")
@json_option
@pass_context
def list_(context: Context, *, as_json: bool) -> None:
    """List who asks for what, where it goes, when, and how much came of it."""
    configuration = context.load()
    counted: dict[str, Tally] = {}
    if configuration.state.exists():
        with open_reader(configuration.state) as database:
            counted = deliveries.tallies(database)
    rows = [
        _row(configuration, number, subscription, counted.get(subscription.id))
        for number, subscription in enumerate(configuration.subscriptions)
    ]
    if not as_json:
        rows = [row | {"what": _in_words(row["what"]), "alerts": _in_words(row["alerts"])} for row in rows]
    print_rows(
        rows,
        as_json=as_json,
        title=f"{len(rows)} subscriptions",
        columns=("id", "name", "what", "destinations", "when", "alerts", "latest"),
        empty="there is no subscription, so nobody is alerted; see docs/reference/alerts.md",
    )


@subscriptions.command()
@click.argument("subscription")
@click.option("--destination", help="Only this one of its destinations.")
@json_option
@pass_context
def test(context: Context, subscription: str, destination: str | None, *, as_json: bool) -> None:
    """Send one message, marked as a test, to every destination of SUBSCRIPTION, and say what became of it."""
    configuration = context.load()
    named = find(configuration, subscription)
    wanted = [name for name in named.destinations if destination in (None, name)]
    if destination is not None and not wanted:
        raise ConfigurationError(f"{destination!r} is no destination of subscription {subscription!r}")
    if not wanted:
        console().print(f"subscription {subscription} has no destination; nothing was sent")
        finish(NOTHING)
    opened = configuration.open_destinations()
    trials = try_out(named, [opened[name] for name in wanted], Renderer(Names(), {}), datetime.now(UTC))
    rows = [_outcome(trial) for trial in trials]
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            console().print(f"{row['destination']} ({row['channel']}): {row['outcome']}" + _why(row["why"]))
    failed = [trial for trial in trials if not isinstance(trial.outcome, Delivered)]
    if failed:
        finish(FAILED if len(failed) == len(trials) else PARTLY)


@subscriptions.command("preview")
@click.argument("subscription")
@click.option(
    "--since",
    type=Past(),
    default="7d",
    show_default=True,
    help="A duration like 7d, or a day like 2026-03-05.",
)
@json_option
@pass_context
def preview_(context: Context, subscription: str, since: datetime, *, as_json: bool) -> None:
    """Show the messages that SUBSCRIPTION would have received, and what would have stayed quiet and why.

    Reads what is stored, as the subscription is written now; sends and stores nothing.
    """
    configuration = context.load()
    named = find(configuration, subscription)
    with open_reader(configuration.state) as database:
        standing_mutes = mutes(database, datetime.now(UTC))
        messages = preview(database, build_ingest(configuration), named, since, standing_mutes)
    if as_json:
        print_json(message.shape() for message in messages)
    else:
        _show(messages)
    if not messages:
        finish(NOTHING)


@subscriptions.command()
@click.argument("subscription")
@click.option("--format", "kind", type=click.Choice(FORMATS), default="atom", show_default=True)
@pass_context
def feed(context: Context, subscription: str, kind: Format) -> None:
    """Print the feed of SUBSCRIPTION's latest alerts: Atom, or JSON Feed 1.1."""
    configuration = context.load()
    named = find(configuration, subscription)
    with open_reader(configuration.state) as database:
        click.echo(feed_of(database, configuration, named, kind), nl=False)


def find(configuration: Configuration, name: str) -> Subscription:
    """Give a subscription by its id; raise ConfigurationError where there is none."""
    for subscription in configuration.subscriptions:
        if subscription.id == name:
            return subscription
    raise ConfigurationError(
        f"there is no subscription {name!r}; `yuewatch subscriptions list` shows the ids"
    )


def _row(
    configuration: Configuration, number: int, subscription: Subscription, tally: Tally | None
) -> dict[str, Any]:
    written = configuration.settings.subscriptions[number]
    return {
        "id": subscription.id,
        "name": subscription.name,
        "what": {key: list(getattr(written, key)) for key in _FILTERS if getattr(written, key)},
        "destinations": list(subscription.destinations),
        "lang": subscription.lang,
        "when": str(subscription.timing),
        "alerts": tally.reasons if tally else {},
        "latest": tally.latest.isoformat(timespec="seconds") if tally else None,
    }


def _in_words(values: dict[str, Any]) -> str:
    return "; ".join(
        f"{key} {', '.join(value) if isinstance(value, list) else value}" for key, value in values.items()
    )


def _outcome(trial: Trial) -> dict[str, Any]:
    return {
        "destination": trial.destination,
        "channel": trial.channel,
        "outcome": outcome_name(trial.outcome),
        "why": trial.outcome.why,
    }


def _why(why: str) -> str:
    return f" ({why})" if why else ""


def _show(messages: tuple[Message, ...]) -> None:
    out = console()
    loud = [message for message in messages if message.destination is not None]
    quiet = [message for message in messages if message.destination is None]
    for message in loud:
        number = len({item.story_id for item in message.items})
        out.print(
            f"{message.at:%Y-%m-%d %H:%M} UTC  {message.destination}  {number} stories ({message.reason})"
        )
        for item in message.items:
            out.print(f"    {item.severity:<7} {clean(item.title or item.url)}  [{item.rule}]")
    if quiet:
        out.print(f"kept quiet: {len(quiet)}")
    for message in quiet:
        for item in message.items:
            out.print(f"    {message.reason:<9} {clean(item.title or item.url)}  [{item.rule}]")
    out.print(f"{len(loud)} messages, {len(quiet)} alerts kept quiet")
