"""What reading one source yields: leads, and what the reader noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
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
    """Hold one item as a listing gives it: nothing is checked, cleaned or absolute yet."""

    href: str
    title: str | None = None
    published: str | float | None = None
    summary: str | None = None
    content: str | None = None
    lang: str | None = None


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


def _newest_first(found: list[Found], source: Source) -> list[Found]:
    """Sort by date; an undated item keeps its place below the item before it."""
    latest = _LONG_AGO
    dated = []
    for one in found:
        latest = instant(stated(one.published, source.zone), source.zone) or latest
        dated.append((latest, one))
    return [one for _, one in sorted(dated, key=lambda pair: pair[0], reverse=True)]


def _joined(first: Lead | None, again: Lead) -> Lead:
    """Fill what the first finding of a document left open: a picture's link has no title, the headline's has."""
    if first is None:
        return again
    return replace(first, title=first.title or again.title, published=first.published or again.published)


def _lead(one: Found, source: Source, base: str) -> Lead | None:
    url = absolute(base, one.href)
    if url is None:
        return None
    try:
        key = canonical_key(url)
    except ValueError:
        return None
    return Lead(
        url=url,
        key=key,
        source_id=source.id,
        title=plain(one.title) if one.title else None,
        published=stated(one.published, source.zone),
        summary=storable((one.summary or "")[:MAX_TEXT]) or None,
        content=storable((one.content or "")[:MAX_TEXT]) or None,
        lang=storable((one.lang or "")[:MAX_LANG]) or source.lang,
    )
