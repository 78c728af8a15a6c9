"""Crawl listing pages, by selectors or an address pattern: `scrapy crawl listing -a source=ID`."""

from __future__ import annotations

from spiders.source import SourceSpider


class ListingSpider(SourceSpider):
    """Walk a source of kind `listing`."""

    name = "listing"
