"""The values that travel between folders: what they derive from themselves."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from state import records
from state.records import Published, Source, host_of


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://gd.example/news", "gd.example"),
        ("https://GD.Example/news", "gd.example"),
        ("https://gd.example:443/news", "gd.example"),
        ("http://gd.example:80", "gd.example"),
        ("http://gd.example:443/", "gd.example:443"),
        ("https://gd.example:8443/", "gd.example:8443"),
        ("https://gd.example./", "gd.example"),
        ("https://user:secret@gd.example/", "gd.example"),
        ("http://127.0.0.1:8000/feed", "127.0.0.1:8000"),
        ("http://[2001:DB8::1]/", "[2001:db8::1]"),
        ("http://[2001:db8::1]:8080/", "[2001:db8::1]:8080"),
        ("https://新闻.example/", "新闻.example"),
    ],
)
def test_one_server_is_one_host_however_its_address_is_written(url, host):
    assert host_of(url) == host
    assert Source("a", "feed", url).host == host


def test_a_port_that_is_none_is_an_error():
    with pytest.raises(ValueError, match="Port"):
        host_of("https://gd.example:99999/")


@pytest.mark.parametrize(
    ("value", "zone", "instant"),
    [
        ("2026-11-21T09:30:00+08:00", "UTC", datetime(2026, 11, 21, 1, 30, tzinfo=UTC)),
        ("2026-11-21", "UTC", datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-11-21", "Asia/Shanghai", datetime(2026, 11, 20, 16, tzinfo=UTC)),
        ("2026-03-29", "Europe/Berlin", datetime(2026, 3, 28, 23, tzinfo=UTC)),
        (None, "UTC", None),
    ],
)
def test_a_date_is_the_earliest_instant_that_it_can_mean(value, zone, instant):
    assert Published(value).instant(zone) == instant


def test_every_record_is_frozen():
    kinds = [kind for kind in vars(records).values() if dataclasses.is_dataclass(kind)]
    assert len(kinds) > 15
    assert [kind.__name__ for kind in kinds if not kind.__dataclass_params__.frozen] == []
