"""`yuewatch rules`: the questions that are asked of every article."""

from __future__ import annotations

import click

from crawler.cli.context import Context, json_option, pass_context, print_rows


@click.group()
def rules() -> None:
    """Show the rules."""


@rules.command("list")
@json_option
@pass_context
def list_(context: Context, *, as_json: bool) -> None:
    """List the rules of the pack and the configuration."""
    pack = context.load().pack
    rows = [
        {
            "id": rule.id,
            "kind": rule.kind,
            "severity": rule.severity,
            "name_en": rule.name_en,
            "name_zh": rule.name_zh,
        }
        for rule in pack.rules
    ]
    print_rows(
        rows,
        as_json=as_json,
        title=f"{len(rows)} rules",
        columns=("id", "kind", "severity", "name_en", "name_zh"),
        empty="the pack has no rules",
    )
