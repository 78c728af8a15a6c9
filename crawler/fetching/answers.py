"""Keep of an answer what reading needs, now and years later."""

from __future__ import annotations

from datetime import UTC, datetime

from scrapy.http import Response

from state.records import Page

_KEPT_HEADERS = ("content-type", "content-language", "date", "etag", "last-modified", "link", "retry-after")


def page_of(response: Response, url: str, source_id: str) -> Page:
    """Make the page of an answer to a request for `url`."""
    headers = {name: value for name in _KEPT_HEADERS if (value := header_of(response, name)) is not None}
    return Page(
        url=url,
        final_url=response.url,
        body=response.body,
        fetched_at=datetime.now(UTC),
        status=response.status,
        headers=headers,
        source_id=source_id,
        robots=str(response.meta.get("robots", "allowed")),
    )


def header_of(response: Response, name: str) -> str | None:
    """Give a header's value, byte for byte."""
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1")
