"""Download one request when its host's turn has come."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.fetching.manners import Manners
from state.errors import FetchError


class PacedDownloadHandler(HTTP11DownloadHandler):
    """Fetch over HTTP/1.1 in the host's turn.

    Every request passes here, robots.txt and each hop of a redirect included, so this is where pace holds.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._our_crawler = crawler

    async def download_request(self, request: Request) -> Response:
        """Wait for the turn, then fetch; raise FetchError for anything but http and https."""
        parts = urlsplit(request.url)
        if parts.scheme not in {"http", "https"}:
            raise FetchError(f"{request.url} is neither http nor https and was not fetched", retryable=False)
        manners: Manners = self._our_crawler.spider.manners  # type: ignore[union-attr]  # every spider of ours has them
        async with manners.pace.turn(parts.netloc.lower()):
            return await super().download_request(request)
