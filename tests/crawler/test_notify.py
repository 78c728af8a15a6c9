"""Telling systemd how we are."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

import pytest

from crawler.notify import tell_systemd, watchdog_interval


@pytest.fixture(params=["path", "abstract"])
def listener(request, tmp_path, monkeypatch):
    name = str(tmp_path / "notify") if request.param == "path" else f"@yuewatch-test-{os.getpid()}"
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name.replace("@", "\0"))
        listening.settimeout(5)
        yield listening


def test_states_reach_the_service_manager(listener):
    tell_systemd("READY=1")
    tell_systemd("WATCHDOG=1")
    assert [listener.recv(100), listener.recv(100)] == [b"READY=1", b"WATCHDOG=1"]


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "@nobody-listens", "vsock:2:1234", "\n"])
def test_nobody_listening_is_no_trouble(address, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    tell_systemd("READY=1")
    monkeypatch.delenv("NOTIFY_SOCKET")
    tell_systemd("READY=1")


def test_the_watchdog_is_fed_twice_as_often_as_systemd_waits(monkeypatch):
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    assert watchdog_interval() is None
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")
    assert watchdog_interval() == timedelta(seconds=30)
