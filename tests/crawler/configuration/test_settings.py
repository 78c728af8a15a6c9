"""Bounds of what a configuration may say: what would switch a protection off is refused."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("fetching", "deadline", "0s"),
        ("fetching", "deadline", "2h"),
        ("fetching", "deadline", True),
        ("fetching", "delay", "2d"),
        ("fetching", "delay", "99999999999w"),
        ("fetching", "max_body", 0),  # to Scrapy, that means no limit
        ("fetching", "max_body", "2GiB"),
        ("fetching", "max_body", True),
        ("fetching", "contact", "a\r\nX-Evil: 1"),
        ("fetching", "contact", "open) (comment"),
        ("fetching", "contact", "张三"),
        ("fetching", "contact", ""),
        ("fetching", "allow_addresses", ["example.org"]),
        ("reading", "deadline", "0s"),
        ("reading", "workers", 0),
        ("reading", "memory", "1MiB"),
        ("alerting", "max_age", 7),
    ],
)
def test_what_would_switch_a_protection_off_is_refused_by_its_key(section, key, value, desk):
    desk.write(**{section: {key: value}})
    told = desk.here("check")
    assert told.code == 4
    assert f": {section}.{key}" in told.err
    assert "Traceback" not in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("contact", "https://example.org/about-our-crawler"),
        ("contact", "News desk <desk@example.org>"),
        ("delay", "0s"),
        ("max_body", "1MiB"),
        ("allow_addresses", ["10.0.0.0/8", "::1"]),
    ],
)
def test_what_is_sensible_is_taken(key, value, desk):
    desk.write(fetching={key: value})
    assert desk.here("check").code == 0
