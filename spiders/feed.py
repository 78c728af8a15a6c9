"""Crawl RSS, Atom and JSON feeds: `scrapy crawl feed -a source=ID`."""

from __future__ import annotations

from spiders.source import SourceSpider


class FeedSpider(SourceSpider):
    """Walk a source of kind `feed`."""

    name = "feed"
