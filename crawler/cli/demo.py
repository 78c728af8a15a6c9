"""`yuewatch demo`: the whole thing on a made-up newsroom."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from crawler.cli.context import finish
from crawler.demo.play import play


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-state"),
    show_default=True,
    help="Where the demo's configuration and state go.",
)
def demo(folder: Path) -> None:
    """Run the daemon against six made-up sites on this machine for under a minute, and show what happens."""
    finish(asyncio.run(play(folder)))
