"""What reading one source yields: leads, and what the reader noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urljoin

import re2

from crawler.leads.address import absolute, canonical_key
from crawler.leads.dates import instant, stated
from crawler.leads.hub import Hub
from crawler.leads.markup import plain, storable
from state.records import Lead, Source

MAX_TEXT = 500_000
"""Characters of a summary or body inside a feed that are kept."""

MAX_LANG = 35
"""Characters of a language tag (RFC 5646, section 4.4.1, tells to keep 35)."""

_One = TypeVar("_One")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Leads:
    """Hold what one listing said.

    `items` are the newest at most `source.max_leads`, newest first where the source dates them; `total` counts
    the items before that cut. `more` holds the addresses of further listings (a sitemap index), the most promising
    first; whoever follows them bounds depth and loops. `ttl` is how long the source asks to be left alone.
    `remarks` are one-line observations for the operator, `hub` is the WebSub hub that a feed offers.
    """

    items: tuple[Lead, ...] = ()
    more: tuple[str, ...] = ()
    total: int = 0
    ttl: timedelta | None = None
    remarks: tuple[str, ...] = ()
    hub: Hub | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Hold one item as a listing gives it: nothing is checked, cleaned or absolute yet.

    `changed` tells that `published` is only the time of the last change.
    """

    href: str
    title: str | None = None
    published: str | float | None = None
    summary: str | None = None
    content: str | None = None
    lang: str | None = None
    changed: bool = False


_Dated = TypeVar("_Dated", Found, Lead)


def gather(
    found: Iterable[Found],
    source: Source,
    base: str,
    *,
    unseen: int = 0,
    ttl: timedelta | None = None,
    remarks: tuple[str, ...] = (),
) -> Leads:
    """Turn raw items into leads: absolute, within the source's `pattern`, once each, newest first, capped.

    Args:
        found: Items in the order of the document.
        source: Where they come from.
        base: The address that relative links refer to.
        unseen: Items that a reader counted but did not read.
        ttl: How long the source asks to be left alone.
        remarks: What the reader noticed.
    """
    wanted = wanted_by(source, base)
    ordered = _newest_first(list(found), source)
    items: dict[str, Lead] = {}
    seen: set[str] = set()
    refused = unwanted = repeated = 0
    for one in ordered:
        if len(items) == source.max_leads:
            break
        # The cheap tests come first: a sitemap of 50,000 pages may hold a handful of news, or one address throughout.
        again = one.href in seen and not one.title and one.href != ""
        seen.add(one.href)
        if again:
            repeated += 1
        elif not wanted(one.href):
            unwanted += 1
        elif lead := _lead(one, source, base):
            repeated += lead.key in items
            items[lead.key] = _joined(items.get(lead.key), lead)
        else:
            refused += 1
    if refused:
        remarks = (*remarks, f"items without an address worth fetching: {refused}")
    total = len(ordered) + unseen - unwanted - repeated
    return Leads(tuple(items.values()), total=total, ttl=ttl, remarks=remarks)


def wanted_by(source: Source, base: str) -> Callable[[str], bool]:
    """Give the test that the source's `pattern` puts to links; without one every link passes."""
    if not source.options.get("pattern"):
        return lambda _: True
    pattern = re2.compile(source.options["pattern"])

    def fits(href: str) -> bool:
        try:
            return pattern.search(storable(urljoin(base, href.strip()))) is not None
        except ValueError:
            return False

    return fits


def together(maps: Sequence[Leads], source: Source, *, remarks: tuple[str, ...] = ()) -> Leads:
    """Make one listing of the maps of one index: each document once, capped.

    Dated items stand newest first. Maps without any dates take turns with them, so that each has a fair share:
    nothing tells which of those holds the newest.
    """
    dated: list[tuple[datetime, Lead]] = []
    undated: list[Iterator[Lead]] = []
    for one in maps:
        placed = _placed(one.items, source)
        if placed and placed[0][0] > _LONG_AGO:
            dated.extend(placed)
        elif placed:
            undated.append(iter(one.items))
    newest = iter(_by_place(dated))
    items: dict[str, Lead] = {}
    shares = sum(1 for one in maps if one.items) - len(undated)
    for lead in in_turns([newest] * shares + undated):
        items[lead.key] = _joined(items.get(lead.key), lead)
    if len(items) > source.max_leads and undated:
        looked = f"only {source.max_leads} are looked at"
        remarks = (f"{len(items)} addresses, {len(undated)} of their maps without dates; {looked}", *remarks)
    kept = tuple(items.values())[: source.max_leads]
    said = (remark for one in maps for remark in one.remarks)
    return Leads(kept, total=len(items), ttl=maps[0].ttl, remarks=(*remarks, *said))


def in_turns(queues: list[Iterator[_One]]) -> Iterator[_One]:
    """Take one of each queue after the other until all are empty; a queue that stands there twice is served twice."""
    while queues:
        left = []
        for queue in queues:
            for one in queue:
                yield one
                left.append(queue)
                break
        queues = left


def _newest_first(found: Iterable[_Dated], source: Source) -> list[_Dated]:
    return _by_place(_placed(list(found), source))


def _placed(found: Sequence[_Dated], source: Source) -> list[tuple[datetime, _Dated]]:
    """Place items in time: an undated one below the item before it, at the head of all above the one after it."""
    said = [_instant(one.published, source) for one in found]
    latest = next(filter(None, said), _LONG_AGO)
    placed = []
    for one, moment in zip(found, said, strict=True):
        latest = moment or latest
        placed.append((latest, one))
    return placed


def _by_place(placed: Iterable[tuple[datetime, _Dated]]) -> list[_Dated]:
    return [one for _, one in sorted(placed, key=lambda pair: pair[0], reverse=True)]


def _instant(published: str | float | None, source: Source) -> datetime | None:
    return instant(stated(published, source.zone), source.zone)


def _joined(first: Lead | None, again: Lead) -> Lead:
    """Fill what the first finding of a document left open: a picture's link has no title, the headline's has."""
    if first is None:
        return again
    dated = max(first, again, key=lambda lead: (lead.published is not None, not lead.changed))
    return replace(first, title=first.title or again.title, published=dated.published, changed=dated.changed)


def _lead(one: Found, source: Source, base: str) -> Lead | None:
    url = absolute(base, one.href)
    if url is None:
        return None
    try:
        key = canonical_key(url)
    except ValueError:
        return None
    published = stated(one.published, source.zone)
    return Lead(
        url=url,
        key=key,
        source_id=source.id,
        title=plain(one.title) if one.title else None,
        published=published,
        summary=storable((one.summary or "")[:MAX_TEXT]) or None,
        content=storable((one.content or "")[:MAX_TEXT]) or None,
        lang=storable((one.lang or "")[:MAX_LANG]) or source.lang,
        changed=one.changed and published is not None,
    )
