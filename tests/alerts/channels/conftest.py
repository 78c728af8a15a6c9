"""Receivers that misbehave on purpose, on real loopback sockets."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress

import pytest


class Receiver:
    """Accept connections and do to each what `behave(connection)` does; counts them and keeps what they sent."""

    def __init__(self, behave, tls=None):
        self.behave = behave
        self.tls = tls
        self.connections = 0
        self.received = []
        self.ended = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads = []
        self.accepting = threading.Thread(target=self._accept, daemon=True)
        self.accepting.start()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/hook"

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self.threads.append(thread)
                thread.start()

    def _serve(self, connection):
        connection.settimeout(30)
        with suppress(OSError), connection:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                self.behave(self, connection)

    def read_request(self, connection):
        """Read one HTTP request and keep its head and body."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
        while len(body) < int(fields[b"content-length"]):
            body += connection.recv(65536)
        headers = {key.decode(): value.decode() for key, value in fields.items()}
        # Values are case-sensitive (base64), names are not.
        for line in head.split(b"\r\n")[1:]:
            key, value = line.split(b": ", 1)
            headers[key.decode().lower()] = value.decode()
        self.received.append((headers, body))

    def close(self):
        self.ended.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.accepting.join(5)
        for thread in self.threads:
            thread.join(5)


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


def drip(connection, data, ended, pause=0.05):
    for byte in data:
        if ended.wait(pause):
            return
        connection.sendall(bytes([byte]))


@pytest.fixture
def dripping():
    return drip


@pytest.fixture
def stopwatch():
    return time.monotonic
