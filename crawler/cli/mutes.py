"""`yuewatch alerts mute`, `mutes` and `unmute`: keep something quiet for a while, and say why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import click

from crawler.cli.context import NOTHING, Context, console, finish, json_option, pass_context, print_rows
from crawler.cli.moments import Future, Length
from crawler.configuration.load import Configuration
from crawler.configuration.names import complaint, known_names
from crawler.control import change
from state import stories
from state.database import open_reader
from state.errors import ConfigurationError, StateError
from state.standing import MuteKind
from state.standing import mutes as standing_mutes

_KINDS: tuple[MuteKind, ...] = ("rule", "organisation", "source", "story", "subscription")


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add one option for each kind of thing that can be muted."""
    for kind in reversed(_KINDS):
        command = click.option(f"--{kind}", metavar="ID", help=f"The {kind} to keep quiet.")(command)
    return command


@click.command()
@_options
@click.option("--until", type=Future(), help="When it ends, like 2026-03-05 or 2026-03-05T08:00+08:00.")
@click.option("--for", "length", type=Length(), help="How long it lasts, like 8h or 7d.")
@click.option("--comment", required=True, help="Why; `alerts mutes` shows it.")
@pass_context
def mute(
    context: Context,
    /,
    until: datetime | None,
    length: timedelta | None,
    comment: str,
    **named: str | None,
) -> None:
    """Keep alerts on one rule, organisation, source, story or subscription quiet until a time.

    They are stored with the reason `muted` (`muted_article` for a source or organisation), and are not sent when the mute
    ends. What is held already is left out of the messages that would leave before that.
    """
    if (until is None) == (length is None):
        raise click.UsageError("say when it ends: give one of --until and --for")
    if not comment.strip():
        raise click.UsageError("say in --comment why; whoever finds the mute will want to know")
    kind, value = _one_of(named)
    configuration = context.load()
    value = _checked(configuration, kind, value)
    end = until if until is not None else datetime.now(UTC) + cast("timedelta", length)
    left_out = change(
        configuration.state,
        "alerts.mute",
        kind=kind,
        value=value,
        until=end.isoformat(),
        comment=comment[:500],
    )
    console().print(f"{kind} {value} is muted until {end:%Y-%m-%d %H:%M} UTC")
    if left_out:
        console().print(f"{left_out} held alerts that would have left before that are left out")


@click.command()
@json_option
@pass_context
def mutes(context: Context, *, as_json: bool) -> None:
    """List the mutes that stand, the one that ends first first."""
    with context.reader() as database:
        rows = [
            {
                "kind": item.kind,
                "value": item.value,
                "until": item.until.isoformat(timespec="seconds"),
                "comment": item.comment,
                "created": item.created.isoformat(timespec="seconds"),
            }
            for item in standing_mutes(database, datetime.now(UTC))
        ]
    print_rows(
        rows,
        as_json=as_json,
        title=f"{len(rows)} mutes",
        columns=("kind", "value", "until", "comment", "created"),
        empty="nothing is muted",
    )


@click.command()
@_options
@pass_context
def unmute(context: Context, /, **named: str | None) -> None:
    """End a mute before its time."""
    kind, value = _one_of(named)
    if not change(context.load().state, "alerts.unmute", kind=kind, value=value):
        console().print(f"{kind} {value} was not muted")
        finish(NOTHING)
    console().print(f"{kind} {value} is heard again")


def _one_of(named: dict[str, str | None]) -> tuple[MuteKind, str]:
    given = [(kind, value) for kind in _KINDS if (value := named[kind]) is not None]
    if len(given) != 1:
        raise click.UsageError(f"name one thing: {', '.join(f'--{kind}' for kind in _KINDS)}")
    return given[0]


def _checked(configuration: Configuration, kind: MuteKind, value: str) -> str:
    """Refuse what is not there: a mute on a misspelt name would silence nothing and say it did."""
    if kind == "story":
        with open_reader(configuration.state) as database:
            story = stories.find(database, value)
        if story is None:
            raise StateError(f"there is no story {value}; `yuewatch export stories` lists them")
        return story.id
    key = f"{kind}s"
    known = known_names(configuration) | {"subscriptions": {one.id for one in configuration.subscriptions}}
    if value not in known[key]:
        raise ConfigurationError(complaint(value, known[key], key))
    return value
