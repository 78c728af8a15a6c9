"""Put a proposed repair into words, for everybody who shows findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from state.health import Finding

_SHOWN = 40


def remedy(finding: Finding) -> str | None:
    """Say in one line what would mend a drifted listing, or that nothing was found; None where nothing was sought."""
    repair = finding.repair
    if repair is None:
        return None
    if repair.options is None:
        return (
            "no other description reads its page of today better; "
            "look for another page of the site with `yuewatch sources probe`"
        )
    sample = f", e.g. “{repair.sample[0][:_SHOWN]}”" if repair.sample else ""
    return (
        f"{said(repair.options)} would find {counted(repair.leads, repair.known)}{sample}; "
        f"`yuewatch sources repair {finding.source_id} --write` takes it over"
    )


def said(options: Mapping[str, Any]) -> str:
    """Write options in one line: `item: li.news, date: em`; nothing where there are none."""
    return ", ".join(f"{name}: {value}" for name, value in options.items() if isinstance(value, str))


def counted(leads: int, known: int) -> str:
    """Count leads in words, and those that the source brought before."""
    return f"{leads} items, {known} of them known from before"
