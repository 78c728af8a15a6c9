"""Crawl all sources of one host together, whatever their kinds: the spider of the daemon's rounds."""

from __future__ import annotations

from spiders.source import SourceSpider


class HostSpider(SourceSpider):
    """Walk every source of one host, so that pace, robots.txt and connections are shared."""

    name = "host"
