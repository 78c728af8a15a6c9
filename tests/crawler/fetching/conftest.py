"""Fetch in another process, as the daemon does; one such process serves all tests that need nothing special of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROBE = Path(__file__).with_name("probe.py")
ROOT = Path(__file__).parents[3]


class Probe:
    """Keep a process that fetches, and give it orders."""

    def __init__(self, **environment):
        self._process = subprocess.Popen(
            [sys.executable, str(PROBE)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *urls, crawls=(), allow=("127.0.0.1",), **order):
        order |= {"crawls": [list(urls), *crawls], "allow": list(allow)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, self._process.stderr.read()
        return json.loads(line)

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        complaints = self._process.stderr.read()
        self._process.stderr.close()
        assert self._process.wait(30) == 0
        assert complaints == ""


@pytest.fixture(scope="session")
def fetch():
    """Fetch addresses, in one crawl or several at once; give what became of each, and the hosts that were held."""
    probe = Probe()
    yield probe
    probe.close()


@pytest.fixture
def fetch_with():
    """Fetch in a process with an environment of its own."""
    probes = []

    def started(**environment):
        probes.append(Probe(**environment))
        return probes[-1]

    yield started
    for probe in probes:
        probe.close()
