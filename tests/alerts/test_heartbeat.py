"""The heartbeat: a GET that says all is well, `/fail` where not, and no connection where none is allowed."""

from __future__ import annotations

import pytest
from loopback import http

from alerts.heartbeat import open_heartbeat
from state.addresses import parse_networks
from state.errors import ConfigurationError

LOCAL = parse_networks(["127.0.0.1"])


def test_a_beat_is_heard_and_a_failure_has_its_own_address(loopback):
    site = loopback.site({"*": http("OK")})
    heartbeat = open_heartbeat("heartbeat.url", f"{site}/ping/abc?rid=1", LOCAL)
    assert heartbeat.beat(well=True) is None
    assert heartbeat.beat(well=False) is None
    assert loopback.paths(site) == ["/ping/abc?rid=1", "/ping/abc/fail?rid=1"]
    assert [asked.method for asked in loopback.asked] == ["GET", "GET"]


def test_a_monitor_that_does_not_answer_well_is_told_by_kind_alone(loopback):
    site = loopback.site({"/moved": http("", 302, Location="/ping"), "/reset": loopback.RESET})
    assert open_heartbeat("h", f"{site}/moved", LOCAL).beat(well=True) == "HTTP 302"
    assert "Error" in (open_heartbeat("h", f"{site}/reset", LOCAL).beat(well=True) or "")
    assert loopback.of("/ping") == []


def test_an_address_that_is_not_public_is_not_connected_to(loopback):
    site = loopback.site({"*": http("OK")})
    why = open_heartbeat("h", f"{site}/ping", ()).beat(well=True)
    assert "nothing was sent" in why
    assert loopback.asked == []


@pytest.mark.parametrize("url", ["", "ftp://x.example/", "https://", "https://x.example/a b", "https://[::1"])
def test_an_address_that_is_none_is_a_configuration_error(url):
    with pytest.raises(ConfigurationError, match=r"heartbeat\.url"):
        open_heartbeat("heartbeat.url", url, ())


def test_the_address_is_in_no_text_of_the_heartbeat():
    assert "abc" not in repr(open_heartbeat("h", "https://hc.example/abc", ()))
