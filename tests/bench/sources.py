"""Measure how sources are found, watched and treated: `make bench-sources`.

Parts by name: `polling`, `sickness`, `probing`, `manners` (fleet.py), `disguises` (every form by every entry).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "aids")]

import fleet  # noqa: E402 - the checkout must be importable first
import makes  # noqa: E402
import polling  # noqa: E402
import sickness  # noqa: E402
from probing import probe_sites  # noqa: E402


def probing() -> bool:
    """Probe a site of every make; print how many give an entry that needs no editing, and tell whether it suffices."""
    offered = [make.__name__ for make in makes.OPEN]
    closed = [make.__name__ for make in makes.CLOSED]
    found = probe_sites([*offered, *closed])
    for name in offered:
        if not found[name]["works"]:
            print(f"  {name}: no working entry; {'; '.join(found[name]['remarks'])}")
    working = sum(found[name]["works"] for name in offered)
    invented = sum(found[name]["works"] for name in closed)
    requests = sum(one["requests"] for one in found.values()) / len(found)
    print(
        f"probe: entries that work without editing       {working} of {len(offered)} makes (reach: 18 of 20)"
    )
    print(f"probe: entries where there is nothing to watch {invented} of {len(closed)} makes (reach: 0)")
    print(f"probe: requests per site, mean                 {requests:.1f}")
    return working >= 0.9 * len(offered) and not invented


def disguises() -> bool:
    """Bring every disguise of an inside address in through every entry; tell whether nobody was connected to."""
    tests = ("tests/crawler/fetching/test_disguises.py", "tests/alerts/channels/test_disguises.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-n", "0", *tests],
        cwd=ROOT,
        env=os.environ | {"YUEWATCH_EVERY_DISGUISE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stdout[-5000:])
    print("\naddress guard: disguises of an inside address, and connections to it")
    for entry, forms in re.findall(r"^(.+): (\d+) forms, 0 connections$", done.stdout, re.MULTILINE):
        print(f"  {entry:<28}{forms:>4} forms, 0 connections")
    return done.returncode == 0


if __name__ == "__main__":
    asked = sys.argv[1:] or ["polling", "sickness", "manners", "disguises", "probing"]
    if "polling" in asked:
        polling.report(polling.generated(2))
    if "sickness" in asked:
        sickness.report()
    kept = [
        "manners" not in asked or fleet.report(),
        "disguises" not in asked or disguises(),
        "probing" not in asked or probing(),
    ]
    sys.exit(0 if all(kept) else 1)
