"""Use scrapy-playwright with a browser that outlives the crawl. Only imported once a page needs a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scrapy.crawler import Crawler
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler.fetching.browser import Browser


class SharedBrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # it ships no types
    """Show pages in the shared browser; closing ends what this crawl had of it, and nothing else."""

    def __init__(self, crawler: Crawler, browser: Browser) -> None:
        super().__init__(crawler)
        self.browser_provider = _Provider(browser)
        # A page that kills the browser is tried again later, not four times at once.
        self.config.target_closed_max_retries = 0
        # Its user agent is that of the context, its other headers are the browser's own.
        self.process_request_headers = None


class _Provider:
    """Give scrapy-playwright the shared browser (its interface `BrowserProvider`)."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    async def start(self) -> None:
        """Do nothing: the browser starts when it is first asked for."""

    async def launch_browser(self) -> Any:
        """Give the browser that runs."""
        return _Lent(await self._browser.running())

    async def close(self) -> None:
        """Do nothing: the browser is closed by whoever opened it."""


class _Lent:
    """Stand for the shared browser within one crawl, so that closing it gives it back."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self._heard: list[tuple[str, Callable[..., Any]]] = []

    async def new_context(self, **options: Any) -> Any:
        """Open a context."""
        return await self._browser.new_context(**options)

    def on(self, event: str, heard: Callable[..., Any]) -> None:
        """Listen for as long as it is lent."""
        self._browser.on(event, heard)
        self._heard.append((event, heard))

    async def close(self) -> None:
        """Give it back."""
        for event, heard in self._heard:
            self._browser.remove_listener(event, heard)
        self._heard.clear()
