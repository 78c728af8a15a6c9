"""Measure how soon a source that falls ill is reported, and how often a healthy one is: `make bench-sources`.

Sources of several habits are watched for six weeks on a made-up clock, in a real state file; then each falls ill in each of
the ways of tests/aids/ailing.py. A fault counts as reported where the right finding opens within twice the source's usual
gap: the longest silence of a week, in all weeks but one.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "aids")]

import polling  # noqa: E402 - the checkout must be importable first
from ailing import FAULTS, admit  # noqa: E402

from state.database import open_writer  # noqa: E402

WATCHED = timedelta(weeks=6)
MONTH = timedelta(days=28)
SEEDS = 1
HABITS = (polling.office, polling.newsroom, polling.morning_paper, polling.weekly, polling.sporadic)


def measure() -> tuple[Counter[str], Counter[str], dict[str, int]]:
    """Give, by habit, the faults reported in time and all faults; and the false reports of a month by source."""
    reported: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    false: dict[str, int] = {}
    for habit in HABITS:
        for seed in range(SEEDS):
            _one(habit, seed, reported, tried, false)
    return reported, tried, false


def _one(
    habit: polling.Make, seed: int, reported: Counter[str], tried: Counter[str], false: dict[str, int]
) -> None:
    name = habit.__name__
    times = sorted(habit(random.Random(f"{name} {seed}")))
    with tempfile.TemporaryDirectory() as folder, open_writer(Path(folder) / "state.db") as db, db.atomic():
        ward = admit(db, times, polling.START)
        early = len(ward.live(polling.START + WATCHED))
        now, usual = ward.now, ward.usual_gap()
        for fault, (fall_ill, kind) in FAULTS.items():
            db.execute("SAVEPOINT well")
            ward.since = now
            fall_ill(ward)
            opened = ward.live(now + 2 * usual)
            hit = kind in {finding.kind for finding in opened}
            tried[name] += 1
            reported[name] += hit
            if not hit:
                print(f"  missed: {name} that {fault}, expected {kind}, usual gap {usual}")
            db.execute("ROLLBACK TO well")
            db.execute("RELEASE well")
            ward.now = now
            ward.ill = ward.grade = ward.page = ward.redirect = ward.cut_off = ward.since = None
        false[f"{name} {seed}"] = early + len(ward.live(now + MONTH))


def report() -> None:
    """Print both figures."""
    reported, tried, false = measure()
    print("\nfaults reported within two usual gaps")
    for name, number in tried.items():
        print(f"  {name:<16}{reported[name]:>4} of {number}")
    total = sum(tried.values())
    print(f"  {'all':<16}{sum(reported.values()):>4} of {total} = {sum(reported.values()) / total:.1%}")
    months = (WATCHED + MONTH) / timedelta(days=30)
    print(f"\nfalse reports in {months:.1f} months of health: {false}")
    print(f"  per source and month: {sum(false.values()) / len(false) / months:.2f}")
