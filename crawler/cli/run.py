"""`yuewatch run`: the daemon."""

from __future__ import annotations

import click

from crawler.cli.context import Context, pass_context
from crawler.daemon import run_daemon
from crawler.reactor import run as run_on_reactor


@click.command()
@pass_context
def run(context: Context) -> None:
    """Run the daemon: crawl on schedule, alert at once, until SIGTERM. SIGHUP reloads the configuration."""
    context.load()
    run_on_reactor(lambda: run_daemon(context.config, context.state))
