"""Walk the sources of one round: poll, find leads, fetch pages. The kinds of source differ only in their data."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self
from urllib.parse import urlencode

import structlog
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.fetching.answers import fresh_for, header_of, page_of
from crawler.fetching.failures import answered, explain
from crawler.fetching.manners import Manners
from crawler.fetching.rendering import BY_BROWSER
from crawler.leads.leads import Leads, together
from crawler.rounds import Ledger, Listing, Round
from crawler.standalone import Glance, open_glance
from state.errors import ReadError, StateError, YuewatchError
from state.records import Lead, Origin, Source
from state.sources import SourceState

# Redirects are followed by Scrapy; every other status comes back to us, so that we can say what it means.
_OURS = [304, *range(400, 600)]
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_MAX_LISTINGS = 10
_MAX_DEPTH = 3
_MAX_REMARKS = 10
_ASK_FOR_ALL = 48
_log = structlog.get_logger("yuewatch.spiders")


class SourceSpider(Spider):
    """Poll sources and fetch their leads, handing everything to a ledger.

    The daemon gives `round_`, `ledger` and `manners`; `scrapy crawl KIND -a source=ID` gives a source's id, and then
    nothing is written and articles come out as items.
    """

    name = ""  # no kind of its own: Scrapy lists only the spiders that have a name

    def __init__(
        self,
        source: str | None = None,
        *,
        config: str | None = None,
        round_: Round | None = None,
        ledger: Ledger | None = None,
        manners: Manners | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.glance: Glance | None = None
        if round_ is None or ledger is None or manners is None:
            self.glance = glance = open_glance(self.name, source, config)
            round_, ledger, manners = glance.round, glance.ledger, glance.manners
        self.round = round_
        self.ledger = ledger
        self.manners = manners

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make a spider for Scrapy; one of `scrapy crawl` brings its settings from the configuration."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        if spider.glance is not None:
            crawler.settings.update(spider.glance.settings, priority="spider")
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Ask for every listing that is due and every lead that waits."""
        if self.glance is not None:
            self.manners = self.glance.guarded_manners()
        for source, before in self.round.polls:
            yield self._poll(source, before)
        for lead, origin in self.round.leads:
            yield self._fetch(lead, origin)

    async def closed(self, _: str) -> None:
        """Close the browser that `scrapy crawl` may have started; the daemon's goes on for other rounds."""
        if self.glance is not None:
            await self.manners.browser.close()

    def _poll(self, source: Source, before: SourceState) -> Request:
        form = source.options.get("form", {})
        asks_by_post = source.options.get("method") == "POST"
        return Request(
            source.url,
            method="POST" if asks_by_post else "GET",
            body=urlencode(form) if asks_by_post else "",
            headers=_FORM if asks_by_post else _conditions(source, before),
            callback=self.listed,
            errback=self.poll_failed,
            cb_kwargs={"source": source, "before": before},
            meta={"handle_httpstatus_list": _OURS, BY_BROWSER: source.browser},
            priority=10,
        )

    async def listed(self, response: Response, source: Source, before: SourceState) -> AsyncIterator[Request]:
        """Turn a listing's answer into requests for the pages it newly leads to."""
        try:
            listing = await self._listing(response, source, before)
        except YuewatchError as error:
            with _closing_without_a_state():
                await self.ledger.poll_failed(source, before, error, response.status)
            return
        with _closing_without_a_state():
            new = await self.ledger.keep_listing(listing)
        for remark in (listing.leads.remarks if listing.leads is not None else ())[:_MAX_REMARKS]:
            _log.warning("read in part", source=source.id, remark=remark)
        # Listings run newest first; reading the oldest first meets originals before the briefs that repeat them.
        for lead, origin in reversed(new):
            yield self._fetch(lead, origin)
        with _closing_without_a_state():
            if not await self.ledger.wants_page(listing):
                return
            if response.status == 200:
                await self.ledger.seek_repair(source, page_of(response, source.url, source.id))
                return
        # It was "unchanged", so its page has to be asked for once more, whole; not twice where that fails.
        whole = self._poll(source, replace(before, etag=None, last_modified=None))
        yield whole.replace(
            callback=self.whole, errback=self.not_whole, cb_kwargs={"source": source}, dont_filter=True
        )

    async def whole(self, response: Response, source: Source) -> None:
        """Hand over the page of a listing that drifted, where it came."""
        if response.status == 200:
            with _closing_without_a_state():
                await self.ledger.seek_repair(source, page_of(response, source.url, source.id))

    async def not_whole(self, failure: Failure) -> None:
        """Leave a page that did not come for the next look."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy puts it there
        error = explain(_raised(failure), request, self.manners)
        _log.warning("page for a repair not had", source=request.cb_kwargs["source"].id, error=str(error))

    async def _listing(self, response: Response, source: Source, before: SourceState) -> Listing:
        if response.status >= 400:
            raise answered(source.url, response.status)
        kept = Listing(
            source,
            before,
            response.status,
            None,
            header_of(response, "ETag"),
            header_of(response, "Last-Modified"),
            fresh_for=fresh_for(response),
            final_url=response.url,
        )
        body_hash = hashlib.blake2b(response.body, digest_size=16).hexdigest()
        if response.status == 304 or body_hash == before.body_hash:
            return kept
        leads = await self.ledger.read_listing(source, page_of(response, source.url, source.id))
        if leads.more:
            # What an index leads to changes without the index changing, so an index is always asked in full.
            children = await self._children(leads, source, {source.url, response.url})
            return replace(kept, leads=children, etag=None, last_modified=None)
        return replace(kept, leads=leads, body_hash=body_hash)

    async def _children(self, index: Leads, source: Source, seen: set[str]) -> Leads:
        """Read the listings that an index leads to, a bounded number deep and wide, each address once."""
        maps, broken = [index], list(index.remarks)
        unread: set[str] = set()
        queue = [(url, 1) for url in index.more]
        before = len(seen)
        while queue:
            url, depth = queue.pop(0)
            if url in seen:
                continue
            if len(seen) - before >= _MAX_LISTINGS or depth > _MAX_DEPTH:
                unread.add(url)
                continue
            seen.add(url)
            child = await self._child(url, source)
            if isinstance(child, str):
                broken.append(child)
                continue
            maps.append(child)
            queue.extend((more, depth + 1) for more in child.more)
        if broken and not any(one.items for one in maps):
            raise ReadError(
                f"source {source.id}: nothing could be read from the index {source.url}: {broken[0]}"
            )
        # A map too deep on one way may have been read on another.
        unread -= seen
        known = len(unread) + len(seen) - before
        left = (f"{len(unread)} of {known} maps of the index were not read",) if unread else ()
        return together(maps, source, remarks=(*left, *broken[len(index.remarks) :]))

    async def _child(self, url: str, source: Source) -> Leads | str:
        """Read one map of an index, or say why it cannot be read: one broken map must not cost the others."""
        try:
            return await self._map(url, source)
        except ReadError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - whatever a site does to one of its maps
            return str(explain(error, Request(url), self.manners))

    async def _map(self, url: str, source: Source) -> Leads:
        request = Request(url, meta={"handle_httpstatus_list": _OURS, BY_BROWSER: source.browser})
        response = await self.crawler.engine.download_async(request)
        if response.status >= 400:
            raise answered(url, response.status)
        return await self.ledger.read_listing(source, page_of(response, url, source.id))

    async def poll_failed(self, failure: Failure) -> None:
        """Report a listing that could not be fetched."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy puts it there
        source: Source = request.cb_kwargs["source"]
        error = explain(_raised(failure), request, self.manners)
        with _closing_without_a_state():
            await self.ledger.poll_failed(source, request.cb_kwargs["before"], error, None)

    def _fetch(self, lead: Lead, origin: Origin) -> Request:
        return Request(
            lead.url,
            callback=self.fetched,
            errback=self.fetch_failed,
            cb_kwargs={"lead": lead, "origin": origin},
            meta={"handle_httpstatus_list": _OURS, BY_BROWSER: lead.source_id in self.round.by_browser},
        )

    async def fetched(self, response: Response, lead: Lead, origin: Origin) -> AsyncIterator[Any]:
        """Hand a page over to be stored and read."""
        if response.status >= 300:
            error = answered(lead.url, response.status)
            with _closing_without_a_state():
                await self.ledger.lead_failed(lead, error, response.status)
            return
        with _closing_without_a_state():
            items = await self.ledger.keep_page(page_of(response, lead.url, lead.source_id), lead, origin)
        for item in items:
            yield item

    async def fetch_failed(self, failure: Failure) -> None:
        """Report a page that could not be fetched."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy puts it there
        lead: Lead = request.cb_kwargs["lead"]
        with _closing_without_a_state():
            await self.ledger.lead_failed(lead, explain(_raised(failure), request, self.manners), None)


def _conditions(source: Source, before: SourceState) -> dict[str, str]:
    """Ask only for news: the validators of the last good poll, byte for byte as the site gave them.

    Now and then, and always where they were caught lying, ask for everything: a site may say "unchanged" by mistake.
    A page that scripts fill changes without its own bytes changing.
    """
    if source.browser and source.kind in {"listing", "json"}:
        return {}
    if before.validators_lie or before.polls % _ASK_FOR_ALL == _ASK_FOR_ALL - 1:
        return {}
    validators = {"If-None-Match": before.etag, "If-Modified-Since": before.last_modified}
    return {name: value for name, value in validators.items() if value}


def _raised(failure: Failure) -> BaseException:
    return failure.value or RuntimeError("it failed without saying how")


@contextmanager
def _closing_without_a_state() -> Iterator[None]:
    """End the crawl where the state cannot be written: what it fetched could not be kept, and asking on would be rude."""
    try:
        yield
    except StateError as error:
        raise CloseSpider("the state cannot be written") from error
