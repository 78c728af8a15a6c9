"""Reduce scraps of markup, as titles carry them, to plain text."""

from __future__ import annotations

import html
import re

MAX_TITLE = 1000
"""Characters of a title that are kept; longer ones are bodies in the wrong place."""

_TAG = re.compile(r"</?[A-Za-z!][^<>]*>")


def plain(text: str, limit: int = MAX_TITLE) -> str | None:
    """Give `text` without tags and entities, white space folded, or None where nothing is left.

    Tags are dropped before and after entities are resolved, because feeds escape their titles once, twice or never.
    """
    bare = _TAG.sub("", html.unescape(_TAG.sub("", text[: limit * 4])))
    return " ".join(storable(bare).split())[:limit] or None


def storable(text: str) -> str:
    """Drop what no file, database or message can hold: NULs and halves of surrogate pairs (JSON can escape both)."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
