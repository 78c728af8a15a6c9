"""Aids for all tests: nothing leaves this machine, sites on loopback, and yuewatch as its user meets it."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from desk import Desk
from loopback import Loopback

# Coverage follows xdist's workers, and not the hundreds of daemons and verbs that tests start: there it would cost more
# than half as much again. With COVER_PROCESSES=1 it follows those, too.
if "PYTEST_XDIST_WORKER" in os.environ and "COVER_PROCESSES" not in os.environ:
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch):
    """Fail whatever tries to connect to another machine from inside the test process."""

    def guarded(connect):
        def guard(self, address):
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                host = str(address[0]).split("%")[0]
                if host != "localhost" and not ip_address(host).is_loopback:
                    pytest.fail(f"a test tried to connect to {address}")
            return connect(self, address)

        return guard

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Put back the process's logging, which every verb sets up for itself."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """Open sites on 127.0.0.1."""
    served = Loopback()
    yield served
    served.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give a folder to run yuewatch in."""
    opened = Desk(tmp_path)
    yield opened
    opened.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes minutes, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("crash") is None)
