"""Sources that misbehave: each ends in one clear line that names it, the others lose nothing, nothing inner is reached."""

from __future__ import annotations

import asyncio
import gzip
import json
import re

import pytest
from loopback import http
from press import page, rss, sitemap_index, story

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n"
RSS = {"content_type": "application/rss+xml"}


async def _drip():
    yield HEAD
    while True:
        yield b" "
        await asyncio.sleep(0.05)


async def _huge():
    yield HEAD
    for _ in range(8):
        yield b" " * 2**20


def _feed(body, **more):
    return http(body, **(RSS | more))


@pytest.fixture
def failures(loopback, desk):
    """Crawl a good source among bad ones, once; give how it ended and the line for each source."""

    def run(bad, code=5, **configuration):
        good = {f"/{number}.html": page(story(number)) for number in range(3)}
        good_site = loopback.site(good)
        good["/feed"] = rss(good_site, {path: story(1) for path in good})
        inner = loopback.site({"*": http("secret")}).replace("127.0.0.1", "127.0.0.2")
        sources = [{"id": "good", "kind": "feed", "url": f"{good_site}/feed"}]
        for name, (kind, answer, _) in bad.items():
            site = loopback.site(
                {"/it": answer(inner) if callable(answer) and answer.__name__ == "to" else answer}
            )
            options = {"listing": {"item": "li"}} if kind == "listing" else {}
            options |= {"json": {"items": "rows", "fields": {"url": "u"}}} if kind == "json" else {}
            sources.append({"id": name, "kind": kind, "url": f"{site}/it"} | options)
        desk.write(sources=sources, **configuration)
        outcome = desk.run("crawl")
        assert outcome.code == code, outcome.err
        assert "Traceback" not in outcome.err
        assert "3 new articles" in outcome.out
        lines = [line.strip() for line in outcome.out.splitlines() if line.startswith("  ")]
        told = {line.partition(": ")[0]: line.partition(": ")[2] for line in lines}
        assert len(told) == len(lines)
        return outcome, told

    return run


def _redirect(target):
    def to(inner):
        return http("", 302, Location=target.format(inner=inner))

    return to


BAD = {
    # id: kind, answer, words of the one line
    "gone": ("feed", http("", 404), "answered HTTP 404"),
    "broken": ("feed", http("", 500), "answered HTTP 500"),
    "forbidden": ("feed", http("", 403), "answered HTTP 403"),
    "reset": ("feed", lambda _: None, "the connection broke before the answer was complete"),
    "drip": ("feed", lambda _: _drip(), "no complete answer came within the deadline"),
    "huge": ("feed", lambda _: _huge(), "the body is larger than the limit"),
    "bomb": (
        "feed",
        _feed(gzip.compress(bytes(8 * 2**20)), Content_Encoding="gzip"),
        "the body is larger than the limit",
    ),
    "html": ("feed", http("<!doctype html><title>Log in</title><p>Please log in"), "HTML"),
    "empty": ("feed", _feed(""), "empty"),
    "blank": ("sitemap", http(" \n ", content_type="application/xml"), "empty"),
    "text": ("feed", _feed("all quiet today"), ""),
    "cut-map": (
        "sitemap",
        http('<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><lo'),
        "",
    ),
    "html-map": ("sitemap", http("<!doctype html><title>Not found</title><p>Sorry"), ""),
    "cut-json": ("json", http('{"rows": [{"u": "/1.ht', content_type="application/json"), "JSON"),
    "other-json": ("json", http('{"items": []}', content_type="application/json"), "rows"),
    "html-json": ("json", http("<!doctype html><p>Sorry"), "JSON"),
    "loop": ("feed", http("", 302, Location="/it"), "it redirects too often"),
    "to-private": ("feed", _redirect("http://10.0.0.1/feed"), "10.0.0.1 is private use"),
    "to-loopback": ("feed", _redirect("{inner}/feed"), "127.0.0.2 is loopback"),
    "to-metadata": ("feed", _redirect("http://169.254.169.254/"), "169.254.169.254 is link local"),
    "to-file": ("feed", _redirect("file:///etc/passwd"), "which is neither http nor https"),
}


def test_every_bad_source_is_one_line_and_the_good_one_loses_nothing(failures, loopback, desk):
    bad = BAD | {"reset": ("feed", lambda _: loopback.RESET, BAD["reset"][2])}
    outcome, told = failures(bad, fetching={"deadline": "20s", "max_body": "1MiB"})
    assert f"{1 + len(bad)} sources polled" in outcome.out
    assert f"{len(bad)} failures" in outcome.out
    assert set(told) == set(bad)
    assert {name: told[name] for name, (_, _, words) in bad.items() if words not in told[name]} == {}
    logged = {line["source"]: line for line in outcome.log if line["event"] == "poll failed"}
    assert set(logged) == set(bad)
    assert all(len(line["error"]) < 500 and line["failures"] == 1 for line in logged.values())
    assert not any(asked.headers["host"].startswith("127.0.0.2") for asked in loopback.asked)

    listed = {row["id"]: row for row in desk.here("sources", "list", "--json").rows}
    assert listed["good"]["last_error"] is None
    assert {name for name, row in listed.items() if row["failures"]} == set(bad)
    (figures,) = desk.here("status", "--json").rows
    assert figures["sources"] == {"known": 1 + len(bad), "reached": 1, "failing": len(bad)}


def test_when_every_source_fails_the_verb_fails(desk, loopback):
    site = loopback.site({})
    desk.write(sources=[{"id": name, "kind": "feed", "url": f"{site}/{name}"} for name in "ab"])
    outcome = desk.run("crawl")
    assert outcome.code == 1
    assert "2 sources polled, 0 new articles" in outcome.out
    assert "a: " in outcome.out


def test_a_damaged_source_gives_what_can_still_be_read(loopback, desk):
    """A cut feed has whole items before the cut, half a surrogate pair is one title's trouble, a lying charset the reader's."""
    pages = {f"/{number}.html": page(story(number)) for number in range(9)}
    pages["/gb.html"] = http(
        '<html><head><meta charset="utf-8"><title>深圳发布机器人</title></head><body><article><h1>深圳发布机器人</h1>'
        "<p>深圳今天发布一款会爬楼梯的机器人，开发者说它能在旧楼里送药送饭，首批三百台下月进入社区。</p></article></body></html>".encode(
            "gb18030"
        ),
        content_type="text/html; charset=utf-8",
    )
    site = loopback.site(pages)
    whole = rss(site, {"/0.html": story(0), "/1.html": story(1), "/2.html": story(2)}).split(b"\r\n\r\n", 1)[
        1
    ]
    pages["/cut"] = _feed(whole[: whole.rindex(b"<title>") + 9])
    pages["/json"] = http(
        json.dumps(
            {"rows": [{"u": "/3.html", "t": "half \ud83d a pair"}, {"u": "/4.html", "t": "a \x00 zero"}]}
        ),
        content_type="application/json",
    )
    pages["/redone"] = http(
        '<!doctype html><title>News</title><ol><li><a href="/8.html">Another layout</a></ol>'
    )
    pages["/liar"] = rss(site, {"/gb.html": "深圳发布机器人"})
    pages["/index"] = sitemap_index(site, "/missing.xml", "/index", "/map.xml")
    pages["/map.xml"] = http(
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{site}/5.html</loc></url>'
        f"<url><loc>ftp://ftp.example/6.html</loc></url><url><loc>javascript:alert(1)</loc></url></urlset>",
        content_type="application/xml",
    )
    pages["/inner"] = (
        rss(site, {"/7.html": story(7)})
        .replace(b"</channel>", b"<item><title>x</title><link>http://10.0.0.1/secret</link></item></channel>")
        .replace(b"Content-Length", b"X-Was-Length")
    )
    desk.write(
        sources=[
            {"id": "cut", "kind": "feed", "url": f"{site}/cut"},
            {
                "id": "json",
                "kind": "json",
                "url": f"{site}/json",
                "json": {"items": "rows", "fields": {"url": "u", "title": "t"}},
            },
            {"id": "liar", "kind": "feed", "url": f"{site}/liar"},
            {"id": "index", "kind": "sitemap", "url": f"{site}/index"},
            {"id": "inner", "kind": "feed", "url": f"{site}/inner"},
            {"id": "redone", "kind": "listing", "url": f"{site}/redone", "listing": {"item": "ul.news li"}},
        ]
    )
    outcome = desk.run("crawl")
    assert "Traceback" not in outcome.err
    assert "0 failures" in outcome.out, outcome.out
    remarks = [
        f"{line['source']}: {line['remark']}" for line in outcome.log if line["event"] == "read in part"
    ]
    for words in (
        "index: .*/missing.xml answered HTTP 404",
        r"redone: .*has the page changed\?",
        "cut: .*items were still read",
    ):
        assert any(re.match(words, remark) for remark in remarks), (words, remarks)
    articles = {row["url"].removeprefix(site): row for row in desk.here("export", "articles").rows}
    assert {"/0.html", "/1.html", "/3.html", "/4.html", "/5.html", "/7.html", "/gb.html"} <= set(articles)
    assert articles["/gb.html"]["title"] == "深圳发布机器人"
    assert "会爬楼梯的机器人" in articles["/gb.html"]["text"]
    (refused,) = [line for line in outcome.log if line["event"] == "fetch failed"]
    assert refused["url"] == "http://10.0.0.1/secret"
    assert "10.0.0.1 is private use" in refused["error"]
    assert desk.here("articles", "quarantined", "--json").rows == []


def test_bad_pages_cost_only_themselves(loopback, desk):
    pages = {
        "/good.html": page(story(1)),
        "/404.html": http("", 404),
        "/500.html": http("", 500),
        "/empty.html": http(""),
        "/menu.html": http("<!doctype html><title></title><nav><a href='/'>Home</a></nav>"),
        "/deep.html": http("<!doctype html><title>Deep</title>" + "<div>" * 30_000),
        "/image.html": http(b"\x89PNG\r\n\x1a\n" + bytes(1000), content_type="image/png"),
        "/inner.html": http("", 302, Location="http://192.168.1.1/"),
        "/long.html": http("<!doctype html><title>Long</title><p>" + "x" * (3 * 2**20)),
    }
    site = loopback.site(dict(pages))
    feed = loopback.site({"/feed": rss(site, dict.fromkeys(pages, "some title"))})
    desk.write(sources=[{"id": "feed", "kind": "feed", "url": f"{feed}/feed"}], fetching={"max_body": "1MiB"})
    outcome = desk.run("crawl")
    assert "Traceback" not in outcome.err
    assert f"{site}/good.html" in {row["url"] for row in desk.here("export", "articles").rows}
    told = {line["url"].removeprefix(site): line["error"] for line in outcome.log if "url" in line}
    assert "answered HTTP 404" in told["/404.html"]
    assert "answered HTTP 500" in told["/500.html"]
    assert "192.168.1.1 is private use" in told["/inner.html"]
    assert "larger than the limit" in told["/long.html"]

    def explained(path):
        (shape,) = desk.here("explain", "--json", f"{site}{path}").rows
        return shape["verdict"]["reason"]

    assert "waiting after 1 tries" in explained("/500.html")
    assert "waiting after 1 tries" in explained("/404.html")
    assert "gone after 1 tries" in explained("/inner.html")
    assert "gone after 1 tries" in explained("/long.html")
    quarantined = {
        row["url"].removeprefix(site) for row in desk.here("articles", "quarantined", "--json").rows
    }
    assert {"/empty.html", "/image.html"} <= quarantined
    assert "quarantined" in explained("/empty.html")
