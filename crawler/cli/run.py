"""`yuewatch run`: the daemon."""

from __future__ import annotations

from pathlib import Path
from time import monotonic, sleep

import click

from crawler.cli.context import Context, pass_context
from crawler.configuration.place import glance_at_state
from state.lock import holder_of, refuse_if_held

_HANDING_OVER = 10.0
"""Seconds that a backfill may take to finish what it is writing."""


@click.command()
@pass_context
def run(context: Context) -> None:
    """Run the daemon: crawl on schedule, alert at once, until SIGTERM. SIGHUP reloads the configuration."""
    _make_room(glance_at_state(context.config, context.state))
    context.load()
    # Imported only now, so that a second daemon is refused within a second.
    from crawler.daemon import run_daemon  # noqa: PLC0415
    from crawler.reactor import run as run_on_reactor  # noqa: PLC0415

    run_on_reactor(lambda: run_daemon(context.config, context.state))


def _make_room(state: Path) -> None:
    """Take the state over from a backfill; raise StateLocked where another daemon or verb holds it."""
    if holder_of(state) is None:
        return
    from crawler.control import ask_to_hand_over  # noqa: PLC0415 - seldom needed, and a start should be quick

    patience = monotonic() + _HANDING_OVER
    if ask_to_hand_over(state):
        while holder_of(state) is not None and monotonic() < patience:
            sleep(0.05)
    refuse_if_held(state)
