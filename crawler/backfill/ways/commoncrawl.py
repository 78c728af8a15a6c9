"""Find the WARC files of Common Crawl's news crawl (CC-NEWS) that may hold a range of days.

Each month has a gzipped list of paths at `crawl-data/CC-NEWS/YYYY/MM/warc.paths.gz`, one path a line, to be put behind
the address of the archive (commoncrawl.org, "News Dataset Available", 2016, and its page on getting started). The
files are named `CC-NEWS-YYYYMMDDhhmmss-NNNNN.warc.gz` after the time they were begun; there is no index of addresses.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from crawler.backfill.ways.way import Ask, Findings
from crawler.backfill.window import Window
from state.backfill_items import Item, Step
from state.errors import UnreadableListing
from state.records import Page

COMMON_CRAWL = "https://data.commoncrawl.org"
_LANE = "cc-news"
_LATER = timedelta(days=2)
"""The news crawl reads feeds and sitemaps, so a page is captured within days."""
_PATH = re.compile(r"[\w./-]*CC-NEWS-(\d{4})(\d{2})(\d{2})\d{6}-\d+\.warc(?:\.gz)?")
_MAX_LIST = 16 * 2**20


@dataclass(frozen=True, slots=True)
class CommonCrawlWay:
    """Lead to the WARC files of the range, in the order of their time."""

    window: Window
    archive: str = COMMON_CRAWL

    def lanes(self) -> dict[str, tuple[Step, ...]]:
        """Give the list of each month."""
        months = dict.fromkeys(f"{day:%Y/%m}" for day in _days(self.window.since, self.window.until + _LATER))
        urls = [f"{self.archive}/crawl-data/CC-NEWS/{month}/warc.paths.gz" for month in months]
        return {_LANE: tuple(Step("paths", url) for url in urls)}

    def ask(self, lane: str, step: Step) -> Ask:
        """Ask for a month's list."""
        del lane
        return Ask(step.url)

    async def read(self, lane: str, step: Step, page: Page, seen: set[str]) -> Findings:
        """Read a month's list."""
        del lane, seen
        try:
            text = zlib.decompressobj(wbits=47).decompress(page.body, _MAX_LIST).decode("utf-8")
        except (zlib.error, UnicodeDecodeError) as error:
            raise UnreadableListing(
                f"{step.url} is no gzipped list of paths ({error}); it was left out"
            ) from error
        paths = sorted(line.strip() for line in text.splitlines() if self._wanted(line.strip()))
        return Findings(files=tuple((f"{self.archive}/{path}", 0) for path in paths))

    def _wanted(self, path: str) -> bool:
        found = _PATH.fullmatch(path)
        if found is None or ".." in path:
            return False
        try:
            day = date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            return False
        # A file holds what was captured from its time on, for some hours.
        return self.window.since - timedelta(days=1) <= day <= self.window.until + _LATER

    def ends_at(self, step: Step, status: int) -> bool:
        """Take a month without a list for a month that has no files yet."""
        del step
        return status in {403, 404}

    def restored(self, item: Item, page: Page) -> Page:
        """Give the page; this way leads to files only."""
        del item
        return page


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)
