"""Sources with `browser: true`, as their user meets them."""

from __future__ import annotations

import pytest
from loopback import http
from press import page, rss, story

from crawler.fetching.browser import missing

needs_chromium = pytest.mark.skipif(missing(None) is not None, reason=str(missing(None)))


def _by_script(html):
    """Give a page that is empty until its script has fetched what it shows."""
    return http(
        "<!doctype html><html lang=en><body><div id=app></div><script>"
        f"fetch('{html}').then(a => a.text()).then(t => {{ document.getElementById('app').innerHTML = t }})"
        "</script></body></html>"
    )


@pytest.fixture
def newsroom(loopback):
    """Open a site whose list and articles come by script."""
    first, second = story(1), story(2)
    links = f'<ul><li><a href="/1.html">{first}</a></li><li><a href="/2.html">{second}</a></li></ul>'
    return loopback.site(
        {
            "/list": _by_script("/part/list"),
            "/1.html": _by_script("/part/1"),
            "/2.html": _by_script("/part/2"),
            "/part/list": http(links),
            "/part/1": page(first),
            "/part/2": page(second),
        }
    )


def _listing(site, **more):
    return {
        "id": "scripted",
        "kind": "listing",
        "url": f"{site}/list",
        "browser": True,
        "listing": {"pattern": r"/\d\.html$"},
    } | more


@needs_chromium
def test_leads_and_articles_that_come_by_script_are_found(desk, newsroom):
    desk.write(sources=[_listing(newsroom)])
    outcome = desk.run("crawl", "--no-deliver")
    assert outcome.code == 0, outcome.err
    assert "1 sources polled, 2 new articles" in outcome.out
    rows = {row["url"]: row for row in desk.rows("export", "articles")}
    assert set(rows) == {f"{newsroom}/1.html", f"{newsroom}/2.html"}
    assert story(1) in rows[f"{newsroom}/1.html"]["title"]


@needs_chromium
def test_sources_test_shows_such_a_source_as_the_daemon_would(desk, newsroom):
    desk.write(sources=[_listing(newsroom)])
    outcome = desk.run("sources", "test", "scripted")
    assert outcome.code == 0, outcome.err + outcome.out
    assert "leads          2" in outcome.out
    assert "all good" in outcome.out


def test_where_no_browser_is_installed_the_source_says_so_and_the_others_go_on(desk, newsroom, loopback):
    plain = loopback.site(
        {"/1.html": page(story(3)), "/feed": lambda asked: rss(plain, {"/1.html": story(3)})}
    )
    feed = {"id": "plain", "kind": "feed", "url": f"{plain}/feed"}
    desk.write(
        sources=[_listing(newsroom), feed],
        fetching={"delay": "0.01s", "allow_addresses": ["127.0.0.1"], "browser": "/nowhere/chromium"},
    )
    outcome = desk.run("crawl", "--no-deliver")
    assert outcome.code == 5, outcome.err
    assert "2 sources polled, 1 new articles" in outcome.out
    told = [line for line in outcome.log if line["event"] == "poll failed"]
    assert [line["source"] for line in told] == ["scripted"]
    assert "need a browser (`browser: true`), but " in told[0]["error"]


def test_check_names_what_is_missing(desk, newsroom):
    broken = {"browser": "/nowhere/chromium"}
    desk.write(sources=[_listing(newsroom)], fetching=broken)
    checked = desk.here("check")
    assert checked.code == 4
    assert "scripted: with `browser: true`, but " in checked.out
    desk.write(sources=[_listing(newsroom, enabled=False)], fetching=broken)
    assert desk.here("check").code == 0


@needs_chromium
def test_check_is_content_where_all_is_there(desk, newsroom):
    desk.write(sources=[_listing(newsroom)])
    assert desk.here("check").code == 0
