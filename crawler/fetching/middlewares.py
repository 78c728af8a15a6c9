"""Scrapy's downloader middlewares of ours: only web addresses, each in its host's slot, and robots.txt."""

from __future__ import annotations

import asyncio
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK

from crawler.fetching.failures import explain, grade_of, named, why
from crawler.fetching.manners import Manners
from crawler.fetching.pace import HostHeld
from crawler.fetching.robots import Robots, read_robots, unreachable
from state.errors import AddressRefused, FetchError, RobotsRefused
from state.records import host_of

_IS_ROBOTS = "yuewatch_robots"


class _Mannered:
    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def manners(self) -> Manners:
        return self._crawler.spider.manners  # type: ignore[union-attr, no-any-return]  # every spider of ours has them


class WebAddressMiddleware(_Mannered):
    """Let through only plain web addresses, each into the slot of its own host, also after a redirect to another."""

    def process_request(self, request: Request) -> None:
        """Name the slot anew, because a redirect inherits it; raise FetchError for what is no plain web address."""
        parts = urlsplit(request.url)
        if parts.scheme not in {"http", "https"}:
            raise FetchError(
                f"{named(request)} was not fetched: it is neither http nor https", retryable=False
            )
        if "@" in parts.netloc:
            # Programs disagree on where the host begins in such an address, which is how guards are talked round.
            raise FetchError(
                f"{parts.scheme}://…@{parts.hostname} was not fetched: it carries a user name or password, which are never sent",
                retryable=False,
            )
        request.meta["download_slot"] = host_of(request.url)


class RobotsMiddleware(_Mannered):
    """Obey robots.txt (RFC 9309), failing closed, with Crawl-delay; Scrapy's own fails open."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._asking: dict[str, asyncio.Task[Robots]] = {}

    async def process_request(self, request: Request) -> None:
        """Raise RobotsRefused where the site says no."""
        if request.meta.get(_IS_ROBOTS):
            return
        site = f"{urlsplit(request.url).scheme}://{host_of(request.url)}"
        try:
            robots = await self._robots(site)
        except AddressRefused as refused:
            raise AddressRefused(
                str(refused).replace(f"{site}/robots.txt", named(request)), retryable=False
            ) from refused
        why_not = robots.verdict(request.url, self.manners.agent)
        if why_not is not None:
            unreached = robots.is_unreachable
            raise RobotsRefused(
                f"{named(request)} was not fetched: {why_not}",
                retryable=unreached,
                grade=grade_of(robots.origin) if unreached else None,
            )
        request.meta["robots"] = f"allowed ({robots.origin})"

    async def _robots(self, site: str) -> Robots:
        known = self.manners.robots.get(site)
        if known is not None:
            return known
        if site not in self._asking:
            self._asking[site] = asyncio.ensure_future(self._ask(site))
        return await asyncio.shield(self._asking[site])

    async def _ask(self, site: str) -> Robots:
        try:
            robots = await self._read(site)
        finally:
            self._asking.pop(site, None)
        self.manners.robots.put(site, robots)
        if not robots.is_unreachable:
            delay = robots.crawl_delay(self.manners.agent)
            self.manners.pace.set_crawl_delay(host_of(site), delay or 0.0, site)
            self.manners.on_crawl_delay(site, delay)
        return robots

    async def _read(self, site: str) -> Robots:
        """Ask for robots.txt; raise AddressRefused or HostHeld, which are no verdict of the site."""
        meta = {_IS_ROBOTS: True, "handle_httpstatus_list": list(range(400, 600))}
        request = Request(f"{site}/robots.txt", meta=meta, callback=NO_CALLBACK, priority=1000)
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:
            explained = explain(error, request, self.manners)
            if isinstance(explained, AddressRefused | HostHeld):
                raise explained from error
            # Whatever keeps us from reading it means: no fetching.
            return unreachable(why(error))
        return read_robots(response.status, response.body)
