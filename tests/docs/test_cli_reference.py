"""Hold docs/reference/cli.md to what the command line takes."""

from __future__ import annotations

import click
import pytest

from crawler.cli import context
from crawler.cli.main import main

PAGE = "docs/reference/cli.md"


def _verbs(command: click.Command, name: str = "yuewatch"):
    """Give every verb with its full name, groups included."""
    yield name, command
    if isinstance(command, click.Group):
        with click.Context(command) as around:
            for child in command.list_commands(around):
                yield from _verbs(command.get_command(around, child), f"{name} {child}")


VERBS = dict(_verbs(main))
LEAVES = {name: verb for name, verb in VERBS.items() if not isinstance(verb, click.Group)}


@pytest.mark.parametrize("name", LEAVES)
def test_every_verb_has_a_section_that_names_all_its_options(doc, name):
    section = doc(PAGE).section(f"### `{name}")
    for parameter in LEAVES[name].params:
        if isinstance(parameter, click.Option):
            for option in (*parameter.opts, *parameter.secondary_opts):
                assert f"`{option}" in section, f"{name} takes {option}"


def test_the_global_options_are_described(doc):
    head = doc(PAGE).section("# Command line")
    for parameter in main.params:
        for option in parameter.opts:
            assert f"`{option}" in head


def test_no_section_describes_a_verb_that_is_not_there(doc):
    described = [
        line.removeprefix("### `").split(" [")[0].rstrip("`")
        for line in doc(PAGE).text.splitlines()
        if line.startswith("### `yuewatch")
    ]
    shown = {
        " ".join(word for word in name.split() if word.islower() and "|" not in word) for name in described
    }
    assert shown == set(LEAVES)


@pytest.mark.parametrize("page", [PAGE, "deploy/RUNBOOK.md"])
@pytest.mark.parametrize("meaning", ["DONE", "FAILED", "USAGE", "NOTHING", "CONFIGURATION", "PARTLY"])
def test_every_exit_code_is_described(doc, page, meaning):
    code = getattr(context, meaning)
    table = doc(page).section("## Exit codes")
    row = next(line for line in table.splitlines() if line.startswith(f"| {code} |"))
    assert meaning.lower().replace("usage", "wrong usage") in row
