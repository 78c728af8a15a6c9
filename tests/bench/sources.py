"""Measure how sources are found and watched: `make bench-sources`, or this with `polling`, `sickness`, `probing`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "aids")]

import makes  # noqa: E402 - the checkout must be importable first
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


if __name__ == "__main__":
    asked = sys.argv[1:] or ["polling", "sickness", "probing"]
    if "polling" in asked:
        polling.report(polling.generated(2))
    if "sickness" in asked:
        sickness.report()
    sys.exit(0 if "probing" not in asked or probing() else 1)
