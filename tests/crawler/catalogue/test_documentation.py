"""The examples of the documentation are read as they stand there."""

import re
from pathlib import Path

import pytest

from crawler.catalogue.pack import read_sources

ROOT = Path(__file__).parents[3]
PAGES = ("docs/reference/sources.md", "docs/how-to/add-a-source.md")


def examples(page):
    """Give the YAML blocks of a page, without the indentation of a list around them."""
    text = (ROOT / page).read_text("utf-8")
    for margin, block in re.findall(r"^( *)```yaml\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
        yield "".join(line.removeprefix(margin) for line in block.splitlines(keepends=True))


@pytest.mark.parametrize("page", PAGES)
def test_every_example_is_a_catalogue_that_loads(page):
    blocks = list(examples(page))
    assert len(blocks) >= 2
    for block in blocks:
        assert read_sources(block, page)
