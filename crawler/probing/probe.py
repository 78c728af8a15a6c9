"""Probe a site: from one address to a ranked list of ways to watch it.

The order is that of a careful person with little time: look at the page, at what it and robots.txt point to, at its
own list, then at a few addresses where such things usually are; only then at the pages it calls its news.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import re2

from crawler.leads.address import absolute, canonical_key
from crawler.probing.asking import Asker
from crawler.probing.candidate import Candidate, promise, score, shape
from crawler.probing.clues import Clues, list_clues, read_clues
from crawler.probing.entry import Families, build_source, entry_id, finished
from crawler.probing.sample import read_sample
from crawler.probing.shapes import shapes_of
from state.errors import ConfigurationError, FetchError, ReadError
from state.records import Page, Source, host_of

_FEED_PATHS = ("/feed/", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
_MAP_PATHS = ("/sitemap.xml", "/news-sitemap.xml", "/sitemap_index.xml")
_MAPS_OF_NEWS = "(?i)news|post|article"
_GOOD = 0.6
"""The fit of a list, or the promise of a candidate, at which nobody looks further."""
_SECTIONS = 2
_MAPS = 4
_TRIED = 3
"""Candidates that are read in samples, where the better ones do not read."""
_ANYWHERE = "https://site.example/2026/11/20/1234567.html"
"""An address of no content system: a family that it fits guesses, and describes none."""
_LEAST = 3


@dataclass(slots=True)
class Findings:
    """Hold what a probe found, best candidate first."""

    url: str
    candidates: list[Candidate] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    linked: frozenset[str] = frozenset()
    robots: str = "not asked"
    every: float = 0
    requests: int = 0

    @property
    def best(self) -> Candidate | None:
        """Give the best candidate, if it works."""
        return self.candidates[0] if self.candidates and self.candidates[0].works else None

    def shape(self) -> dict[str, Any]:
        """Give the findings as JSON."""
        return {
            "url": self.url,
            "robots": self.robots,
            "pace": {"seconds_between_requests": self.every},
            "requests": self.requests,
            "candidates": [dict(shape(one, self.linked)) for one in self.candidates],
            "remarks": self.remarks,
        }


class Probe:
    """Look at one site through an asker; `families` are the pack's descriptions of content systems."""

    def __init__(self, asker: Asker, families: Families) -> None:
        self._asker = asker
        self._families = families
        self._found: list[Candidate] = []
        self._tried: set[str] = set()

    async def run(self, url: str) -> Findings:
        """Find, rank and read; nothing that is found lacking raises, it is told in `remarks`."""
        findings = Findings(url)
        page, clues = await self._first_page(url, findings)
        at = page.final_url if page else url
        if page is not None and clues is None:
            await self._direct(page)
        await self._pointed_to(at, clues)
        if clues is not None:
            await self._page_lists(at, clues)
        await self._usual_places(at)
        if clues is not None and not self._has_good(findings):
            await self._sections(clues)
        await self._rank(findings)
        for candidate in self._found:
            title, lang = (clues.title, clues.lang) if clues else (None, None)
            candidate.entry = finished(candidate, title, lang, self._families)
        findings.candidates = self._found
        self._tell(findings, at, clues)
        return findings

    async def _first_page(self, url: str, findings: Findings) -> tuple[Page | None, Clues | None]:
        try:
            page = await self._asker.page(url)
        except FetchError as error:
            findings.remarks.append(str(error))
            return None, None
        clues = await self._clues(page, findings)
        if clues is not None:
            findings.linked = frozenset(_keys(clues.links))
        return page, clues

    async def _clues(self, page: Page, findings: Findings | None = None) -> Clues | None:
        try:
            return await self._asker.workers.run(read_clues, page.body, page.final_url, page.headers)
        except ReadError as error:
            if findings is not None:
                findings.remarks.append(str(error))
            return None

    async def _direct(self, page: Page) -> None:
        """Take the address itself for what it answers with."""
        for kind in ("feed", "sitemap"):
            if await self._try({"kind": kind, "url": page.final_url}):
                return
        await self._interface(page.final_url, "", ())

    async def _pointed_to(self, at: str, clues: Clues | None) -> None:
        """Try what the page and robots.txt name."""
        for feed in clues.feeds if clues else ():
            await self._try({"kind": "feed", "url": feed})
        robots = self._asker.robots_of(at)
        maps = [*(robots.rules.sitemaps if robots else ()), *(clues.maps if clues else ())]
        named = dict.fromkeys(absolute(at, str(one)) for one in maps)
        for url in [one for one in named if one is not None][:_MAPS]:
            await self._map(url)

    async def _page_lists(self, at: str, clues: Clues) -> None:
        """Try the page's own list, the JSON inside it, and the interfaces it names."""
        families = await self._families_of(at, clues)
        for block in clues.blocks[:2]:
            if not any(frozenset(lead.key for lead in block.leads) <= keys for keys in families):
                await self._try({"kind": "listing", "url": at, "listing": dict(block.options)}, block.fit)
        for options in clues.embedded[:2]:
            await self._try({"kind": "json", "url": at, "json": dict(options)})
        for url in clues.interfaces[:4]:
            await self._interface(url, at, clues.links)

    async def _families_of(self, at: str, clues: Clues) -> list[frozenset[str]]:
        """Try the families whose articles the page links to; give what each found."""
        found = []
        for name, family in self._families.items():
            pattern = (family.get("listing") or {}).get("pattern")
            if pattern is None or "url" in family or re2.search(pattern, _ANYWHERE):
                continue
            fits = sum(1 for link in clues.links if re2.search(pattern, link))
            if fits >= _LEAST and (candidate := await self._try({"family": name, "url": at})):
                found.append(candidate.keys)
        return found

    async def _usual_places(self, at: str) -> None:
        """Try where feeds and sitemaps usually are, unless the site named its own; and where known systems keep theirs."""
        if not self._has("feed"):
            entries = [{"kind": "feed", "url": urljoin(at, path)} for path in _FEED_PATHS]
            for entry in [*self._systems(at), *entries]:
                if await self._try(entry):
                    break
        if not self._has("feed", "sitemap"):
            for path in _MAP_PATHS:
                if await self._map(urljoin(at, path)):
                    break

    def _systems(self, at: str) -> Iterator[dict[str, Any]]:
        """Give an entry for each content system of the pack that keeps its list at one place of every site."""
        for name, family in self._families.items():
            if str(family.get("url")).startswith("{site}"):
                yield {"family": name, "site": _site(at)}

    def _has(self, *kinds: str) -> bool:
        return any(candidate.source.kind in kinds for candidate in self._found)

    async def _interface(self, url: str, page: str, links: Iterable[str]) -> None:
        try:
            answer = await self._asker.page(url)
            found = await self._asker.workers.run(
                list_clues, answer.body, answer.final_url, answer.headers, page, tuple(links)
            )
        except (FetchError, ReadError):
            return
        for options in found[:1]:
            await self._try({"kind": "json", "url": url, "json": options})

    async def _map(self, url: str) -> Candidate | None:
        """Try a sitemap: of an index the maps of news, of a map the addresses that are shaped like articles."""
        candidate = await self._try({"kind": "sitemap", "url": url})
        if candidate is None:
            return None
        if await self._is_index(candidate.source):
            narrowed = candidate.entry | {"sitemap": {"children": _MAPS_OF_NEWS}}
            candidate = await self._instead(candidate, narrowed) or candidate
        if not all(lead.title for lead in candidate.leads):
            telling = [shape for shape in shapes_of(lead.url for lead in candidate.leads) if shape.telling]
            if telling and len(telling[0].urls) < len(candidate.leads):
                options = candidate.entry.get("sitemap", {}) | {"pattern": telling[0].pattern}
                candidate = (
                    await self._instead(candidate, candidate.entry | {"sitemap": options}) or candidate
                )
            elif not telling:
                candidate.fit = 0.5
        return candidate

    async def _is_index(self, source: Source) -> bool:
        _, leads = await self._asker.leads(source)
        return bool(leads.more)

    async def _instead(self, former: Candidate, entry: dict[str, Any]) -> Candidate | None:
        """Put a narrower entry in the place of a candidate, where it finds anything."""
        candidate = await self._try(entry)
        if candidate is not None:
            self._found.remove(former)
        return candidate

    async def _sections(self, clues: Clues) -> None:
        """Look at the pages that the site calls its news."""
        for url in clues.sections[:_SECTIONS]:
            try:
                page = await self._asker.page(url)
            except FetchError:
                continue
            inner = await self._clues(page)
            if inner is not None:
                await self._pointed_to(page.final_url, inner)
                await self._page_lists(page.final_url, inner)

    def _has_good(self, findings: Findings) -> bool:
        return any(promise(candidate, findings.linked) >= _GOOD for candidate in self._found)

    async def _try(self, entry: dict[str, Any], fit: float = 1.0) -> Candidate | None:
        """Ask for what an entry describes; keep it as a candidate where it lists anything that is not known yet."""
        whole = {"id": entry_id(entry.get("site") or entry["url"])} | entry
        if repr(whole) in self._tried:
            return None
        self._tried.add(repr(whole))
        try:
            source = build_source(whole, self._families)
            leads = (await self._asker.leads(source))[1]
        except (ConfigurationError, FetchError, ReadError):
            return None
        candidate = Candidate(whole, source, leads.items, fit)
        if not leads.items or self._is_known(candidate):
            return None
        self._found.append(candidate)
        return candidate

    def _is_known(self, candidate: Candidate) -> bool:
        """Tell whether a candidate of the same kind lists the same pages, as RSS beside Atom does."""
        kind, keys = candidate.source.kind, candidate.keys
        return any(other.source.kind == kind != "sitemap" and other.keys == keys for other in self._found)

    async def _rank(self, findings: Findings) -> None:
        """Order the candidates by promise, read samples of the best until one works, and order them by what that showed."""
        linked = findings.linked
        self._found.sort(key=lambda one: promise(one, linked), reverse=True)
        for candidate in self._found[:_TRIED]:
            candidate.readings = await read_sample(self._asker, candidate.source, candidate.leads)
            if candidate.works:
                break
        self._found.sort(key=lambda one: (one.works, score(one, linked)), reverse=True)

    def _tell(self, findings: Findings, at: str, clues: Clues | None) -> None:
        robots = self._asker.robots_of(at)
        if robots is not None:
            why_not = robots.verdict(at, self._asker.manners.agent)
            findings.robots = why_not or f"allowed ({robots.origin})"
        findings.every = self._asker.manners.pace.delay_of(host_of(at)).total_seconds()
        findings.requests = self._asker.requests
        if clues is not None and clues.asks_login and findings.best is None:
            findings.remarks.append(f"{at} asks for a login; yuewatch reads only what is open to everybody")
        elif not findings.candidates and not findings.remarks:
            findings.remarks.append(
                f"nothing on {at} looks like a list of news; try the page that lists them"
            )
        elif findings.candidates and findings.best is None:
            findings.remarks.append("of no candidate most articles could be read; see what the samples say")


def _keys(links: Iterable[str]) -> Iterator[str]:
    for link in links:
        try:
            yield canonical_key(link)
        except ValueError:
            continue


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
