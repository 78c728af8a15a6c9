"""Say in one line what came where a listing should have been."""

from __future__ import annotations

import re
from collections.abc import Mapping

from crawler.leads.markup import plain
from state.errors import UnreadableListing
from state.records import Source

_TITLE = re.compile(r"<title[^>]{0,200}>(.{0,300}?)</title>", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(r"<([A-Za-z][\w:.-]{0,60})")
_TEXT_SHARE = 0.85


def unreadable(source: Source, url: str, wanted: str, came: str) -> UnreadableListing:
    """Build the error for a body that is not what the source's kind promises."""
    return UnreadableListing(
        f"source {source.id}: {url} should be {wanted} but {came}; nothing was taken from it. "
        f"Open the address in a browser, then correct the source's url or kind."
    )


def describe(text: str, headers: Mapping[str, str]) -> str:
    """Name what a text is, as the end of "should be a feed but …"."""
    start = text[:5000].lstrip("\ufeff \t\r\n")
    served = headers.get("content-type", "").split(";")[0].strip().lower()
    said = f", served as {served[:60]}" if served else ""
    if not start:
        return f"the body is empty{said}"
    if _readable_share(start) < _TEXT_SHARE:
        return f"binary content came{said}"
    if start[0] in "{[":
        return f"JSON came{said}"
    if start[0] == "<":
        return f"{_markup(start)} came{said}"
    return f"plain text came{said}: {plain(start, 60)!r}"


def _markup(start: str) -> str:
    root = _ROOT.search(start)
    name = root[1].lower() if root else "unknown"
    if name == "html" or "<!doctype html" in start[:200].lower():
        title = _TITLE.search(start)
        words = plain(title[1], 80) if title else None
        return f'an HTML page titled "{words}"' if words else "an HTML page without a title"
    return f"an XML document <{name}>"


def _readable_share(text: str) -> float:
    bad = sum(1 for sign in text if sign == "\ufffd" or (ord(sign) < 32 and sign not in "\t\r\n\f"))
    return 1 - bad / len(text)
