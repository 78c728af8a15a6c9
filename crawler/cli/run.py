"""`yuewatch run`: the daemon."""

from __future__ import annotations

import click

from crawler.cli.context import Context, pass_context
from crawler.configuration.place import glance_at_state
from state.lock import refuse_if_held


@click.command()
@pass_context
def run(context: Context) -> None:
    """Run the daemon: crawl on schedule, alert at once, until SIGTERM. SIGHUP reloads the configuration."""
    refuse_if_held(glance_at_state(context.config, context.state))
    context.load()
    # Imported only now, so that a second daemon is refused within a second.
    from crawler.daemon import run_daemon  # noqa: PLC0415
    from crawler.reactor import run as run_on_reactor  # noqa: PLC0415

    run_on_reactor(lambda: run_daemon(context.config, context.state))
