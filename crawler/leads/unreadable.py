"""Say in one line what came where a listing should have been."""

from __future__ import annotations

import re
from collections.abc import Mapping

from crawler.leads.markup import plain
from state.errors import UnreadableListing
from state.records import Source

_TITLE = re.compile(r"<title[^>]{0,200}>(.{0,300}?)</title>", re.IGNORECASE | re.DOTALL)
_ROOT = re.compile(r"<([A-Za-z][\w:.-]{0,60})")
_MOST_CONTROLS = 0.1
_MAGIC = {
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"RIFF": "a picture or film",
}
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<", b"{\x00", b"\x00{")


def unreadable(source: Source, url: str, wanted: str, came: str) -> UnreadableListing:
    """Build the error for a body that is not what the source's kind promises."""
    return UnreadableListing(
        f"source {source.id}: {url} should be {wanted} but {came}; nothing was taken from it. "
        f"Open the address in a browser, then correct the source's url or kind."
    )


def describe(body: bytes, text: str, headers: Mapping[str, str]) -> str:
    """Name what an answer is, as the end of "should be a feed but …"."""
    start = text[:5000].lstrip("\ufeff \t\r\n")
    served = headers.get("content-type", "").split(";")[0].strip().lower()
    said = f", served as {served[:60]}" if served else ""
    if not start:
        return f"the body is empty{said}"
    if binary := _binary(body):
        return f"{binary} came{said}"
    if start[0] in "{[":
        return f"JSON came{said}"
    if start[0] == "<":
        return f"{_markup(start)} came{said}"
    return f"plain text came{said}: {plain(start, 60)!r}"


def _binary(body: bytes) -> str | None:
    for magic, name in _MAGIC.items():
        if body.startswith(magic):
            return name
    start = body[:1000]
    controls = sum(1 for byte in start if byte < 9 or 13 < byte < 32)
    wide = start.startswith(_WIDE)
    return "binary content" if not wide and controls > _MOST_CONTROLS * len(start) else None


def _markup(start: str) -> str:
    root = _ROOT.search(start)
    name = root[1].lower() if root else "unknown"
    if name == "html" or "<!doctype html" in start[:200].lower():
        title = _TITLE.search(start)
        words = plain(title[1], 80) if title else None
        return f'an HTML page titled "{words}"' if words else "an HTML page without a title"
    return f"an XML document <{name}>"
