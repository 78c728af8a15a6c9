"""`yuewatch rules`: the questions that are asked of every article, and the lab in which to try them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import click

from crawler.backtest import Trial, backtest
from crawler.cli.context import (
    FAILED,
    Context,
    console,
    finish,
    json_option,
    pass_context,
    print_json,
    print_rows,
)
from crawler.cli.moments import Past
from rules.explain import explain_rule
from rules.matcher import Matcher, failing_examples
from rules.pack import Pack
from rules.rule import Rule
from state import verdicts
from state.database import open_reader
from state.errors import ConfigurationError


@click.group()
def rules() -> None:
    """Show the rules, explain and test them, and try them on the stored archive."""


@rules.command("list")
@json_option
@pass_context
def list_(context: Context, *, as_json: bool) -> None:
    """List the rules, with the precision that verdicts on their alerts give them."""
    configuration = context.load()
    judged: dict[str, verdicts.Judged] = {}
    if configuration.state.exists():
        with open_reader(configuration.state) as database:
            judged = verdicts.by_rule(database)
    rows = [_row(rule, judged.get(rule.id, verdicts.Judged())) for rule in configuration.pack.rules]
    print_rows(
        rows,
        as_json=as_json,
        title=f"{len(rows)} rules",
        columns=("id", "kind", "severity", "name_en", "name_zh", "judged", "precision"),
        empty="the pack has no rules",
    )


def _row(rule: Rule, judged: verdicts.Judged) -> dict[str, Any]:
    precision = judged.precision
    return {
        "id": rule.id,
        "kind": rule.kind,
        "severity": rule.severity,
        "name_en": rule.name_en,
        "name_zh": rule.name_zh,
        "enabled": rule.enabled,
        "judged": judged.good + judged.wrong + judged.duplicate,
        "precision": None if precision is None else round(precision, 3),
    }


@rules.command()
@click.argument("rule")
@json_option
@pass_context
def explain(context: Context, rule: str, *, as_json: bool) -> None:
    """Say in one English and one Chinese sentence what RULE asks."""
    pack = context.load().pack
    english, chinese = explain_rule(_named(pack, rule), pack)
    if as_json:
        print_json([{"rule": rule, "en": english, "zh": chinese}])
        return
    console().print(english)
    console().print(chinese)


@rules.command()
@click.argument("rule", required=False)
@pass_context
def test(context: Context, rule: str | None) -> None:
    """Run the examples of RULE, or of all rules: those that must alert, must stay quiet, or are mere mentions."""
    pack = context.load().pack
    chosen = [_named(pack, rule)] if rule else [item for item in pack.rules if item.enabled]
    failing = [line for line in failing_examples(pack) if rule is None or line.startswith(f"rule {rule},")]
    for line in failing:
        console().print(line)
    number = sum(len(item.examples) for item in chosen)
    console().print(f"{number - len(failing)} of {number} examples come out as written")
    if failing:
        finish(FAILED)


@rules.command("backtest")
@click.argument("rule", required=False)
@click.option(
    "--since",
    type=Past(),
    default="30d",
    show_default=True,
    help="A duration like 30d, or a day like 2026-03-05.",
)
@click.option("--all", "everything", is_flag=True, help="Show unchanged matches too.")
@json_option
@pass_context
def backtest_(
    context: Context, rule: str | None, since: datetime, *, everything: bool, as_json: bool
) -> None:
    """Ask the rules as they are written now of every article stored since then; show what would change.

    "new" would fire and did not, "gone" did and would not, "changed" turned from event to mention or back.
    """
    configuration = context.load()
    if rule:
        _named(configuration.pack, rule)
    with open_reader(configuration.state) as database:
        trials = list(backtest(database, Matcher(configuration.pack), configuration.sources, since, rule))
    shown = [trial for trial in trials if everything or trial.change != "same"]
    if as_json:
        print_json(trial.shape() for trial in shown)
        return
    for trial in shown:
        _show(trial)
    out = console()
    for name, counted in (
        ("by change", Counter(trial.change for trial in trials)),
        ("by rule", Counter(trial.match.rule for trial in trials if trial.change != "gone")),
        ("by source", Counter(trial.source_id or "import" for trial in trials if trial.change != "gone")),
    ):
        out.print(
            f"{name}: "
            + (", ".join(f"{number} {what}" for what, number in counted.most_common()) or "nothing")
        )


def _show(trial: Trial) -> None:
    out = console()
    out.print(
        f"{trial.change:<8}{trial.match.rule} ({trial.match.status}) {trial.source_id or 'import'}: {trial.title or trial.url}"
    )
    for item in trial.match.evidence[:1]:
        out.print(f"        “{item.sentence}”")


def _named(pack: Pack, name: str) -> Rule:
    found = next((rule for rule in pack.rules if rule.id == name), None)
    if found is None:
        raise ConfigurationError(f"there is no rule {name!r}; `yuewatch rules list` shows the ids")
    return found
