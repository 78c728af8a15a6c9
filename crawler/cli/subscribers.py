"""`yuewatch subscribers`: people who subscribe, confirm and leave by command."""

from __future__ import annotations

from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from alerts.channels.email import Mailbox
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
from crawler.cli.subscriptions import find
from crawler.control import change
from crawler.people import export as export_of
from state import subscribers as kept
from state.errors import ConfigurationError
from state.subscribers import Subscriber

_ADDRESS: TypeAdapter[str] = TypeAdapter(Mailbox)


class _Address(click.ParamType[str]):
    """Read a bare address; its host is written small, so that nobody subscribes twice by accident."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            mailbox, _, host = _ADDRESS.validate_python(value).rpartition("@")
        except ValidationError:
            self.fail("this is not a bare address like user@host", param, ctx)
        return f"{mailbox}@{host.lower()}"


@click.group()
def subscribers() -> None:
    """Let people subscribe by mail and leave again; show, export and erase what is kept of them."""


@subscribers.command()
@click.argument("address", type=_Address())
@click.option("--subscription", required=True, help="What to send there.")
@pass_context
def add(context: Context, address: str, subscription: str) -> None:
    """Ask ADDRESS to confirm that it wants the messages of a subscription; nothing else is sent before.

    The mail goes out at once where the daemon runs, else when it next does.
    """
    configuration = context.load()
    find(configuration, subscription)
    if configuration.settings.subscribers.through is None:
        raise ConfigurationError(
            "nothing says how to write to people; name an e-mail destination under subscribers.through"
        )
    state = change(configuration.state, "subscribers.add", address=address, subscription=subscription)
    if state == "confirmed":
        console().print("this address gets them already")
        finish(NOTHING)
    console().print(
        f"a mail asks {masked(address)} to confirm; `yuewatch subscribers confirm TOKEN` takes the answer"
    )


@subscribers.command()
@click.argument("token")
@pass_context
def confirm(context: Context, token: str) -> None:
    """Take the TOKEN of a confirmation mail: from now on its address gets the messages."""
    configuration = context.load()
    within = configuration.settings.subscribers.confirm_within.total_seconds()
    subscription = change(configuration.state, "subscribers.confirm", token=token, within=within)
    console().print(f"confirmed: {subscription}")


@subscribers.command()
@click.argument("token")
@pass_context
def unsubscribe(context: Context, token: str) -> None:
    """Take the TOKEN of a wish to stop: nothing more is sent, and what waited is dropped."""
    subscription = change(context.load().state, "subscribers.unsubscribe", token=token)
    console().print(f"ended: {subscription}")


@subscribers.command("list")
@click.option("--show", is_flag=True, help="Show the addresses whole.")
@json_option
@pass_context
def list_(context: Context, *, show: bool, as_json: bool) -> None:
    """List who subscribed by command, with masked addresses."""
    with context.reader() as database:
        rows = [_row(one, show=show) for one in kept.every(database)]
    print_rows(
        rows,
        as_json=as_json,
        title=f"{len(rows)} subscribers",
        columns=("id", "address", "subscription", "state", "created", "confirmed", "ended"),
        empty="nobody has subscribed by command",
    )


@subscribers.command()
@click.argument("address", type=_Address())
@pass_context
def export(context: Context, address: str) -> None:
    """Print all that is kept of ADDRESS, one JSON object for each of its subscriptions."""
    with context.reader() as database:
        rows = export_of(database, address)
    print_json(rows)
    if not rows:
        finish(NOTHING)


@subscribers.command()
@click.argument("address", type=_Address())
@pass_context
def erase(context: Context, address: str) -> None:
    """Delete all that is kept of ADDRESS, with every message to it, sent or waiting."""
    number = change(context.load().state, "subscribers.erase", address=address)
    if not number:
        console().print("nothing is kept of this address")
        finish(NOTHING)
    console().print(f"erased: {number} subscriptions; backups made before still hold the address")


def masked(address: str) -> str:
    """Give an address so that its owner would know it and nobody else."""
    mailbox, _, host = address.rpartition("@")
    return f"{mailbox[:1]}…@{host}"


def _row(one: Subscriber, *, show: bool) -> dict[str, Any]:
    return {
        "id": one.id,
        "address": one.address if show else masked(one.address),
        "subscription": one.subscription,
        "state": one.state,
        "created": one.created.isoformat(timespec="seconds"),
        "confirmed": one.confirmed_at.isoformat(timespec="seconds") if one.confirmed_at else None,
        "ended": one.ended_at.isoformat(timespec="seconds") if one.ended_at else None,
    }
