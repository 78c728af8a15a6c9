"""Decode foreign bytes by evidence: what they are counts more than what a header says they are."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping

from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, resolve_encoding

_DETECT_BYTES = 64 * 1024
_DECLARATION_BYTES = 4096


def decode(body: bytes, headers: Mapping[str, str], *, expected: str | None = None) -> str:
    """Turn `body` into text, by the strongest evidence that fits all its bytes.

    In order: a byte order mark; UTF-8 (other text almost never is valid UTF-8 by chance); the charset the source's
    description expects; what the document declares; what the header declares; GB18030; a statistical guess. A body
    cut off in mid-character still fits. Nothing raises: at worst the text carries U+FFFD.

    Args:
        body: The bytes as fetched, without transfer encoding.
        headers: Response headers, names in lower case.
        expected: The charset from the source's configuration.
    """
    marked, mark = read_bom(body)
    if marked is not None and mark is not None:
        return body[len(mark) :].decode(marked, "replace")
    for name in _candidates(body, headers, expected):
        text = _fits(body, name)
        if text is not None:
            return text
    return body.decode("utf-8", "replace")


def _candidates(body: bytes, headers: Mapping[str, str], expected: str | None) -> Iterator[str]:
    yield "utf-8"
    if expected and (resolved := resolve_encoding(expected)):
        yield resolved
    if declared := html_body_declared_encoding(body[:_DECLARATION_BYTES]):
        yield declared
    if served := http_content_type_encoding(headers.get("content-type")):
        yield served
    yield "gb18030"
    guess = from_bytes(body[:_DETECT_BYTES]).best()
    if guess is not None:
        yield guess.encoding


def _fits(body: bytes, name: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(name)("strict").decode(body)
    except (UnicodeError, LookupError):
        return None
