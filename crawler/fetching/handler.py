"""Download one request when its host's turn has come, and heed what the answer asks for."""

from __future__ import annotations

from datetime import UTC, datetime

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.fetching.manners import Manners
from crawler.fetching.patience import patience
from state.records import host_of


class PacedDownloadHandler(HTTP11DownloadHandler):
    """Fetch over HTTP/1.1 in the host's turn.

    Every request passes here, robots.txt and each hop of a redirect included, so this is where pace holds.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._our_crawler = crawler
        self._shares = False

    async def download_request(self, request: Request) -> Response:
        """Wait for the turn, then fetch; a host that asks for patience is held before the next turn begins."""
        manners = self._manners
        if not self._shares:
            self._shares = True
            self._pool = manners.connections.lend(self._pool)
        host = host_of(request.url)
        async with manners.pace.turn(host):
            try:
                response = await super().download_request(request)
            finally:
                manners.pace.count_from_now(host)
            now = datetime.now(UTC)
            wait = patience(response.status, response.headers.get(b"Retry-After"), now)
            if wait:
                until = manners.pace.hold(host, now + wait)
                manners.on_hold(host, until, f"HTTP {response.status}")
            return response

    async def close(self) -> None:
        """Close idle connections, unless other crawls share them."""
        if not self._shares or self._manners.connections.give_back():
            await super().close()

    @property
    def _manners(self) -> Manners:
        return self._our_crawler.spider.manners  # type: ignore[union-attr, no-any-return]  # every spider of ours has them
