"""Fetch for a backfill: one request at a time where a host wants it so, within a budget."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from scrapy import Request
from scrapy.http import Response

from crawler.backfill.halt import Halt
from crawler.backfill.progress import Tally
from crawler.backfill.ways.way import Ask
from crawler.fetching.answers import page_of
from crawler.fetching.failures import explain
from crawler.fetching.manners import Manners
from state.errors import FetchError
from state.records import Page

_OURS = [304, *range(400, 600)]


class Halted(FetchError):  # noqa: N818 - named for what it tells
    """Report that nothing is fetched any more, because the backfill stops."""


class Fetcher:
    """Turn what is to be asked into pages."""

    def __init__(
        self,
        fetch: Callable[[Request], Awaitable[Response]],
        manners: Manners,
        halt: Halt,
        tally: Tally,
        budget: int | None,
    ) -> None:
        self._fetch = fetch
        self._manners = manners
        self._halt = halt
        self._tally = tally
        self._budget = budget

    async def get(self, ask: Ask, source_id: str) -> Page:
        """Fetch one address, whatever its status; raise FetchError where no answer comes, Halted where it is time to stop."""
        if self._budget is not None and self._tally.requests >= self._budget:
            self._halt.stop(f"the budget of {self._budget} requests is used up")
        if self._halt.is_called():
            raise Halted("the backfill stops")
        self._tally.requests += 1
        request = Request(
            ask.url,
            method=ask.method,
            body=ask.body,
            headers=dict(ask.headers),
            meta={"handle_httpstatus_list": _OURS},
        )
        try:
            response = await self._fetch(request)
        except FetchError:
            raise
        except Exception as error:
            raise explain(error, request, self._manners) from error
        page = page_of(response, ask.url, source_id)
        self._tally.bytes += len(page.body)
        return page
