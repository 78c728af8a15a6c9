"""Put the verbs together and turn errors into one line and an exit code."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from crawler.cli.context import Context
from state.errors import YuewatchError

_EPILOG = (
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 nothing to do, 4 bad configuration, 5 partly failed."
)

# Where each verb stands, and what it does in a line. Modules are imported when their verb is called: a status must not
# wait for Scrapy, nor the list of verbs for all of them.
_VERBS = {
    "run": ("run:run", "Run the daemon: crawl on schedule, alert at once."),
    "demo": ("demo:demo", "Run the daemon against six made-up sites on this machine."),
    "crawl": ("crawl:crawl", "Make one round over the sources and show what it brings."),
    "backfill": ("backfill:backfill", "Bring what sources published in the past."),
    "explain": ("explain:explain", "Explain what became of an article, and why."),
    "import": ("exchange:import_", "Take articles from JSON lines."),
    "export": ("exchange:export", "Give out what is stored as JSON lines."),
    "sources": ("sources:sources", "Show, find, mend and change the sources."),
    "rules": ("rules:rules", "Show the rules, test them, try them on the past."),
    "alerts": ("alerts:alerts", "Show alerts and deliveries; retry, drop, judge, mute."),
    "subscriptions": ("subscriptions:subscriptions", "Show subscriptions and try them out."),
    "subscribers": ("subscribers:subscribers", "Let people subscribe by mail and leave again."),
    "stories": ("stories:stories", "Show a story; merge two, or split one."),
    "articles": ("articles:articles", "Show and retry pages that could not be read."),
    "check": ("check:check", "Check the configuration, the pack and the rules."),
    "status": ("status:status", "Show how things stand."),
    "backup": ("status:backup", "Copy the state, also while the daemon runs."),
}


class _Verbs(click.Group):
    """Find verbs by the table, and tell expected errors in one line; anything else is a bug and shows itself whole."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _VERBS:
            return None
        module, name = _VERBS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(f"crawler.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _VERBS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except YuewatchError as error:
            click.echo(f"yuewatch: {error}", err=True)
            sys.exit(error.exit_code)


@click.group(
    cls=_Verbs,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration file; else $YUEWATCH_CONFIG, ./yuewatch.yaml, $XDG_CONFIG_HOME/yuewatch/, /etc/yuewatch/.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, dir_okay=False),
    help="State file; else $YUEWATCH_STATE, the configuration, ./yuewatch.db.",
)
@click.version_option(package_name="yuewatch")
@click.pass_context
def main(ctx: click.Context, config: Path | None, state: Path | None) -> None:
    """Watch news, government and company sites; alert once per story, with the sentence that proves it."""
    ctx.obj = Context(config, state)
