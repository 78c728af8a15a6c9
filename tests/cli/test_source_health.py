"""`sources health`, `block` and `unblock`, as an operator types them."""

from __future__ import annotations

import pytest
from loopback import http
from press import page, rss, story

from crawler.cli.source_health import sparkline


@pytest.mark.parametrize(
    ("numbers", "bars"),
    [([], ""), ([0, 0], "··"), ([1, 0, 1], "█·█"), ([1, 4, 8], "▂▅█"), ([0, 1, 100], "·▂█")],
)
def test_numbers_are_drawn_as_bars_and_the_least_of_them_shows(numbers, bars):
    assert sparkline(numbers) == bars


def test_a_source_that_breaks_is_found_out_and_a_blocked_host_is_left_alone(loopback, desk):
    pages = {"/0.html": page(story(0))}
    site = loopback.site(pages)
    pages["/feed"] = rss(site, {"/0.html": story(0)})
    desk.write(sources=[{"id": "gd", "kind": "feed", "url": f"{site}/feed", "every": "1s"}])
    assert desk.run("crawl").code == 0
    (well,) = desk.rows("sources", "health")
    assert (well["new"][-1] + well["new"][-2], well["findings"]) == (1, [])

    pages["/feed"] = http("", 404)
    for _ in range(4):
        desk.run("crawl")
    (ill,) = desk.rows("sources", "health", "--troubled")
    (finding,) = ill["findings"]
    assert finding["kind"] == "failing"
    assert "its address is gone" in finding["reason"]
    assert "HTTP 404" in finding["evidence"]
    assert "address is gone" in desk.run("sources", "health").out

    host = site.removeprefix("http://")
    assert "is blocked" in desk.run("sources", "block", host).out
    before = len(loopback.asked)
    assert "is blocked" in desk.run("crawl").out
    assert len(loopback.asked) == before
    pages["/feed"] = rss(site, {"/0.html": story(0)})
    assert desk.run("sources", "unblock", host).code == 0
    assert desk.run("sources", "unblock", host).code == 3
    assert desk.run("crawl").code == 0
    assert desk.rows("sources", "health")[0]["findings"] == []
    assert desk.run("sources", "block", "http://[").code == 2
    assert desk.run("sources", "health", "nobody").code == 4
