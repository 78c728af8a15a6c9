"""Measure delivery and print the table of docs/reference/alerts.md.

Run `python tests/bench/alerts.py [PART …] [--full] [--cases N] [--seed N] [--rounds N]`; all parts without any. `--full`
takes the sizes that the figures are promised for. Receivers listen on loopback; only the JavaScript verifier is fetched
from its registry, into a folder that is thrown away.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(ROOT),
    str(ROOT / "tests" / "aids"),
]  # before this folder, whose rules.py would hide the package

import structlog  # noqa: E402 - the checkout must be importable first
from delivering import attacks, behaviours, dead, delays, digests, letters, signatures  # noqa: E402 - as above
from delivering.table import Row, as_markdown  # noqa: E402 - as above

PARTS = ("behaviours", "signatures", "letters", "attacks", "dead", "latency", "backlog", "digests")


def main() -> None:
    """Run the parts asked for and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], default=[], metavar="PART", help=", ".join(PARTS)
    )
    parser.add_argument("--full", action="store_true", help="the sizes of the issue")
    parser.add_argument("--cases", type=int, help="mails of the header fuzz")
    parser.add_argument("--seed", type=int, default=6, help="of the header fuzz")
    parser.add_argument("--rounds", type=int, help="of the comparison with a dead endpoint")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    rows: list[Row] = []
    measures = _measures(asked)
    for part in asked.parts or PARTS:
        found = measures[part]()
        print(*(f"{row.what}: {row.found}" for row in found), sep="\n", flush=True)
        rows += found
    print("\n" + as_markdown(rows))


def _measures(asked: argparse.Namespace) -> dict[str, Callable[[], list[Row]]]:
    full = asked.full
    return {
        "behaviours": behaviours.behaviours,
        "signatures": partial(signatures.signatures, 10_000 if full else 1_000),
        "letters": partial(letters.letters, asked.cases or (100_000 if full else 2_000), asked.seed),
        "attacks": attacks.attacks,
        "dead": partial(dead.dead, asked.rounds or (10 if full else 1)),
        "latency": partial(delays.latency, 300 if full else 100),
        "backlog": partial(delays.backlog, 10_000 if full else 1_000),
        "digests": partial(digests.digests, 10 if full else 2),
    }


if __name__ == "__main__":
    main()
