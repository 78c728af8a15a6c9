"""Ask a site what a probe wants to know: each address once, within a budget, with the manners of every crawl."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response

from crawler.fetching.answers import page_of
from crawler.fetching.failures import explain
from crawler.fetching.manners import Manners
from crawler.fetching.rendering import BY_BROWSER
from crawler.fetching.robots import Robots
from crawler.leads.leads import Leads
from crawler.leads.read import read_leads
from crawler.workers import Workers
from state.errors import FetchError, ReadError, RobotsRefused
from state.records import Page, Source, host_of

MOST_REQUESTS = 60
"""Requests of one look at a site, robots.txt not counted."""

_META = {"handle_httpstatus_list": list(range(400, 600))}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_MOST_CHILDREN = 4


class Asker:
    """Fetch addresses and read what they list; what was asked before is not asked again."""

    def __init__(
        self, fetch: Callable[[Request], Awaitable[Response]], manners: Manners, workers: Workers
    ) -> None:
        self._fetch = fetch
        self._answers: dict[tuple[str, str], Page | FetchError] = {}
        self.manners = manners
        self.workers = workers
        self.requests = 0

    def afresh(self) -> Asker:
        """Give an asker that knows nothing yet and has a budget of its own."""
        return Asker(self._fetch, self.manners, self.workers)

    async def page(self, url: str, *, browser: bool = False) -> Page:
        """Fetch one address; raise FetchError for an error status too, and where the budget is used up."""
        return await self._ask(Request(url, meta=_META | {BY_BROWSER: browser}), "")

    async def _ask(self, request: Request, body: str) -> Page:
        key = (request.url, body)
        if key not in self._answers:
            self._answers[key] = await self._answer(request)
        answer = self._answers[key]
        if isinstance(answer, FetchError):
            raise answer
        return answer

    async def _answer(self, request: Request) -> Page | FetchError:
        if self.requests >= MOST_REQUESTS:
            return FetchError(
                f"{request.url} was not fetched: {MOST_REQUESTS} requests are enough for a look"
            )
        self.requests += 1
        try:
            response = await self._fetch(request)
        except FetchError as error:
            # What robots.txt forbids was never asked.
            self.requests -= isinstance(error, RobotsRefused)
            return error
        except Exception as error:  # noqa: BLE001 - whatever Scrapy or Twisted raised is told in our words
            return explain(error, request, self.manners)
        if response.status >= 400:
            return FetchError(f"{request.url} answered HTTP {response.status}")
        return page_of(response, request.url, "probe")

    async def leads(self, source: Source) -> tuple[Page, Leads]:
        """Ask a source as the daemon would, a few children of an index included; raise FetchError or ReadError."""
        page = await self._ask(*_poll(source))
        leads = await self._read(page, source)
        if not leads.more:
            return page, leads
        items = list(leads.items)
        remarks = list(leads.remarks)
        for url in leads.more[:_MOST_CHILDREN]:
            try:
                child = await self._read(await self.page(url, browser=source.browser), source)
            except (FetchError, ReadError) as error:
                remarks.append(str(error))
            else:
                items += child.items
        if not items and remarks:
            raise ReadError(remarks[0])
        return page, Leads(tuple(items), more=leads.more, total=len(items), remarks=tuple(remarks))

    async def _read(self, page: Page, source: Source) -> Leads:
        return await self.workers.run(read_leads, page.body, source, page.final_url, page.headers)

    def robots_of(self, url: str) -> Robots | None:
        """Give what is known of the rules of an address's site."""
        parts = urlsplit(url)
        return self.manners.robots.get(f"{parts.scheme}://{host_of(url)}")


def _poll(source: Source) -> tuple[Request, str]:
    form = source.options.get("form", {})
    meta = _META | {BY_BROWSER: source.browser}
    if source.options.get("method") != "POST":
        return Request(source.url, meta=meta), ""
    body = urlencode(form)
    return Request(source.url, method="POST", body=body, headers=_FORM, meta=meta), body
