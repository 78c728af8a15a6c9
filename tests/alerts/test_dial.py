from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

from alerts.dial import Dial
from state.addresses import parse_networks
from state.errors import AddressRefused

LOOPBACK = parse_networks(["127.0.0.1"])


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


def connected(listener):
    try:
        listener.accept()[0].close()
    except TimeoutError:
        return False
    return True


@pytest.fixture
def names(monkeypatch):
    """Give names addresses of our choosing, as a resolver that somebody else controls would."""
    answers = {}
    real = socket.getaddrinfo

    def getaddrinfo(host, port, *args, **kwargs):
        found = answers.get(host)
        if found is None:
            return real(host, port, *args, **kwargs)
        addresses = found.pop(0) if len(found) > 1 else found[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return answers


def test_a_listed_address_is_connected_to(listener):
    with Dial(LOOPBACK, 5) as dial, dial.connect("127.0.0.1", listener.getsockname()[1]) as line:
        assert line.getpeername() == listener.getsockname()


@pytest.mark.parametrize("in_clear", [True, False])
def test_a_private_address_is_never_connected_to(listener, in_clear):
    with Dial((), 5) as dial, pytest.raises(AddressRefused, match="loopback"):
        dial.connect("127.0.0.1", listener.getsockname()[1], in_clear=in_clear)
    assert not connected(listener)


def test_a_name_that_leads_inside_is_never_connected_to(listener, names):
    names["inside.example"] = [["127.0.0.1"]]
    with Dial((), 5) as dial, pytest.raises(AddressRefused):
        dial.connect("inside.example", listener.getsockname()[1])
    assert not connected(listener)


def test_a_name_is_asked_for_once_so_that_it_cannot_change_its_mind(listener, names):
    """DNS rebinding: the first answer is fine, the second leads inside."""
    names["rebinding.example"] = [["127.0.0.2"], ["127.0.0.1"]]
    allowed = parse_networks(["127.0.0.2"])
    with Dial(allowed, 5) as dial, pytest.raises(ConnectionRefusedError):
        dial.connect("rebinding.example", listener.getsockname()[1])
    assert not connected(listener)
    assert names["rebinding.example"] == [["127.0.0.1"]]


def test_of_mixed_answers_only_the_allowed_ones_are_tried(listener, names):
    names["mixed.example"] = [["10.0.0.1", "169.254.169.254", "127.0.0.1"]]
    with Dial(LOOPBACK, 5) as dial, dial.connect("mixed.example", listener.getsockname()[1]) as line:
        assert line.getpeername()[0] == "127.0.0.1"


def test_a_public_address_is_not_spoken_to_in_clear(names):
    names["public.example"] = [["93.184.215.14"]]
    with Dial(LOOPBACK, 5) as dial, pytest.raises(AddressRefused, match="in clear"):
        dial.connect("public.example", 80, in_clear=True)


def test_the_line_is_cut_when_the_time_is_over_although_bytes_keep_coming(listener):
    stop = threading.Event()

    def drip():
        connection, _ = listener.accept()
        with connection:
            while not stop.wait(0.02):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    began = time.monotonic()
    with Dial(LOOPBACK, 0.3) as dial, dial.connect("127.0.0.1", listener.getsockname()[1]) as line:
        # A byte that arrives just after the cut is answered with a reset.
        with contextlib.suppress(ConnectionResetError):
            while line.recv(100):
                pass
        assert dial.over
    stop.set()
    thread.join(5)
    assert time.monotonic() - began < 20  # it ended at all, where it would otherwise go on for ever


def test_after_the_time_is_over_nothing_more_is_connected(listener):
    with Dial(LOOPBACK, 0.01) as dial:
        time.sleep(0.05)
        with pytest.raises(TimeoutError):
            dial.connect("127.0.0.1", listener.getsockname()[1])
