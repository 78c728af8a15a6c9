"""One HTTP connection of ours: only to what is an address, only through the dial."""

from __future__ import annotations

import pytest
from loopback import http

from alerts.dial import Dial
from alerts.http_line import HttpLine, checked_url
from state.addresses import parse_networks
from state.errors import AddressRefused, ConfigurationError


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://x.example/",
        "https://",
        "https://x.example:0/",
        "https://x.example/a b",
        "https://例.example/",
    ],
)
def test_what_is_no_address_is_refused_without_being_quoted(url):
    with pytest.raises(ConfigurationError, match=r"^d\.url: this is not an address like") as refused:
        checked_url("d.url", url)
    assert "x.example" not in str(refused.value)


def test_a_line_connects_through_the_dial_alone(loopback):
    parts = checked_url("d.url", loopback.site({"*": http("OK")}))
    with Dial((), 5) as dial, pytest.raises(AddressRefused):
        HttpLine(parts.hostname, parts.port, dial, None).request("GET", "/")
    assert loopback.asked == []
    with Dial(parse_networks(["127.0.0.1"]), 5) as dial:
        line = HttpLine(parts.hostname, parts.port, dial, None)
        line.request("GET", "/")
        assert line.getresponse().status == 200
        line.close()
