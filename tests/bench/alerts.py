"""Measure delivery and print the table of docs/reference/alerts.md.

Run `python tests/bench/alerts.py [PART …] [--cases N] [--seed N] [--rounds N]`; all parts without any. `--cases` is the
number of mails of the header fuzz; signatures take a tenth of it, and at most 10,000. Receivers listen on loopback;
only the JavaScript verifier is fetched from its registry, into a folder that is thrown away.
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
from delivering import attacks, behaviours, delays, digests, letters, signatures  # noqa: E402 - as above
from delivering.table import Row, as_markdown  # noqa: E402 - as above

PARTS = ("behaviours", "signatures", "letters", "attacks", "dead", "latency", "backlog", "digests")


def main() -> None:
    """Run the parts asked for and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], default=[], metavar="PART", help=", ".join(PARTS)
    )
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=6, help="of the header fuzz")
    parser.add_argument("--rounds", type=int, default=4, help="of the comparison with a dead endpoint")
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
    return {
        "behaviours": behaviours.behaviours,
        "signatures": partial(signatures.signatures, min(10_000, max(100, asked.cases // 10))),
        "letters": partial(letters.letters, asked.cases, asked.seed),
        "attacks": attacks.attacks,
        "dead": partial(delays.dead, asked.rounds),
        "latency": delays.latency,
        "backlog": delays.backlog,
        "digests": digests.digests,
    }


if __name__ == "__main__":
    main()
