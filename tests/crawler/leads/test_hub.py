"""Hubs that feeds offer, in their headers or by themselves."""

from __future__ import annotations

import pytest

from crawler.leads.feed import read_feed
from crawler.leads.hub import Hub
from state.records import Source

SOURCE = Source("news", "feed", "https://news.example/feed")
HUB = Hub("https://hub.example/", "https://news.example/feed")
HEADER = '<https://hub.example/>; rel="hub", </feed>; rel=self'
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="https://hub.example/"/>
<link rel="self" href="https://news.example/feed"/><entry><title>A</title><link href="/1"/></entry></feed>"""
RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>N</title>
<atom:link rel="hub" href="https://hub.example/"/><atom:link rel="self" href="/feed"/>
<item><title>A</title><link>https://news.example/1</link></item></channel></rss>"""
PLAIN = '<rss version="2.0"><channel><item><title>A</title><link>https://news.example/1</link></item></channel></rss>'
JSON = """{"version": "https://jsonfeed.org/version/1.1", "feed_url": "https://news.example/feed",
"hubs": ["odd", {"type": "rssCloud", "url": "https://cloud.example/"}, {"type": "WebSub", "url": "https://hub.example/"}],
"items": []}"""


def hub(text, link=None):
    headers = {"link": link} if link else {}
    return read_feed(text.encode(), SOURCE, "https://news.example/feed", headers).hub


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (ATOM, None),
        (RSS, None),
        (JSON, None),
        (PLAIN, HEADER),
        (ATOM.replace("hub.example", "b.example"), HEADER),
    ],
    ids=["Atom", "RSS", "JSON Feed", "a header", "the header goes first"],
)
def test_a_hub_is_found(text, link):
    assert hub(text, link) == HUB


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (PLAIN, None),
        (PLAIN, '<https://hub.example/>; rel="hub"'),
        (PLAIN, '<javascript:alert(1)>; rel="hub", </feed>; rel="self"'),
        (PLAIN, '<http://[::1>; rel="hub", </feed>; rel="self"'),
        (PLAIN, '<https://hub.example/ä b>; rel="hub", </feed>; rel="self"'),
        (PLAIN, ";;=,<>;rel"),
        (JSON.replace('"WebSub"', "7"), None),
    ],
    ids=["none", "no topic", "no web address", "no address", "no ASCII", "rubbish", "no type"],
)
def test_what_is_no_offer_is_passed_over(text, link):
    assert hub(text, link) is None
