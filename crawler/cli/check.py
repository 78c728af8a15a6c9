"""`yuewatch check`: everything that can be wrong before anything runs."""

from __future__ import annotations

from datetime import timedelta

import click

from alerts.timing import in_quiet_hours
from crawler.cli.context import CONFIGURATION, Context, console, finish, pass_context
from crawler.configuration.load import Configuration
from crawler.configuration.place import find_file
from crawler.fetching.browser import missing
from rules.matcher import failing_examples
from state.database import sqlite_report


@click.command()
@pass_context
def check(context: Context) -> None:
    """Check the configuration, the pack and every rule's examples, and print all that is wrong or unwise."""
    configuration = context.load()
    out = console()
    out.print(f"configuration  {find_file(context.config) or 'none: defaults and the shipped pack'}")
    enabled = [source for source in configuration.sources.values() if source.enabled]
    out.print(
        f"               {len(enabled)} of {len(configuration.sources)} sources enabled, {len(configuration.pack.rules)} rules, "
        f"{len(configuration.subscriptions)} subscriptions, {len(configuration.open_destinations())} destinations"
    )
    for remark in _remarks(configuration):
        out.print(f"remark         {remark}")
    unfit = _unfit(configuration)
    if unfit is not None:
        out.print(f"sources        {unfit}")
    failing = failing_examples(configuration.pack)
    for line in failing:
        out.print(f"rule example   {line}")
    if failing or unfit is not None:
        finish(CONFIGURATION)
    out.print("all good")


def _unfit(configuration: Configuration) -> str | None:
    """Say which sources cannot be read as this machine is set up."""
    named = [source.id for source in configuration.sources.values() if source.enabled and source.browser]
    lacking = missing(configuration.fetching.browser) if named else None
    return f"{', '.join(named)}: with `browser: true`, but {lacking}" if lacking else None


def _remarks(configuration: Configuration) -> list[str]:
    remarks = []
    if not configuration.fetching.contact:
        remarks.append("fetching.contact is not set; sites cannot reach you before they block you")
    if configuration.fetching.allow_addresses:
        allowed = ", ".join(configuration.fetching.allow_addresses)
        remarks.append(f"fetching.allow_addresses lets pages and webhooks lead to {allowed}")
    if not configuration.subscriptions:
        remarks.append("there is no subscription, so nobody is alerted; see deploy/yuewatch.example.yaml")
    remarks += [
        f"subscription {subscription.id} has no destination, so its alerts are only listed"
        for subscription in configuration.subscriptions
        if not subscription.destinations
    ]
    kinds = {rule.kind for rule in configuration.pack.rules}
    remarks += [
        f"subscription {subscription.id} asks for rules of the kind {kind}, of which there is none yet"
        for subscription in configuration.subscriptions
        for kind in sorted(subscription.kinds - kinds)
    ]
    remarks += [
        f"source {source.id} is polled every {source.every}; less than a minute is for sites of your own"
        for source in configuration.sources.values()
        if source.enabled and source.every < timedelta(minutes=1)
    ]
    remarks += [
        f"the digest of subscription {subscription.id} comes in its quiet hours; the time named for a digest goes before them"
        for subscription in configuration.subscriptions
        if in_quiet_hours(subscription.timing)
    ]
    version, affected = sqlite_report()
    if affected:
        remarks.append(
            f"SQLite {version} has the WAL-reset bug; yuewatch writes through one connection only, so do not write to the state file with other tools"
        )
    return remarks
