"""The one entry to reading sources: bytes in, leads out. Pure, so that it can run in a worker that may be killed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crawler.leads.feed import read_feed
from crawler.leads.json_listing import read_json
from crawler.leads.leads import Leads
from crawler.leads.listing import read_listing
from crawler.leads.sitemap import read_sitemap
from state.records import Source, SourceKind

Reader = Callable[[bytes, Source, str, Mapping[str, str]], Leads]

READERS: dict[SourceKind, Reader] = {
    "feed": read_feed,
    "sitemap": read_sitemap,
    "listing": read_listing,
    "json": read_json,
}


def read_leads(body: bytes, source: Source, url: str, headers: Mapping[str, str]) -> Leads:
    """Read what a source answered.

    Args:
        body: The bytes, without transfer encoding.
        source: The source; its kind chooses the reader.
        url: The address that answered, after redirects; it differs from `source.url` for a sitemap's children.
        headers: The response headers, names in any case.

    Raises:
        UnreadableListing: The body is not what the source's kind promises.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    return READERS[source.kind](body, source, url, lower)
