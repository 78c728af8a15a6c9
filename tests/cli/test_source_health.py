"""`sources health`, `block` and `unblock`, as an operator types them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click import BadParameter

from crawler.cli.source_health import _host, sparkline
from state import health, sources
from state.database import open_writer
from state.health import Day, Finding, Vitals


@pytest.mark.parametrize(
    ("numbers", "bars"),
    [([], ""), ([0, 0], "··"), ([1, 0, 1], "█·█"), ([1, 4, 8], "▂▅█"), ([0, 1, 100], "·▂█")],
)
def test_numbers_are_drawn_as_bars_and_the_least_of_them_shows(numbers, bars):
    assert sparkline(numbers) == bars


def test_what_is_wrong_is_told_in_words_and_a_blocked_host_is_left_alone(loopback, desk):
    site = loopback.site({})
    host = site.removeprefix("http://")
    desk.write(sources=[{"id": "gd", "kind": "feed", "url": f"{site}/feed"}])
    now = datetime.now(UTC)
    finding = Finding("gd", "quiet", "nothing new for 9 days", "usually \x1b[31m3 days", now)
    with open_writer(desk.state) as db:
        sources.register(db, "gd", f"{site}/feed", now)
        health.settle(db, "gd", [finding], now)
        days = {now.date().isoformat(): Day(9, 1, 3)}
        health.store_vitals(db, "gd", Vitals(days=days))

    (row,) = desk.rows("sources", "health", "--troubled", "--json")
    assert (row["new"][-1], row["failures"][-1], sum(row["new"])) == (3, 1, 3)
    assert [item["kind"] for item in row["findings"]] == ["quiet"]
    table = desk.here("sources", "health").out
    assert "9 days" in table
    assert "\x1b[31m" not in table

    assert "is blocked" in desk.here("sources", "block", host).out
    assert "is blocked; `yuewatch sources unblock" in desk.run("crawl").out
    assert loopback.asked == []
    assert desk.here("sources", "unblock", host).code == 0
    assert desk.here("sources", "unblock", host).code == 3


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("WWW.Example.com", "www.example.com"),
        ("www.example.com:443", "www.example.com"),
        ("www.example.com:80", "www.example.com"),
        ("www.example.com:8080", "www.example.com:8080"),
        ("http://www.example.com:443/news", "www.example.com:443"),
        ("中国.cn", "xn--fiqs8s.cn"),
        ("https://新闻.中国.cn:443/a", "xn--efvy88h.xn--fiqs8s.cn"),
        ("[::1]:8080", "[::1]:8080"),
    ],
)
def test_a_host_is_named_as_the_crawl_names_it_however_it_is_written(written, host):
    assert _host(written) == host


@pytest.mark.parametrize("written", ["", "https://", "example.com:port"])
def test_what_is_no_host_is_refused(written):
    with pytest.raises(BadParameter, match="is no host"):
        _host(written)
