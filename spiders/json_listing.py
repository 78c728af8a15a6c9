"""Crawl JSON listings such as the document interface of Guangdong government sites: `scrapy crawl json -a source=ID`."""

from __future__ import annotations

from spiders.source import SourceSpider


class JsonSpider(SourceSpider):
    """Walk a source of kind `json`."""

    name = "json"
