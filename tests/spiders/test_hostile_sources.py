"""Sources that would keep a crawler busy for ever or lead it astray: bounded work, one clear line, the others untouched."""

from __future__ import annotations

import gzip

import pytest
from loopback import http
from press import page, rss, sitemap_index, story

XML = {"content_type": "application/xml"}
ITEMS = 1_000_000
NEW_YEAR_2035 = "Mon, 01 Jan 2035 00:00:00 GMT"


def _sitemap(site, *paths):
    urls = "".join(f"<url><loc>{site}{path}</loc></url>" for path in paths)
    return http(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>', **XML)


@pytest.fixture
def press(loopback):
    """Open a site of articles, and hosts of hostile listings beside it."""
    pages = {f"/{number}.html": page(story(number)) for number in range(12)}
    site = loopback.site(pages)
    hosts = {
        name: {}
        for name in ("endless", "itself", "each-other", "wide", "leaving", "clock", "turning", "gated")
    }
    return pages, site, hosts, {name: loopback.site(answers) for name, answers in hosts.items()}


def test_hostile_sources_cost_bounded_work_and_one_line_each(press, loopback, desk):
    pages, site, hosts, at = press
    pages["/feed"] = rss(site, {"/0.html": story(0)})
    endless = b"<rss><channel>" + b"<item><link>/1.html</link></item>" * ITEMS
    hosts["endless"]["/feed"] = http(
        gzip.compress(endless, 1), content_type="application/rss+xml", Content_Encoding="gzip"
    )
    hosts["itself"]["/map"] = sitemap_index(at["itself"], "/map", "/map?again", "/leaf")
    hosts["itself"]["/map?again"] = hosts["itself"]["/map"]
    hosts["itself"]["/leaf"] = _sitemap(site, "/1.html")
    one, other = at["each-other"], at["each-other"]
    hosts["each-other"]["/one"] = sitemap_index(other, "/two", "/leaf")
    hosts["each-other"]["/two"] = sitemap_index(one, "/one", "/leaf")
    hosts["each-other"]["/leaf"] = _sitemap(site, "/2.html")
    hosts["wide"]["/map"] = sitemap_index(at["wide"], *(f"/{number}.xml" for number in range(50_000)))
    hosts["wide"]["*"] = _sitemap(site, "/3.html")
    hosts["leaving"]["/list"] = http(
        f'<!doctype html><title>L</title><ul><li><a href="{site}/4.html">{story(4)}</a></li>'
        f'<li><a href="http://10.0.0.1/5.html">Inside</a></li></ul>'
    )
    hosts["clock"]["/feed"] = http(
        f"<rss><channel><item><title>{story(6)}</title><pubDate>{NEW_YEAR_2035}</pubDate>"
        f"<link>{site}/6.html</link></item></channel></rss>",
        content_type="application/rss+xml",
        Date=NEW_YEAR_2035,
        Last_Modified=NEW_YEAR_2035,
        Expires=NEW_YEAR_2035,
    )
    hosts["turning"]["/feed"] = rss(site, {"/7.html": story(7)})
    hosts["gated"]["/list"] = http(
        f'<!doctype html><title>G</title><ul><li><a href="{site}/8.html">{story(8)}</a></ul>'
    )
    kinds = {"endless": "feed", "clock": "feed", "turning": "feed", "leaving": "listing", "gated": "listing"}
    paths = {"itself": "/map", "each-other": "/one", "wide": "/map", "leaving": "/list", "gated": "/list"}
    sources = [
        {"id": name, "kind": kinds.get(name, "sitemap"), "url": at[name] + paths.get(name, "/feed")}
        | ({"listing": {"item": "li"}} if kinds.get(name) == "listing" else {})
        for name in hosts
    ]
    desk.write(sources=[{"id": "good", "kind": "feed", "url": f"{site}/feed"}, *sources])

    first = desk.run("crawl")
    assert "Traceback" not in first.err
    failed = {line["source"]: line["error"] for line in first.log if line["event"] == "poll failed"}
    assert list(failed) == ["endless"], failed
    assert "the body is larger than the limit" in failed["endless"]
    articles = {row["url"].removeprefix(site) for row in desk.here("export", "articles").rows}
    assert articles == {f"/{number}.html" for number in (0, 1, 2, 3, 4, 6, 7, 8)}
    assert sorted(loopback.paths(at["itself"])) == ["/leaf", "/map", "/map?again"]
    assert sorted(loopback.paths(at["each-other"])) == ["/leaf", "/one", "/two"]
    assert len(loopback.paths(at["wide"])) <= 1 + 10
    (inside,) = [line["error"] for line in first.log if line["event"] == "fetch failed"]
    assert "10.0.0.1 is private use" in inside

    hosts["turning"]["/feed"] = http("<!doctype html><title>Subscribe now</title><p>Feeds have moved")
    hosts["gated"]["/list"] = http("", 302, Location="/user/login?next=/list")
    hosts["gated"]["/user/login"] = http(
        "<!doctype html><title>Log in</title><form><input type=password></form>"
    )
    pages["/feed"] = rss(site, {"/0.html": story(0), "/9.html": story(9)})
    second = desk.run("crawl")
    assert "Traceback" not in second.err
    told = {line["source"]: line["error"] for line in second.log if line["event"] == "poll failed"}
    assert 'an HTML page titled "Subscribe now"' in told["turning"]
    remarks = {line["source"]: line["remark"] for line in second.log if line["event"] == "read in part"}
    assert 'the page titled "Log in"; has the page changed?' in remarks["gated"]
    assert f"{site}/9.html" in {row["url"] for row in desk.here("export", "articles").rows}
