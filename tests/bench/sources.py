"""Measure how sources are found and watched: `make bench-sources`."""

from __future__ import annotations

import json
import logging
import sys
import tempfile
from pathlib import Path

import structlog
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "aids"))

import makes
from loopback import Loopback

from crawler.catalogue.editing import with_sources
from crawler.catalogue.pack import read_families
from crawler.configuration.load import Configuration, load_configuration, pack_catalogue
from crawler.probing.asking import Asker
from crawler.probing.probe import Findings, Probe
from crawler.probing.visit import visit
from crawler.reactor import run


def probing() -> bool:
    """Probe every made-up site; an entry counts where the configuration with it loads and most of its articles read."""
    served = Loopback()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "yuewatch.yaml"
        file.write_text(
            yaml.safe_dump(
                {
                    "state": "state.db",
                    "pack_sources": False,
                    "fetching": {"delay": "10ms", "allow_addresses": ["127.0.0.1"]},
                }
            )
        )
        findings = run(lambda: _probe_all(load_configuration(file), served))
        working = sum(_works(findings[make.__name__], file) for make in makes.OPEN)
        false = sum(findings[make.__name__].best is not None for make in makes.CLOSED)
    served.close()
    requests = sum(one.requests for one in findings.values()) / len(findings)
    print(f"probe: a working entry without editing   {working} of {len(makes.OPEN)} makes (reach: 18 of 20)")
    print(f"probe: an entry where nothing may be had  {false} of {len(makes.CLOSED)}")
    print(f"probe: requests per site, mean            {requests:.1f}")
    return working >= 0.9 * len(makes.OPEN) and not false


async def _probe_all(configuration: Configuration, served: Loopback) -> dict[str, Findings]:
    families = read_families(*pack_catalogue(configuration))

    async def look(asker: Asker) -> dict[str, Findings]:
        every = (*makes.OPEN, *makes.CLOSED)
        return {make.__name__: await Probe(asker.afresh(), families).run(make(served)) for make in every}

    return await visit(configuration, look)


def _works(findings: Findings, file: Path) -> bool:
    """Tell whether the entry, as it would be written, loads and its samples read; say why where it does not."""
    best = findings.best
    if best is None:
        print(f"  {findings.url}: {json.dumps(findings.remarks, ensure_ascii=False)}")
        return False
    trial = file.with_name("with-entry.yaml")
    trial.write_text(with_sources(file.read_text(), [best.entry], str(trial)))
    return load_configuration(trial).sources[best.entry["id"]].url == best.source.url and best.works


if __name__ == "__main__":
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sys.exit(0 if probing() else 1)
