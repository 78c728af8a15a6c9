"""`yuewatch stories`: look at stories, and put right what was joined or kept apart wrongly."""

from __future__ import annotations

import click

from crawler.cli.context import Context, console, json_option, pass_context, print_json
from crawler.control import change
from crawler.shapes import story_shape
from state import stories as story_table
from state.errors import StateError


@click.group()
def stories() -> None:
    """Show a story; merge two, or split an article off."""


@stories.command()
@click.argument("story")
@json_option
@pass_context
def show(context: Context, story: str, *, as_json: bool) -> None:
    """Show one STORY: its lead, its members and what shows that they belong to it, and its links."""
    with context.reader() as database:
        found = story_table.find(database, story)
    if found is None:
        raise StateError(f"there is no story {story}; `yuewatch export stories` lists them")
    if as_json:
        print_json([story_shape(found)])
        return
    out = console()
    out.print(f"{found.id}  {found.lead}")
    for member in found.members:
        out.print(f"  {member.relation}: {member.url} ({member.evidence})")
    for link in found.links:
        out.print(f"  {link.kind}: {link.story_id} ({link.evidence})")


@stories.command()
@click.argument("story")
@click.argument("other")
@pass_context
def merge(context: Context, story: str, other: str) -> None:
    """Make OTHER part of STORY, which keeps its lead; nobody is told again."""
    change(context.load().state, "stories.merge", into=story, other=other)
    console().print(f"{other} is part of {story} now")


@stories.command()
@click.argument("url")
@pass_context
def split(context: Context, url: str) -> None:
    """Take the article at URL out of its story into one of its own, for good; nobody is told anything."""
    opened = change(context.load().state, "stories.split", url=url)
    console().print(f"{url} is the lead of {opened} now")
