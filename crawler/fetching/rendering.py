"""Show pages of sources with `browser: true` in Chromium, and go on with what its scripts made of them.

The page itself is fetched like any other, so that guard, robots.txt, pace, redirects and limits hold for it; the browser is
handed its bytes, and loads only what they name. See docs/decisions/0011-browsers-behind-a-gate.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response

from crawler.fetching.manners import Manners
from crawler.fetching.pace import HostHeld
from state.errors import BodyRefused, FetchError
from state.records import host_of

BY_BROWSER = "browser"
"""The key of a request's meta that asks for its page to be shown."""
MOST_REQUESTS = 60
"""What a page may ask for in all; the rest it does without."""
MOST_RENDERED = 10 * 2**20
"""Characters of the page that scripts may have made."""
_UNSEEN = {"image", "media", "font", "texttrack", "manifest", "ping", "cspviolationreport", "eventsource"}
_HANDED_ON = ("Content-Type", "Content-Language", "Content-Security-Policy", "Set-Cookie")
_QUIET = 0.5
_QUIET_WITHIN = 5.0
_LOOK = 0.1
_LEAVE_WITHIN = 5.0


class RenderingMiddleware:
    """Put in the place of a page, where its request asks for it, what a browser makes of it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._handler: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build for a crawl, and end with it."""
        ours = cls(crawler)
        crawler.signals.connect(ours.close, signals.spider_closed)
        return ours

    async def process_response(self, request: Request, response: Response) -> Response:
        """Show a web page that came; other answers pass. Raise FetchError where it cannot be shown."""
        if (
            not request.meta.get(BY_BROWSER)
            or response.status != 200
            or not isinstance(response, HtmlResponse)
        ):
            return response
        manners: Manners = self._crawler.spider.manners  # type: ignore[union-attr]  # every spider of ours has them
        # What the page loads from its host counts as one more visit, in a turn of its own.
        host = host_of(response.url)
        async with manners.pace.turn(host):
            try:
                text = await self._shown(response, manners)
            finally:
                manners.pace.count_from_now(host)
        headers = response.headers.copy()
        headers["Content-Type"] = "text/html; charset=utf-8"
        return response.replace(body=text.encode("utf-8", "replace"), headers=headers, encoding="utf-8")

    async def _shown(self, response: HtmlResponse, manners: Manners) -> str:
        deadline = self._crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        async with manners.browser.use(lambda host: not _is_held(manners, host)) as issued:
            sitting = Sitting(response, manners, deadline)
            kwargs = {
                "proxy": {
                    "server": manners.browser.proxy,
                    "username": issued.name,
                    "password": issued.password,
                },
                "user_agent": self._crawler.settings["USER_AGENT"],
                "locale": "zh-CN",
                "service_workers": "block",
                "accept_downloads": False,
                "viewport": {"width": 1280, "height": 1600},
            }
            asked = sitting.request(kwargs)
            if self._handler is None:
                self._handler = _handler(self._crawler, manners)
            # Whatever still hangs then is cut off, so that the page counts as loaded and is read as it stands.
            cut = asyncio.get_running_loop().call_later(deadline / 3, issued.revoke)
            try:
                async with asyncio.timeout(deadline):
                    await self._handler.download_request(asked)
                    return await sitting.settled(asked.meta["playwright_page"])
            except FetchError:
                raise
            except Exception as error:
                raise _failure(response.url, error, deadline) from error
            finally:
                cut.cancel()
                issued.revoke()
                await self._leave(sitting.name, manners)

    async def _leave(self, name: str, manners: Manners) -> None:
        """Close what a page was shown in, with all it kept; a browser that does not even do that is ended."""
        wrapper = self._handler.context_wrappers.get(name)
        if wrapper is None:
            return
        try:
            async with asyncio.timeout(_LEAVE_WITHIN):
                await wrapper.context.close()
        except TimeoutError:
            await manners.browser.close()
        except Exception:  # noqa: BLE001 - it died, and its contexts with it
            self._handler.context_wrappers.pop(name, None)

    async def close(self) -> None:
        """Let go of the browser; it goes on for other crawls."""
        if self._handler is not None:
            await self._handler.close()


class Sitting:
    """Hold one page while it is shown: hand the browser its bytes, and judge what it asks for."""

    def __init__(self, response: HtmlResponse, manners: Manners, deadline: float) -> None:
        self.name = uuid4().hex
        self._response = response
        self._manners = manners
        self._deadline = deadline
        self._asked = 0
        self._begun = False
        self._open: set[Any] = set()

    def request(self, context: dict[str, Any]) -> Request:
        """Ask scrapy-playwright to show the page in a context of its own."""
        return Request(
            self._response.url,
            meta={
                "playwright": True,
                "playwright_context": self.name,
                "playwright_context_kwargs": context,
                "playwright_page_init_callback": self._prepare,
                # Not until it is loaded: a script that leaves meanwhile would make a failure of that.
                "playwright_page_goto_kwargs": {"wait_until": "commit", "timeout": self._deadline * 1000},
                # It stays open until it has settled.
                "playwright_include_page": True,
            },
        )

    async def _prepare(self, page: Any, _: Request) -> None:
        """Stand between the page and what it asks for, and allow no second window."""
        await page.context.route("**/*", lambda route: route.abort())
        page.context.on("page", lambda another: another.close())
        page.on("request", self._note_asked)
        page.on("requestfinished", self._note_ended)
        page.on("requestfailed", self._note_ended)
        # Of several handlers the last is asked first; scrapy-playwright's own lets everything pass.
        await page.route("**/*", self._answer)

    def _note_asked(self, request: Any) -> None:
        if not request.is_navigation_request():
            self._open.add(request)

    def _note_ended(self, request: Any) -> None:
        self._open.discard(request)

    async def _answer(self, route: Any) -> None:
        request = route.request
        # A page that leaves, or shows another inside itself, would pass over robots.txt.
        if request.is_navigation_request():
            if self._begun:
                # "No content" leaves the page where it is; an abort would put the browser's own error page in its place.
                await route.fulfill(status=204)
                return
            self._begun = True
            headers = {
                name: _joined(self._response, name) for name in _HANDED_ON if name in self._response.headers
            }
            await route.fulfill(status=200, headers=headers, body=self._response.body)
        elif self._may_load(request):
            await route.fallback()
        else:
            await route.abort()

    def _may_load(self, request: Any) -> bool:
        self._asked += 1
        if request.resource_type in _UNSEEN or self._asked > MOST_REQUESTS:
            return False
        parts = urlsplit(request.url)
        if parts.scheme not in {"http", "https"}:
            return parts.scheme in {"data", "blob"}
        # Of other sites the rules are not known, and no page of theirs is read.
        robots = self._manners.robots.get(f"{parts.scheme}://{host_of(request.url)}")
        return robots is None or robots.verdict(request.url, self._manners.agent) is None

    async def settled(self, page: Any) -> str:
        """Wait until the page has what it asked for, stop its scripts, and take it, unless they made too much of it."""
        if not self._begun:
            raise FetchError(f"{self._response.url} was not shown: the browser did not take its bytes")
        session = await page.context.new_cdp_session(page)
        # In a world of our own, where the page's scripts cannot have changed what anything means.
        frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        world = (await session.send("Page.createIsolatedWorld", {"frameId": frame}))["executionContextId"]

        async def value(expression: str) -> Any:
            said = {"expression": expression, "contextId": world, "returnByValue": True}
            return (await session.send("Runtime.evaluate", said))["result"]["value"]

        await self._come_to_rest(value)
        await session.send("Emulation.setScriptExecutionDisabled", {"value": True})
        if await value("document.documentElement.outerHTML.length") > MOST_RENDERED:
            raise BodyRefused(
                f"{self._response.url} was not read: its scripts made more than {MOST_RENDERED // 2**20} MB of it",
                retryable=False,
            )
        return str(await page.content())

    async def _come_to_rest(self, value: Callable[[str], Awaitable[Any]]) -> None:
        """Wait until the page is loaded and asks for nothing for a while; one that never rests is taken as it stands.

        Playwright's own load states are lost where a page tries to leave.
        """
        clock = asyncio.get_running_loop().time
        end, rested = clock() + self._deadline / 2, clock()
        loaded = False
        while clock() < end and clock() < rested + _QUIET:
            await asyncio.sleep(_LOOK)
            if not loaded and await value("document.readyState") == "complete":
                loaded = True
                end = min(end, clock() + _QUIET_WITHIN)
            if self._open or not loaded:
                rested = clock()


def _handler(crawler: Crawler, manners: Manners) -> Any:
    """Build scrapy-playwright's handler over the browser that all crawls share."""
    from crawler.fetching.shared_browser import SharedBrowserHandler  # noqa: PLC0415 - an extra

    return SharedBrowserHandler(crawler, manners.browser)


def _is_held(manners: Manners, host: str) -> bool:
    try:
        manners.pace.raise_if_held(host)
    except HostHeld:
        return True
    return False


def _joined(response: Response, name: str) -> str:
    """Give a header's values as Playwright wants them."""
    return "\n".join(value.decode("latin-1") for value in response.headers.getlist(name))


def _failure(url: str, error: Exception, deadline: float) -> FetchError:
    said = " ".join(str(error).split())[:200]
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return FetchError(
            f"{url} was not shown: its scripts did not come to rest within {deadline:g} s", grade="timeout"
        )
    if "closed" in said or "crash" in said.lower():
        return FetchError(
            f"{url} was not shown: the browser ended meanwhile; the next page starts another", grade="browser"
        )
    return FetchError(f"{url} was not shown in a browser: {type(error).__name__}: {said}", grade="browser")
