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

# Where each verb stands. Modules are imported when their verb is asked for: a status must not wait for Scrapy.
_VERBS = {
    "run": "run:run",
    "demo": "demo:demo",
    "crawl": "crawl:crawl",
    "backfill": "backfill:backfill",
    "explain": "explain:explain",
    "import": "exchange:import_",
    "export": "exchange:export",
    "sources": "sources:sources",
    "rules": "rules:rules",
    "alerts": "alerts:alerts",
    "subscriptions": "subscriptions:subscriptions",
    "subscribers": "subscribers:subscribers",
    "stories": "stories:stories",
    "articles": "articles:articles",
    "check": "check:check",
    "status": "status:status",
    "backup": "status:backup",
}


class _Verbs(click.Group):
    """Find verbs by the table, and tell expected errors in one line; anything else is a bug and shows itself whole."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        place = _VERBS.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command: click.Command = getattr(import_module(f"crawler.cli.{module}"), name)
        return command

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
