"""Run errands: fetch what somebody else decides on, with the manners of every spider here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response

from crawler.fetching.manners import Manners

Fetch = Callable[[Request], Awaitable[Response]]


class ErrandSpider(Spider):
    """Lend its engine to `errands` for as long as that runs; it parses nothing and finds nothing by itself."""

    name = "errands"

    def __init__(
        self,
        errands: Callable[[Fetch], Awaitable[None]],
        manners: Manners,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._errands = errands
        self.manners = manners

    async def start(self) -> AsyncIterator[Request]:
        """Wait for the errands to end; nothing is scheduled."""
        await self._errands(self._fetch)
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request

    async def _fetch(self, request: Request) -> Response:
        """Fetch with every middleware but the scheduler; redirects are followed."""
        return await self.crawler.engine.download_async(request)
