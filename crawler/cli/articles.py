"""`yuewatch articles`: pages that could not be read."""

from __future__ import annotations

import click

from crawler.cli.context import NOTHING, Context, console, finish, json_option, pass_context, print_rows
from crawler.control import change
from state import pages


@click.group()
def articles() -> None:
    """Show and retry pages that could not be read."""


@articles.command()
@json_option
@pass_context
def quarantined(context: Context, *, as_json: bool) -> None:
    """List the pages in quarantine; their bytes are kept."""
    with context.reader() as database:
        rows = pages.quarantined(database)
    print_rows(
        rows,
        as_json=as_json,
        title=f"{len(rows)} pages",
        columns=("url", "attempts", "error"),
        empty="no page is in quarantine",
    )


@articles.command()
@click.argument("url", nargs=-1)
@pass_context
def retry(context: Context, url: tuple[str, ...]) -> None:
    """Let quarantined pages (URLs, or all) be read again."""
    number = change(context.load().state, "articles.retry", urls=list(url))
    console().print(
        f"{number} pages will be read again, by the running daemon at once, else by the next crawl"
    )
    if not number:
        finish(NOTHING)
