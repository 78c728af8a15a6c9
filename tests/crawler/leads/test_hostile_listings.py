"""Listings made to hang, swell or mislead the reader: each ends in bounded leads, in one clear line, or with its worker."""

import gzip
from datetime import timedelta

import pytest

from crawler.leads.read import read_leads
from crawler.workers import WorkerKilled, Workers
from state.errors import UnreadableListing
from state.records import Source

MOST_LEADS = 2000
DEADLINE = timedelta(seconds=10)


def rss(items, head=""):
    return f'{head}<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()


def item(inside, link="https://www.example.com/1"):
    return f"<item><link>{link}</link>{inside}</item>"


def urlset(inside, head=""):
    return f"{head}<urlset>{inside}</urlset>".encode()


def page(inside):
    return f"<!DOCTYPE html><html><body>{inside}</body></html>".encode()


LEVELS = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10))
BOMB = f'<!DOCTYPE r [<!ENTITY a0 "ha">{LEVELS}]>'
QUADRATIC = f'<!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]>'
OUTSIDE = '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>'
STYLESHEET = '<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>'

FEEDS = {
    "a name of 200 kB": rss(item(f"<author>{'a' * 200_000}</author>")),
    "2,000 names of 500 characters": rss(item(f"<author>{'a' * 500}</author>") * 2000),
    "addresses by the thousand in a name": rss(item(f"<author>{'a@b.c ' * 30_000}</author>")),
    "30,000 items": rss("".join(item(f"<title>{n}</title>", f"https://www.example.com/{n}") for n in range(30_000))),
    "200,000 empty items": rss("<item/>" * 200_000),
    "a title of 2 MB": rss(item(f"<title>{'a' * 2_000_000}</title>")),
    "a body of 2 MB of tags": rss(item(f"<description>{'&lt;b&gt;' * 250_000}</description>")),
    "20,000 categories": rss(item("<category>x</category>" * 20_000)),
    "20,000 links": rss(f"<item>{'<link>/a</link>' * 20_000}</item>"),
    "20,000 elements deep": rss("<a>" * 20_000),
    "20,000 deep in an item, never closed": rss("<item><link>/1</link>" + "<b>" * 20_000),
    "2,000 attributes": rss("<item " + " ".join(f'a{n}="x"' for n in range(2000)) + "><link>/1</link></item>"),
    "nothing but <": b"<rss>" + b"<" * 200_000,
    "nothing but &": rss(item(f"<title>{'&' * 200_000}</title>")),
    "200,000 unknown entities": rss(item(f"<description>{'&bad;' * 200_000}</description>")),
    "200,000 CDATA sections": rss(item(f"<description>{'<![CDATA[a]]>' * 200_000}</description>")),
    "200,000 comments": rss(item("<!-- x -->" * 200_000)),
    "200,000 processing instructions": rss("<?x y?>" * 200_000),
    "a date of 1 MB": rss(item(f"<pubDate>{'1' * 1_000_000}</pubDate>")),
    "dates of 1970 and 2099": rss(item("<pubDate>1970-01-01</pubDate>") + item("<pubDate>2099-01-01</pubDate>", "/2")),
    "a doctype without an end": b"<!DOCTYPE " + b"<!ENTITY " * 100_000,
    "100,000 entity declarations": rss(item(""), "<!DOCTYPE r [" + '<!ENTITY a "b">' * 100_000 + "]>"),
    "a billion laughs": rss(item("<title>&a9;</title>"), BOMB),
    "one long entity often": rss(item(f"<title>{'&a;' * 5000}</title>"), QUADRATIC),
    "a DTD elsewhere": rss(item("<title>t</title>"), OUTSIDE),
    "a stylesheet elsewhere": rss(item("<title>t</title>"), STYLESHEET),
    "XInclude": rss(item('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>')),
    "javascript for links": rss(item("<title>t</title>", "javascript:alert(1)") * 5000),
    "NULs": rss(item(f"<title>{chr(0) * 10_000}</title>")),
    "a wrong charset": rss(item("<title>中文</title>" * 1000), '<?xml version="1.0" encoding="utf-7"?>'),
    "200,000 items of JSON": b'{"items":[' + b'{"url":"/1"},' * 200_000 + b'{"url":"/2"}]}',
}  # fmt: skip
SITEMAPS = {
    "200,000 entries": urlset("".join(f"<url><loc>/{n}</loc></url>" for n in range(200_000))),
    "a million deep": urlset("<url>" * 1_000_000),
    "100,000 children of one entry": urlset(f"<url>{'<a>x</a>' * 100_000}</url>"),
    "an address of 8 MB": urlset(f"<url><loc>https://www.example.com/{'a' * 8_000_000}</loc></url>"),
    "a map of laughs": urlset("<url><loc>&a9;</loc></url>", BOMB),
    "a map with a DTD elsewhere": urlset("<url><loc>https://www.example.com/1</loc></url>", OUTSIDE),
    "gzip of 60 MB": gzip.compress(b"<urlset>" + b" " * 60_000_000, 1),
    "a million lines": b"https://www.example.com/1\n" * 1_000_000,
}
LISTINGS = {
    "100,000 links": page("".join(f'<li><a href="/{n}">t</a> 2026-01-01</li>' for n in range(100_000))),
    "a million deep, not closed": page("<div>" * 1_000_000),
    "one parent for 5,000": page("<div>" + "".join(f'<a href="/{n}">t</a>' for n in range(5000)) + "x" * 2_000_000),
    "200,000 attributes": page(f"<a {'x=1 ' * 200_000}>"),
}  # fmt: skip
JSON = {
    "brackets without end": b"[" * 4_000_000,
    "a number of a million digits": b"1" * 1_000_000,
    "200,000 items that do not fit": b'{"articles":[' + b'{"url":"/x"},' * 200_000 + b'{"url":"/y"}]}',
}
CASES = [
    pytest.param(kind, body, id=f"{kind}: {name}")
    for kind, bodies in (("feed", FEEDS), ("sitemap", SITEMAPS), ("listing", LISTINGS), ("json", JSON))
    for name, body in bodies.items()
]


@pytest.fixture(scope="module")
def workers():
    pool = Workers(count=1, deadline=DEADLINE)
    yield pool
    pool.close()


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "body"), CASES)
async def test_every_hostile_listing_ends(workers, kind, body):
    options = {"json": {"items": "articles", "pattern": r"\d"}, "listing": {"pattern": r"/\d+"}}
    source = Source(
        "s", kind, "https://www.example.com/", max_leads=MOST_LEADS, options=options.get(kind, {})
    )

    try:
        leads = await workers.run(read_leads, body, source, source.url, {})
    except (UnreadableListing, WorkerKilled):
        return

    assert len(leads.items) <= MOST_LEADS
    assert len(leads.more) <= 500
    for lead in leads.items:
        assert lead.url.startswith(("http://", "https://"))
        assert len(lead.title or "") <= 1000
        assert len(lead.content or "") + len(lead.summary or "") <= 1_000_000
