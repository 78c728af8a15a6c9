"""List the contracts that a source is held to: one pure function for each thing that can be wrong."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.health import looks, pages
from crawler.health.case import Case, Contract
from crawler.health.failing import failing
from crawler.health.silence import quiet
from state.health import Finding

CONTRACTS: dict[str, Contract] = {
    "failing": failing,
    "quiet": quiet,
    "empty": looks.empty,
    "drifted": looks.drifted,
    "stale": looks.stale,
    "backwards": looks.backwards,
    "ahead": looks.ahead,
    "shorter": pages.shorter,
    "other language": pages.other_language,
    "unreadable": pages.unreadable,
    "login": looks.login,
    "elsewhere": looks.elsewhere,
    "flood": looks.flood,
}


def examine(case: Case) -> Iterator[Finding]:
    """Give what is wrong with a source now."""
    for kind, contract in CONTRACTS.items():
        complaint = contract(case)
        if complaint is not None:
            yield Finding(case.source.id, kind, complaint.reason, complaint.evidence, case.now)
