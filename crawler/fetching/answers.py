"""Keep of an answer what reading needs, now and years later."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from scrapy.http import Response

from state.records import Page

_KEPT_HEADERS = ("content-type", "content-language", "date", "etag", "last-modified", "link", "retry-after")

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?(?P<seconds>[0-9]{1,30})", re.IGNORECASE)
_NEVER = re.compile(r"\bno-(?:cache|store)\b", re.IGNORECASE)
_DIGITS = 9


def page_of(response: Response, url: str, source_id: str) -> Page:
    """Make the page of an answer to a request for `url`."""
    headers = {name: value for name in _KEPT_HEADERS if (value := header_of(response, name)) is not None}
    if "link" in headers:
        # The one of these that comes in several lines (RFC 9110, section 5.3).
        headers["link"] = b", ".join(response.headers.getlist("link")).decode("latin-1")
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


def fresh_for(response: Response) -> timedelta | None:
    """Give how long an answer may be kept by us (RFC 9111, section 5.2.2: `max-age`, less its age); None where it says nothing."""
    control = header_of(response, "Cache-Control") or ""
    found = _MAX_AGE.search(control)
    if found is None or _NEVER.search(control):
        return None
    age = (header_of(response, "Age") or "").strip()
    passed = int(age) if age.isascii() and age.isdigit() and len(age) < _DIGITS else 0
    seconds = int(found["seconds"][:_DIGITS]) - passed
    return timedelta(seconds=seconds) if seconds > 0 else None


def header_of(response: Response, name: str) -> str | None:
    """Give a header's value, byte for byte."""
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1")
