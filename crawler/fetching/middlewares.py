"""Scrapy's downloader middlewares of ours: robots.txt, patience, and slots by host."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.fetching.manners import Manners
from crawler.fetching.robots import Robots, read_robots, unreachable
from state.errors import FetchError, RobotsRefused

PATIENCE = timedelta(minutes=5)
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


class HostSlotMiddleware(_Mannered):
    """Put each request into the slot of its own host and port, also after a redirect to another host."""

    def process_request(self, request: Request) -> None:
        """Name the slot anew, because a redirect inherits the slot of the request before."""
        request.meta["download_slot"] = urlsplit(request.url).netloc.lower()


class RobotsMiddleware(_Mannered):
    """Obey robots.txt (RFC 9309), failing closed, with Crawl-delay; Scrapy's own fails open."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._asking: dict[str, asyncio.Task[Robots]] = {}

    async def process_request(self, request: Request) -> None:
        """Raise RobotsRefused where the site says no."""
        if request.meta.get(_IS_ROBOTS):
            return
        parts = urlsplit(request.url)
        robots = await self._robots(f"{parts.scheme}://{parts.netloc.lower()}")
        why = robots.verdict(request.url, self.manners.agent)
        if why is not None:
            raise RobotsRefused(
                f"{request.url} was not fetched: {why}", retryable=robots.origin.startswith("unreachable")
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
        meta = {_IS_ROBOTS: True, "handle_httpstatus_list": list(range(400, 600))}
        request = Request(f"{site}/robots.txt", meta=meta, callback=NO_CALLBACK, priority=1000)
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 - whatever keeps us from reading it means: no fetching
            robots = unreachable(type(error).__name__)
        else:
            robots = read_robots(response.status, response.body)
        self.manners.robots.put(site, robots)
        delay = robots.crawl_delay(self.manners.agent)
        if delay is not None:
            self.manners.pace.set_crawl_delay(urlsplit(site).netloc, delay)
        self._asking.pop(site, None)
        return robots


class PatienceMiddleware(_Mannered):
    """Stay away from a host that answers 429 or 503 for as long as its Retry-After says."""

    def process_response(self, request: Request, response: Response) -> Response:
        """Hold the host and pass the response on."""
        if response.status not in {429, 503}:
            return response
        wait = retry_after(response.headers.get(b"Retry-After"), datetime.now(UTC))
        if wait is None and response.status == 429:
            wait = PATIENCE
        if wait is not None:
            host = urlsplit(request.url).netloc.lower()
            until = self.manners.pace.hold(host, datetime.now(UTC) + wait)
            self.manners.on_hold(host, until, f"HTTP {response.status}")
        return response


def retry_after(header: bytes | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header (seconds or a date, RFC 9110 section 10.2.3); None where it is missing or absurd."""
    if not header:
        return None
    text = header.decode("ascii", "replace").strip()
    if text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta(0))


def explain(error: BaseException, url: str, manners: Manners) -> FetchError:
    """Turn what a download raised into one clear line that names the address."""
    if isinstance(error, FetchError):
        return error
    host = urlsplit(url).hostname or ""
    refused = manners.guard.refused.get(host) if manners.guard is not None else None
    name = type(error).__name__
    if name == "CannotResolveHostError" and refused is not None:
        return FetchError(
            f"{url} was not fetched: {refused}; list it under fetching.allow_addresses if it is yours",
            retryable=False,
        )
    known = {
        "CannotResolveHostError": "its host name does not resolve",
        "DownloadConnectionRefusedError": "the connection was refused",
        "DownloadTimeoutError": "no complete answer came within the deadline",
        "DownloadCancelledError": "the body is larger than the limit",
        "ResponseDataLossError": "the body broke off",
        "IgnoreRequest": "it redirects too often",
    }
    detail = known.get(name, f"{name}: {str(error)[:200]}".rstrip(": "))
    if "certificate" in str(error).lower() or "ssl" in str(error).lower():
        detail = "its TLS certificate is not valid"
    return FetchError(f"{url} was not fetched: {detail}")
