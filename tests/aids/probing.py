"""Probe made-up sites in a process of its own: `python tests/aids/probing.py MAKE…` prints one JSON object a site."""

from __future__ import annotations

import json
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import makes
import structlog
import yaml
from loopback import Loopback

from crawler.catalogue.editing import with_sources
from crawler.catalogue.pack import read_families
from crawler.configuration.load import Configuration, load_configuration, pack_catalogue
from crawler.probing.asking import Asker
from crawler.probing.probe import Findings, Probe
from crawler.probing.visit import visit
from crawler.reactor import run


def probe_sites(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Probe a site of each make; give what was found by its name, with `works`: an entry that needs no editing."""
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    served = Loopback()
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "yuewatch.yaml"
            fetching = {"delay": "0.01s", "allow_addresses": ["127.0.0.1"]}
            file.write_text(
                yaml.safe_dump({"state": "state.db", "pack_sources": False, "fetching": fetching})
            )
            found = run(lambda: _probe_all(load_configuration(file), served, names))
            return {name: one.shape() | {"works": _works(one, file)} for name, one in found.items()}
    finally:
        served.close()


async def _probe_all(
    configuration: Configuration, served: Loopback, names: Sequence[str]
) -> dict[str, Findings]:
    families = read_families(*pack_catalogue(configuration))

    async def look(asker: Asker) -> dict[str, Findings]:
        return {
            name: await Probe(asker.afresh(), families).run(getattr(makes, name)(served)) for name in names
        }

    return await visit(configuration, look)


def _works(findings: Findings, file: Path) -> bool:
    """Tell whether the configuration with the entry as it is written loads, and most of its sample read well."""
    best = findings.best
    if best is None:
        return False
    trial = file.with_name("with-entry.yaml")
    trial.write_text(with_sources(file.read_text(), [best.entry], str(trial)))
    return load_configuration(trial).sources[best.entry["id"]].url == best.source.url


if __name__ == "__main__":
    for name, shape in probe_sites(sys.argv[1:]).items():
        sys.stdout.write(json.dumps({"make": name} | shape) + "\n")
