"""The aids of the tests keep their own promises."""

from __future__ import annotations

import gc
import socket
import threading

import nursery
import pytest
from loopback import Loopback
from press import page, story


@pytest.mark.parametrize("address", [("192.0.2.1", 9), ("8.8.8.8", 53)])
def test_no_test_can_reach_another_machine(address):
    with socket.socket() as connection, pytest.raises(pytest.fail.Exception, match="a test tried to connect"):
        connection.connect(address)


def test_loopback_can_be_reached(loopback):
    site = loopback.site({})
    socket.create_connection(("127.0.0.1", int(site.rsplit(":", 1)[1])), timeout=5).close()


def test_a_site_that_closes_while_it_is_called_leaves_nothing_open():
    """A connection left open is found by the garbage collector, and fails whatever test runs at that time."""
    for _ in range(20):
        called = Loopback()
        port = int(called.site({}).rsplit(":", 1)[1])
        calls = threading.Thread(target=_call_until_refused, args=(port,))
        calls.start()
        called.close()
        calls.join(10)
    gc.collect()


def _call_until_refused(port):
    try:
        while True:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return


def test_no_two_made_up_articles_share_a_sentence():
    sentences = [set(page(story(number)).decode().split("<p>")[2:]) for number in range(50)]
    assert all(not one & other for at, one in enumerate(sentences) for other in sentences[:at])


def test_a_verb_is_the_same_whether_forked_or_started_anew(desk, monkeypatch):
    desk.write()
    rows = '{"url": "https://gd.example/1", "title": "东莞", "text": "机器人"}\n{"url": 1}\n'
    outcomes = []
    for anew in ("", "1"):
        monkeypatch.setattr(nursery, "ANEW", bool(anew))
        desk.state.unlink(missing_ok=True)
        outcomes.append(desk.run("import", "-", given=rows))
    forked, started = outcomes
    assert (forked.code, forked.out, forked.err) == (started.code, started.out, started.err)
    assert forked.code == 5
