"""`yuewatch crawl` when it is interrupted."""

from __future__ import annotations

import signal

import pytest
from loopback import slowly
from press import page, rss, story

from state.lock import holder_of


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_crawl_ends_at_once_keeps_what_it_has_and_frees_the_state(number, desk, loopback):
    pages = {
        "/0.html": page(story(0)),
        "/1.html": lambda _: slowly(b"HTTP/1.1 200 OK\r\n", *[b"X-Slow: 1\r\n"] * 600),
    }
    site = loopback.site(pages)
    pages["/feed"] = rss(site, {"/1.html": "hangs", "/0.html": "comes first, because it is older"})
    desk.write(sources=[{"id": "gd", "kind": "feed", "url": f"{site}/feed"}], fetching={"deadline": "10m"})
    crawl = desk.start("crawl")
    desk.until(lambda: loopback.of("/1.html") and _articles(desk), crawl)
    crawl.send_signal(number)
    assert crawl.wait(60) == 128 + number
    assert "Traceback" not in (desk.folder / "daemon.log").read_text("utf-8")
    assert holder_of(desk.state) is None
    assert _articles(desk) == [f"{site}/0.html"]
    assert "not fetched yet" in desk.here("explain", f"{site}/1.html").out


def _articles(desk):
    return [row["url"] for row in desk.rows("export", "articles")]
