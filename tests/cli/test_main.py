"""The command line as a whole."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from crawler.cli.main import main

HELP = """
import sys
from crawler.cli.main import main
main(["--help"], standalone_mode=False)
print(sorted(name for name in sys.modules if name.startswith(("crawler.cli.", "scrapy", "lxml", "pydantic"))))
"""


@pytest.fixture(scope="module")
def shown():
    return CliRunner().invoke(main, ["--help"]).output


@pytest.mark.parametrize("verb", main.list_commands(None))
def test_every_verb_is_listed_with_what_it_does_on_one_line(shown, verb):
    (line,) = [line.strip() for line in shown.splitlines() if line.startswith(f"  {verb} ")]
    assert line.endswith(".")
    assert not line.endswith("...")
    assert main.get_command(None, verb).name == verb


def test_the_list_of_verbs_waits_for_none_of_them():
    done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "['crawler.cli.context', 'crawler.cli.main']"
