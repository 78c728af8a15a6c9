"""Whole crawls of good sources, through the command line: every kind, asked politely, told once."""

from __future__ import annotations

import gzip

import pytest
from loopback import http
from press import json_listing, listing, page, rss, sitemap, sitemap_index, story


@pytest.fixture
def crawl(desk):
    """Crawl everything and give what was said, the articles by address."""

    def run(*words, code=0):
        outcome = desk.run("crawl", *words)
        assert outcome.code == code, outcome.err
        return outcome

    return run


def _articles(desk):
    return {row["url"]: row for row in desk.rows("export", "articles")}


def test_every_kind_of_source_brings_its_articles_and_the_second_crawl_asks_only_for_news(
    loopback, desk, crawl
):
    titles = [story(number) for number in range(12)]
    pages = {f"/{number}.html": page(title) for number, title in enumerate(titles)}
    feed = loopback.site(pages)
    pages["/feed"] = lambda asked: (
        http("", 304, ETag='W/"v1"')
        if asked.headers.get("if-none-match") == 'W/"v1"'
        else rss(feed, {"/0.html": titles[0], "/1.html": titles[1]}, ETag='W/"v1"')
    )
    dated = "Sat, 21 Nov 2026 08:00:00 GMT"
    maps = loopback.site(
        {
            **pages,
            "/sitemap.xml": lambda asked: sitemap_index(maps, "/news.xml", "/old.xml.gz"),
            "/news.xml": lambda asked: sitemap(maps, "/2.html", "/3.html"),
            "/old.xml.gz": lambda asked: http(
                gzip.compress(sitemap(maps, "/4.html").split(b"\r\n\r\n", 1)[1]),
                content_type="application/gzip",
            ),
        }
    )
    lists = loopback.site(
        {
            **pages,
            "/list": lambda asked: (
                http("", 304)
                if asked.headers.get("if-modified-since") == dated
                else listing({"/5.html": titles[5], "/6.html": titles[6]}).replace(
                    b"\r\n", f"\r\nLast-Modified: {dated}\r\n".encode(), 1
                )
            ),
        }
    )
    api = loopback.site({**pages, "/api": json_listing({"/7.html": titles[7], "/8.html": titles[8]})})
    posts = loopback.site(
        {
            **pages,
            "/api": lambda asked: (
                json_listing({"/9.html": titles[9]}) if asked.method == "POST" else http("", 405)
            ),
        }
    )
    fields = {"items": "data.rows", "fields": {"url": "link", "title": "headline"}}
    desk.write(
        sources=[
            {"id": "feed", "kind": "feed", "url": f"{feed}/feed"},
            {"id": "map", "kind": "sitemap", "url": f"{maps}/sitemap.xml"},
            {"id": "list", "kind": "listing", "url": f"{lists}/list", "listing": {"item": "ul.news li"}},
            {"id": "api", "kind": "json", "url": f"{api}/api", "json": fields},
            {
                "id": "post",
                "kind": "json",
                "url": f"{posts}/api",
                "json": fields | {"method": "POST", "form": {"page": "1", "word": "人工智能"}},
            },
        ]
    )
    first = crawl()
    assert "5 sources polled, 10 new articles" in first.out
    assert "0 failures" in first.out
    wanted = {f"{feed}/0.html", f"{feed}/1.html", f"{maps}/2.html", f"{maps}/3.html", f"{maps}/4.html"}
    wanted |= {f"{lists}/5.html", f"{lists}/6.html", f"{api}/7.html", f"{api}/8.html", f"{posts}/9.html"}
    articles = _articles(desk)
    assert set(articles) == wanted
    assert articles[f"{maps}/4.html"]["title"] == titles[4]
    (asked,) = [asked for asked in loopback.asked if asked.method == "POST"]
    assert asked.body == b"page=1&word=%E4%BA%BA%E5%B7%A5%E6%99%BA%E8%83%BD"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"

    before = len(loopback.asked)
    second = crawl()
    assert "5 sources polled, 0 new articles" in second.out
    again = loopback.asked[before:]
    assert sorted(asked.path for asked in again if asked.path != "/robots.txt") == sorted(
        ["/feed", "/sitemap.xml", "/news.xml", "/old.xml.gz", "/list", "/api", "/api"]
    )
    conditions = {asked.path: asked.headers for asked in again}
    assert conditions["/feed"]["if-none-match"] == 'W/"v1"'
    assert conditions["/list"]["if-modified-since"] == dated
    assert set(_articles(desk)) == wanted


def test_the_items_of_a_first_contact_alert_nobody_unless_told_otherwise_and_later_ones_do(
    loopback, desk, crawl
):
    inbox = loopback.site({"/hook": http("", 204)})
    pages = {f"/{number}.html": page(story(number)) for number in range(4)}
    site = loopback.site(pages)
    titles = {"/0.html": story(0), "/1.html": story(1)}
    pages["/feed"] = lambda asked: rss(site, titles)
    pages["/eager"] = rss(site, {"/3.html": story(3)})
    desk.write(
        sources=[
            {"id": "feed", "kind": "feed", "url": f"{site}/feed"},
            {"id": "eager", "kind": "feed", "url": f"{site}/eager", "baseline": False},
        ],
        subscriptions=[{"id": "me", "destinations": ["hook"]}],
        destinations={"hook": desk.webhook(f"{inbox}/hook")},
    )
    crawl()
    assert len(_articles(desk)) == 3
    assert _alerted(desk) == {"/0.html": "baseline", "/1.html": "baseline", "/3.html": "new"}
    assert [story(3) in asked.body.decode() for asked in loopback.of("/hook")] == [True]

    titles["/2.html"] = story(2)
    crawl()
    assert _alerted(desk)["/2.html"] == "new"
    assert [story(2) in asked.body.decode() for asked in loopback.of("/hook")] == [False, True]
    sent = [row["deliveries"] for row in desk.rows("export", "alerts") if row["deliveries"]]
    assert [[item["state"] for item in deliveries] for deliveries in sent] == [["delivered"], ["delivered"]]


def _alerted(desk):
    return {f"/{row['url'].rsplit('/', 1)[1]}": row["reason"] for row in desk.rows("export", "alerts")}


def test_named_sources_are_crawled_and_no_others(loopback, desk, crawl):
    pages = {"/1.html": page(story(1)), "/2.html": page(story(2))}
    site = loopback.site(pages)
    pages["/a"] = rss(site, {"/1.html": story(1)})
    pages["/b"] = rss(site, {"/2.html": story(2)})
    sources = [{"id": name, "kind": "feed", "url": f"{site}/{name}"} for name in "ab"]
    desk.write(sources=[sources[0], sources[1] | {"enabled": False}])
    assert "1 sources polled, 1 new articles" in crawl("b").out
    assert loopback.paths() == ["/b", "/2.html"]
    unknown = desk.here("crawl", "c")
    assert unknown.code == 4
    assert unknown.err.startswith("yuewatch: there is no source 'c'")
    assert "Traceback" not in unknown.err


def test_sources_of_one_host_share_one_pace_and_one_robots_txt(loopback, desk, crawl):
    pages = {"/robots.txt": http("User-agent: *\nDisallow: /private/", content_type="text/plain")}
    site = loopback.site(pages)
    for name in "ab":
        pages[f"/{name}"] = rss(site, {f"/{name}.html": story(ord(name)), f"/private/{name}.html": story(1)})
        pages[f"/{name}.html"] = page(story(ord(name)))
    desk.write(
        sources=[{"id": name, "kind": "feed", "url": f"{site}/{name}"} for name in "ab"],
        fetching={"delay": "0.1s", "contact": "mailto:desk@example.org"},
    )
    outcome = crawl()
    assert "2 new articles" in outcome.out
    assert len(loopback.of("/robots.txt")) == 1
    assert sorted(loopback.paths()) == ["/a", "/a.html", "/b", "/b.html"]
    refused = [line for line in outcome.log if line["event"] == "fetch failed"]
    assert sorted(line["url"] for line in refused) == [f"{site}/private/{name}.html" for name in "ab"]
    assert {line["error"].split(": ", 1)[1] for line in refused} == {"its robots.txt forbids it"}
    assert all("mailto:desk@example.org" in asked.headers["user-agent"] for asked in loopback.asked)
    at = [asked.at for asked in loopback.asked]
    assert all(later - earlier >= 0.1 for earlier, later in zip(at, at[2:], strict=False))
    assert "was not fetched: its robots.txt forbids it" in desk.here("explain", f"{site}/private/a.html").out
    assert loopback.paths(f"{site}/private") == []


def test_of_a_listing_which_shows_the_newest_first_the_oldest_page_is_fetched_first(loopback, desk, crawl):
    pages = {f"/{number}.html": page(story(number)) for number in range(5)}
    site = loopback.site(pages)
    order = ["/3.html", "/1.html", "/4.html", "/0.html", "/2.html"]
    pages["/feed"] = rss(site, dict.fromkeys(order, "title"))
    desk.write(sources=[{"id": "feed", "kind": "feed", "url": f"{site}/feed"}])
    crawl()
    assert loopback.paths() == ["/feed", *reversed(order)]


def test_one_document_is_fetched_once_and_kept_under_the_address_it_was_reached_at(loopback, desk, crawl):
    pages = {
        "/1.html": page(story(1)),
        "/new/2.html": page(story(2)),
        "/old/2": http("", 301, Location="/new/2.html"),
    }
    site = loopback.site(pages)
    pages["/a"] = rss(site, {"/1.html?utm_source=a": story(1), "/old/2": story(2)})
    pages["/b"] = rss(site, {"/1.html?utm_source=b#top": story(1), "/1.html": story(1)})
    desk.write(sources=[{"id": name, "kind": "feed", "url": f"{site}/{name}"} for name in "ab"])
    assert "2 new articles" in crawl().out
    assert len([path for path in loopback.paths() if path.startswith("/1.html")]) == 1
    assert f"{site}/new/2.html" in _articles(desk)
    assert story(2) in desk.here("explain", f"{site}/old/2").out


def test_of_an_index_the_newest_articles_are_taken_wherever_their_map_stands(loopback, desk, crawl):
    pages = {f"/{number}.html": page(story(number)) for number in range(13)}
    site = loopback.site(pages)
    pages["/index"] = sitemap_index(site, *(f"/map-{number}.xml" for number in range(12)))
    for number in range(12):
        pages[f"/map-{number}.xml"] = sitemap(site, f"/{number}.html", day=f"2026-11-{number + 1:02}")
    pages["/map-4.xml"] = sitemap(site, "/12.html", day="2026-11-20")
    desk.write(sources=[{"id": "map", "kind": "sitemap", "url": f"{site}/index", "max_leads": 3}])

    outcome = crawl()

    assert {url.removeprefix(site) for url in _articles(desk)} == {"/12.html", "/11.html", "/10.html"}
    assert not {"/map-0.xml", "/map-1.xml"} & set(loopback.paths(site))
    (remark,) = [line["remark"] for line in outcome.log if line["event"] == "read in part"]
    assert remark == "2 of 12 maps of the index were not read"
