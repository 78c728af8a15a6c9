"""Walk a site's own archive: its sitemaps (sitemaps.org, schema 0.9), and listings that go on page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal
from urllib.parse import urlencode, urljoin, urlsplit

from protego import Protego

from crawler.backfill.ways.way import Ask, Findings
from crawler.backfill.window import Window
from crawler.leads.read import read_leads
from crawler.workers import Workers
from state.backfill_items import Item, Step
from state.records import Lead, Page, Source, host_of

_MOST_LEADS = 50_000
"""Links taken from one listing: as many as a sitemap may hold."""
_DEEPEST = 4
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_NO_MORE = frozenset({400, 404, 410, 416})


@dataclass(frozen=True, slots=True)
class SiteWay:
    """Lead through the sitemaps or the paged listings of sources, newest first.

    `via` None takes each source's own kind: its sitemap, its listing where that is paged, else the sitemaps its
    robots.txt names.
    """

    sources: Mapping[str, Source]
    window: Window
    workers: Workers
    via: Literal["sitemap", "listing"] | None = None

    def lanes(self) -> dict[str, tuple[Step, ...]]:
        """Give where to begin with each source."""
        return {source.id: tuple(self._first(source)) for source in self.sources.values()}

    def _first(self, source: Source) -> Iterator[Step]:
        if self._by_listing(source):
            yield Step("listing", source.url)
            yield from self._by_date(source)
        elif source.kind == "sitemap":
            yield Step("sitemap", source.url)
        else:
            yield Step("robots", urljoin(source.url, "/robots.txt"))

    def _by_listing(self, source: Source) -> bool:
        if self.via is not None:
            return self.via == "listing" and source.kind != "sitemap"
        return source.kind != "sitemap" and "paging" in source.options

    def _by_date(self, source: Source) -> Iterator[Step]:
        """Give the listings of all days or months of the range, newest first, where the source has such."""
        template = source.options.get("paging", {}).get("url", "")
        if "{month}" not in template and "{day}" not in template:
            return
        day = self.window.until
        urls: dict[str, None] = {}
        while day >= self.window.since:
            urls[urljoin(source.url, _filled(template, day, 1))] = None
            day -= timedelta(days=1)
        yield from (Step("dated", url, number) for number, url in enumerate(urls))

    def ask(self, lane: str, step: Step) -> Ask:
        """Say how to ask for a step; a listing that takes a form is asked by POST."""
        source = self.sources[lane]
        options = source.options
        if step.kind != "listing" or options.get("method") != "POST":
            return Ask(step.url)
        form = dict(options.get("form", {}))
        field = options.get("paging", {}).get("field")
        if step.depth and field:
            form[field] = str(self._number(source, step.depth))
        return Ask(source.url, "POST", urlencode(form), _FORM)

    async def read(self, lane: str, step: Step, page: Page, seen: set[str]) -> Findings:
        """Read a listing in a worker and say where it leads."""
        source = self.sources[lane]
        if step.kind == "robots":
            return Findings(more=tuple(_sitemaps(page, source)))
        asked = self._adapted(source, step)
        leads = await self.workers.run(read_leads, page.body, asked, page.final_url, page.headers)
        changed = asked.kind == "sitemap"
        fresh = [lead for lead in leads.items if lead.key not in seen]
        items = tuple(
            self._item(lead, source) for lead in fresh if self.window.may_hold(lead, source, changed=changed)
        )
        if changed:
            deeper = step.depth < _DEEPEST
            return Findings(
                items, tuple(Step("sitemap", url, step.depth + 1) for url in leads.more if deeper)
            )
        more = self._next(source, step) if step.kind == "listing" and self._goes_on(fresh, source) else None
        return Findings(items, (more,) if more is not None else ())

    def _adapted(self, source: Source, step: Step) -> Source:
        """Read with the source's own options, but all there is of the range instead of the newest few."""
        options = dict(source.options)
        kind = source.kind
        if step.kind == "sitemap":
            options = {name: options[name] for name in ("pattern", "children") if name in options}
            options["since"] = str(self.window.since)
            kind = "sitemap"
        return replace(source, kind=kind, max_leads=_MOST_LEADS, options=options)

    def _goes_on(self, fresh: list[Lead], source: Source) -> bool:
        """Tell whether a further page can hold anything: this one was not only old or known."""
        days = [self.window.day_of(lead, source) for lead in fresh]
        return any(day is None or day >= self.window.since for day in days)

    def _next(self, source: Source, step: Step) -> Step | None:
        paging: Mapping[str, Any] = source.options.get("paging", {})
        number = self._number(source, step.depth + 1)
        if not paging or number > paging.get("last", 1000):
            return None
        if paging.get("field"):
            return Step("listing", _with_parameter(source.url, paging["field"], number), step.depth + 1)
        if "{page}" not in paging["url"]:
            return None
        return Step(
            "listing", urljoin(source.url, _filled(paging["url"], self.window.until, number)), step.depth + 1
        )

    @staticmethod
    def _number(source: Source, depth: int) -> int:
        """Give the number by which a site calls the page `depth` pages after the first."""
        return int(source.options.get("paging", {}).get("first", 2)) + depth - 1

    def _item(self, lead: Lead, source: Source) -> Item:
        day = self.window.day_of(lead, source)
        return Item(lead, lead.url, host_of(lead.url), str(day) if day is not None else None)

    def ends_at(self, step: Step, status: int) -> bool:
        """Take a missing page after the first for the end, and days without a listing for days without news."""
        further = step.kind in {"dated", "robots"} or (step.kind == "listing" and step.depth > 0)
        return further and status in _NO_MORE

    def restored(self, item: Item, page: Page) -> Page:
        """Give the page; the site itself served it."""
        del item
        return page


def _sitemaps(page: Page, source: Source) -> Iterator[Step]:
    """Give the sitemaps that a robots.txt names, else the customary one."""
    named = [
        urljoin(source.url, url) for url in Protego.parse(page.body.decode("utf-8-sig", "replace")).sitemaps
    ]
    ours = [url for url in named if urlsplit(url).hostname == urlsplit(source.url).hostname]
    for url in ours or [urljoin(source.url, "/sitemap.xml")]:
        yield Step("sitemap", url, 1)


def _filled(template: str, day: date, number: int) -> str:
    slots = {"page": number, "year": f"{day:%Y}", "month": f"{day:%m}", "day": f"{day:%d}"}
    for name, value in slots.items():
        template = template.replace(f"{{{name}}}", str(value))
    return template


def _with_parameter(url: str, name: str, number: int) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode({name: number})}"
