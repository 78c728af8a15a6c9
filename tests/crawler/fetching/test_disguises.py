"""An inside address in any disguise is not connected to, whichever way it comes in.

Each entry is tried with some of the forms, every form by every entry: `make bench-sources`.
"""

from __future__ import annotations

import os
import sys

import pytest
from disguises import ENTRIES, INSIDE, Inside, disguises

FORMS = disguises(INSIDE)
EVERY = bool(os.environ.get("YUEWATCH_EVERY_DISGUISE"))
STEPS = {"page": 6, "redirect": 10, "robots.txt that redirects": 25}


@pytest.fixture(scope="module")
def inside():
    """Listen on an inside address."""
    listening = Inside()
    yield listening
    listening.close()


def test_there_are_many_disguises():
    assert len(FORMS) >= 500


@pytest.mark.parametrize("entry", ENTRIES)
def test_no_disguise_leads_inside(entry, fetch, inside, loopback):
    step = 1 if EVERY else STEPS.get(entry, 28)
    urls = inside.addresses(FORMS[list(ENTRIES).index(entry) % step :: step])
    notes = ENTRIES[entry](fetch, loopback, urls)
    assert inside.visits() == 0
    refused = [note for note in notes.values() if "error" in note]
    assert len(notes) >= len(urls) / 8  # one for each address, or for each index of eight
    assert len(refused) >= len(notes) / 2
    assert [note for note in notes.values() if note.get("status") == 200 and "error" not in note] == []
    sys.stdout.write(f"\n{entry}: {len(urls)} forms, 0 connections\n")


def test_the_inside_address_is_there_to_be_visited(fetch, inside):
    """Without the guard, the same addresses do lead inside."""
    fetch(errands=inside.addresses([INSIDE]), allow=[INSIDE], settings={"DOWNLOAD_TIMEOUT": 0.5})
    assert inside.visits() > 0
