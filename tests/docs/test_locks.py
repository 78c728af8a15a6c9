"""Keep the container's lock a part of the one that everything is tested with."""

from __future__ import annotations

import re


def pins(file):
    return dict(re.findall(r"^([\w.-]+)==(\S+)", file.read_text("utf-8"), re.MULTILINE))


def test_a_container_gets_the_tested_versions_and_no_tools_of_ours(root):
    whole, deployed = pins(root / "requirements.lock"), pins(root / "deploy/requirements.lock")
    assert {name: version for name, version in deployed.items() if whole.get(name) != version} == {}
    assert {"scrapy", "trafilatura", "fastwarc", "setuptools"} <= deployed.keys()
    assert not {"pytest", "mypy", "ruff", "responses"} & deployed.keys()
