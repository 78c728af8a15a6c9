"""Receivers that misbehave on purpose, on real loopback sockets."""

from __future__ import annotations

import ssl
import time

import pytest
from receivers import Receiver, drip

from state.writer import Writer


@pytest.fixture(scope="session")
def message(tmp_path_factory, open_newsroom):
    """One rendered alert, the same for all: no channel changes it."""
    with Writer(tmp_path_factory.mktemp("state") / "state.db") as writer:
        newsroom = open_newsroom(writer)
        newsroom.subscribe("desk")
        return newsroom.message(newsroom.publish()[0])


@pytest.fixture
def receiver():
    """Start receivers; each takes a function of itself and the connection."""
    started = []

    def start(behave, tls=None):
        started.append(Receiver(behave, tls))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def server_tls(certificate):
    cert, key = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


@pytest.fixture
def answers(receiver):
    """Start a receiver that reads the request and answers with these bytes, one answer a connection."""

    def start(*replies, tls=None):
        left = list(replies)

        def behave(self, connection):
            self.read_request(connection)
            connection.sendall(left.pop(0) if len(left) > 1 else left[0])

        return receiver(behave, tls)

    return start


@pytest.fixture
def dripping():
    return drip


@pytest.fixture
def stopwatch():
    return time.monotonic
