"""Crawl sitemaps, sitemap indexes and news sitemaps: `scrapy crawl sitemap -a source=ID`."""

from __future__ import annotations

from spiders.source import SourceSpider


class SitemapSpider(SourceSpider):
    """Walk a source of kind `sitemap`."""

    name = "sitemap"
