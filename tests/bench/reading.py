"""Measure the reading stage: bodies, dates, folding, controls, seeds, speed. Prints the table of docs/reference/reading.md.

Run `python tests/bench/reading.py [--quick]` from the repository root. Needs `../shared` (or $YUEWATCH_SHARED): the
public development pages of `eval/extraction-dev`, the broadcasts of `eval/background-xwlb-zh-news-all.jsonl.gz` and
the five seeds. Everything else is generated.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

sys.path.insert(
    0, str(Path(__file__).resolve().parents[2])
)  # before this folder, whose rules.py would hide the package

from perusing.bodies import measure_bodies, measure_speed
from perusing.dates import measure_dates
from perusing.doubling import KINDS
from perusing.folding import measure_controls, measure_folding
from perusing.hostile import measure_hostile, measure_large_hostile
from perusing.samples import load_samples
from perusing.seeds import measure_seeds

from crawler.reading.furniture import line_key
from crawler.reading.page import read_text


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of everything")
    quick = parser.parse_args().quick
    logging.disable(logging.CRITICAL)  # readability logs the pages it cannot parse
    samples = load_samples()[:: 5 if quick else 1]
    each = 5 if quick else 30
    line_key("warm")
    read_text("x:", "Warm up the language classifier with a sentence of some length before time is taken.")
    print(f"### {len(samples)} development pages\n", *measure_bodies(samples), sep="\n")
    print("\n", *measure_speed(samples), sep="\n")
    print("\n### Dates\n", *measure_dates(), sep="\n")
    print(
        f"\n### Folding, {2 * each * len(KINDS)} doubled pages\n", *measure_folding(samples, each), sep="\n"
    )
    print("\n### Controls\n", *measure_controls(samples, 40 if quick else 300), sep="\n")
    print("\n### Hostile pages\n", *measure_hostile(), sep="\n")
    print("\n### Hostile pages of 10 MB\n", *measure_large_hostile(), sep="\n")
    print("\n### Seeds\n", *measure_seeds(), sep="\n")


if __name__ == "__main__":
    main()
