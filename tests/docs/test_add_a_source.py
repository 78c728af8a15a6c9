"""Hold the transcripts of docs/how-to/add-a-source.md to what a probe of the demo's sites prints."""

from __future__ import annotations

import re

import pytest
from transcripts import SITES, probed

# The names of days and months in their texts are not of one length.
_LENGTH = re.compile(r"\d+(?= characters)")
PAGE = "docs/how-to/add-a-source.md"


@pytest.mark.parametrize("site", SITES)
async def test_a_probe_prints_what_the_page_shows(doc, site):
    """Print the transcripts anew with `python tests/aids/transcripts.py`."""
    shown = [_LENGTH.sub("", block) for block in doc(PAGE).blocks("text")]
    assert _LENGTH.sub("", await probed(site)) in shown
