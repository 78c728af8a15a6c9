"""`yuewatch alerts`: what was told to whom, what waits, and what could not be delivered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crawler.cli.context import (
    NOTHING,
    Context,
    console,
    finish,
    json_option,
    pass_context,
    print_json,
    print_rows,
)
from crawler.cli.mutes import mute, mutes, unmute
from crawler.configuration.names import complaint
from crawler.control import change
from crawler.logs import clean
from crawler.shapes import alert_shape
from state import deliveries, subscribers, verdicts
from state.deliveries import Contents, Tried
from state.errors import ConfigurationError, StateError
from state.reasons import Reason
from state.records import Delivery


@click.group()
def alerts() -> None:
    """Show alerts and deliveries; retry or drop those that are parked; mute what is too much."""


for _verb in (mute, mutes, unmute):
    alerts.add_command(_verb)


@alerts.command("list")
@click.option(
    "--reason", type=click.Choice([item.value for item in Reason]), help="Only those with this reason."
)
@click.option("--subscription", help="Only those of this subscription.")
@click.option("--limit", default=50, show_default=True, help="Show the latest so many.")
@json_option
@pass_context
def list_(
    context: Context, reason: str | None, subscription: str | None, limit: int, *, as_json: bool
) -> None:
    """List alerts with the reason they were sent or kept quiet, and their deliveries."""
    with context.reader() as database:
        rows = [
            alert_shape(alert, carrying)
            for alert, carrying in deliveries.every_alert(database)
            if reason in (None, alert.reason) and subscription in (None, alert.subscription)
        ][-limit:]
    if not as_json:
        rows = [
            row | {"deliveries": [f"{item['destination']}: {item['state']}" for item in row["deliveries"]]}
            for row in rows
        ]
    print_rows(
        rows,
        as_json=as_json,
        title=f"{len(rows)} alerts",
        columns=("alert_id", "created", "rule", "subscription", "reason", "url", "deliveries"),
        empty="no alert was raised yet" if reason is subscription is None else "there is no such alert",
    )


@alerts.command()
@click.option("--parked", is_flag=True, help="Only those that could not be delivered.")
@click.option("--destination", help="Only those to this destination.")
@json_option
@pass_context
def outgoing(context: Context, destination: str | None, *, parked: bool, as_json: bool) -> None:
    """List deliveries, newest first, with attempts and the last error."""
    with context.reader() as database:
        rows = [
            _row(item)
            for item in deliveries.listing(
                database, states=("parked",) if parked else (), destination=destination
            )
        ]
    print_rows(
        rows,
        as_json=as_json,
        title=f"{len(rows)} deliveries",
        columns=("delivery_id", "destination", "state", "attempts", "due_at", "last_error"),
        empty="there is no such delivery",
    )


@alerts.command()
@click.argument("delivery")
@json_option
@pass_context
def show(context: Context, delivery: str, *, as_json: bool) -> None:
    """Show what DELIVERY tells, and every try to deliver it."""
    with context.reader() as database:
        contents = deliveries.load_delivery(database, delivery)
        tried = deliveries.attempts(database, delivery)
    if contents is None:
        raise StateError(f"there is no delivery {delivery}; `yuewatch alerts outgoing` shows what there is")
    row = _row(contents.delivery) | {"tells": _told(contents), "tries": [_tried(one) for one in tried]}
    if as_json:
        print_json([row])
        return
    for name in ("delivery_id", "destination", "subscription", "state", "created", "due_at", "last_error"):
        console().print(clean(f"{name}: {row[name] or '-'}"))
    for told in row["tells"]:
        console().print(clean(f"tells: {told['title']} {told['url'] or ''}".rstrip()))
    for one in row["tries"]:
        console().print(
            clean(f"tried: {one['at']} {one['outcome']} after {one['took']} s {one['why']}".rstrip())
        )


@alerts.command()
@click.argument("delivery", required=False)
@click.option("--destination", help="All of one destination.")
@click.option("--all", "everything", is_flag=True, help="All parked or waiting deliveries.")
@click.option("--to", help="Send them to this destination instead.")
@pass_context
def retry(
    context: Context, delivery: str | None, destination: str | None, to: str | None, *, everything: bool
) -> None:
    """Make a parked DELIVERY due again, with all its tries ahead of it; a destination named is enabled, too."""
    _check_named(delivery, destination, everything=everything)
    state, known = context.load().state, _destinations(context)
    if to is not None:
        _send_instead(state, known, delivery, destination, to)
        return
    _check_configured(context, known, delivery, destination)
    enabled = destination is not None and change(state, "destinations.enable", destination=destination)
    if enabled:
        console().print(f"{destination} is enabled again")
    number = change(state, "alerts.retry", delivery_id=delivery, destination=destination, among=sorted(known))
    _tell(number, "due again", delivery, done=enabled)


@alerts.command()
@click.argument("delivery", required=False)
@click.option("--destination", help="All parked deliveries of one destination.")
@click.option("--all", "everything", is_flag=True, help="All parked deliveries.")
@pass_context
def drop(context: Context, delivery: str | None, destination: str | None, *, everything: bool) -> None:
    """Give a parked DELIVERY up for good."""
    _check_named(delivery, destination, everything=everything)
    number = change(context.load().state, "alerts.drop", delivery_id=delivery, destination=destination)
    _tell(number, "dropped", delivery)


@alerts.command()
@click.argument("alert")
@click.argument("verdict", type=click.Choice(verdicts.VERDICTS))
@pass_context
def judge(context: Context, alert: str, verdict: str) -> None:
    """Record that ALERT was good, wrong, or a duplicate; `yuewatch rules list` shows what that says of its rule."""
    if not change(context.load().state, "alerts.judge", alert_id=alert, verdict=verdict):
        raise StateError(f"there is no alert {alert}; `yuewatch alerts list` shows what there is")
    console().print(f"{alert}: {verdict}")


def _check_named(delivery: str | None, destination: str | None, *, everything: bool) -> None:
    if not (delivery or destination or everything):
        raise click.UsageError(
            "name a DELIVERY, a --destination or --all; `yuewatch alerts outgoing --parked` shows what there is"
        )


def _destinations(context: Context) -> frozenset[str]:
    """Name every destination there is."""
    with context.reader() as database:
        return context.load().destination_ids(subscribers.every(database, active=True))


def _check_configured(
    context: Context, known: frozenset[str], delivery: str | None, destination: str | None
) -> None:
    """Refuse to make due what would be parked again for want of a destination."""
    with context.reader() as database:
        found = deliveries.find(database, delivery) if delivery else None
    for name in {destination, found.destination if found else None} - {None, *known}:
        raise ConfigurationError(
            f"no destination {name!r} is configured, so nothing was retried; give it back its name, or send what is "
            f"parked elsewhere with `yuewatch alerts retry --destination {name} --to NAME`"
        )


def _send_instead(
    state: Path, known: frozenset[str], delivery: str | None, destination: str | None, to: str
) -> None:
    if not (delivery or destination):
        raise click.UsageError("--to goes with a DELIVERY or a --destination")
    if to == destination:
        raise click.UsageError(f"{to} is where they wait already; name another destination after --to")
    if to not in known:
        raise ConfigurationError(complaint(to, known, "destinations"))
    number = change(state, "alerts.send_instead", to=to, delivery_id=delivery, destination=destination)
    _tell(number, f"sent to {to} instead, without what it was told of already", delivery)


def _tell(number: int, became: str, delivery: str | None, *, done: bool = False) -> None:
    """Say what became of how many deliveries; end as having found nothing to do where that is so."""
    if delivery and not number:
        raise StateError(
            f"there is no parked or waiting delivery {delivery}; `yuewatch alerts outgoing` shows what there is"
        )
    console().print(f"{number} deliveries {became}")
    if not (number or done):
        finish(NOTHING)


def _row(delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery_id": delivery.id,
        "destination": delivery.destination,
        "subscription": delivery.subscription,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "created": delivery.created.isoformat(timespec="seconds"),
        "due_at": delivery.due_at.isoformat(timespec="seconds"),
        "last_error": delivery.last_error,
        "alerts": list(delivery.alert_ids),
    }


def _told(contents: Contents) -> list[dict[str, Any]]:
    if contents.notice is not None:
        return [{"title": contents.notice.title, "url": None, "rule": None}]
    return [
        {"title": item.lead.title or "(no title)", "url": item.lead.url, "rule": item.alert.rule}
        for item in contents.alerts
    ]


def _tried(one: Tried) -> dict[str, Any]:
    return {
        "at": one.at.isoformat(timespec="seconds"),
        "outcome": one.outcome,
        "why": one.why,
        "took": one.took.total_seconds(),
    }
