"""An inside address in any disguise is not connected to, whichever way it comes: as a page, by robots.txt, by a redirect."""

from __future__ import annotations

import socket

import pytest
from disguises import INSIDE, disguises
from loopback import http


@pytest.fixture
def inside():
    """Listen on an inside address; give its port, and whether anybody came."""
    with socket.create_server((INSIDE, 0)) as listener:
        listener.settimeout(0)

        def visited():
            try:
                listener.accept()[0].close()
            except BlockingIOError:
                return False
            return True

        yield listener.getsockname()[1], visited


def test_no_disguise_leads_inside_as_a_page_or_its_robots_txt(fetch, inside):
    port, visited = inside
    urls = [f"http://{form}:{port}/" for form in disguises(INSIDE)][::2]
    notes = fetch(*urls, allow=())["notes"]
    assert len(notes) == len(urls) >= 200
    assert [note for note in notes.values() if "error" not in note] == []
    assert not visited()


def test_no_disguise_leads_inside_by_a_redirect(fetch, inside, loopback):
    port, visited = inside
    forms = disguises(INSIDE)[::4]
    site = loopback.site(
        {
            f"/{number}": http("", 302, Location=f"http://{form}:{port}/".encode().decode("latin-1"))
            for number, form in enumerate(forms)
            if form.isascii()
        }
    )
    urls = [f"{site}/{number}" for number, form in enumerate(forms) if form.isascii()]
    assert len(urls) >= 100
    notes = fetch(*urls)["notes"]
    assert len(notes) == len(urls)
    assert [note for note in notes.values() if "error" not in note] == []
    assert not visited()
