"""Make foreign text safe for one line, for a paragraph, for a link: stored text stays exact, output is cleaned here."""

from __future__ import annotations

import re
import unicodedata
from email.errors import HeaderParseError
from email.header import decode_header
from urllib.parse import urlsplit

LONGEST_LINE = 200
LONGEST_LINK = 2000
_ENCODED_WORD = re.compile(r"=\?[^?\s]{1,40}\?[bBqQ]\?[^?\s]*\?=")
# An at sign that begins a word; inside an address or a path it stays.
_MENTION = re.compile(r"(?<![\w./])@")
_MOST_LAYERS = 3


def one_line(text: str, limit: int = LONGEST_LINE) -> str:
    """Make `text` one harmless line of at most `limit` characters: fit for a mail header, a log line, a terminal.

    RFC 2047 words are decoded first, because Python's mail package would decode them later, line breaks included
    (CVE-2024-6923); then control, format and bidirectional characters go and white space collapses.
    """
    text = text[: limit * 10]  # encoded words take several characters for one
    for _ in range(_MOST_LAYERS):
        decoded = _ENCODED_WORD.sub(_decoded, text)
        if decoded == text:
            break
        text = decoded
    # What still looks like an encoded word, or becomes one by cleaning, must not be read as one.
    line = " ".join(_without_controls(text, " ").split()).replace("=?", "= ?")
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def paragraph(text: str, limit: int = 10_000) -> str:
    """Keep line breaks but drop every other control, format and bidirectional character; cut at `limit`."""
    lines = (_without_controls(line, "").rstrip() for line in text[: 2 * limit].splitlines())
    cleaned = "\n".join(lines)
    return cleaned if len(cleaned) <= limit else cleaned[: limit - 1] + "…"


def chat_text(text: str) -> str:
    """Take from plain text what chat services act on: mentions (`@all`, `<!channel>`) and their own link markup."""
    return unmentioned(paragraph(text))


def unmentioned(text: str) -> str:
    """Take mentions and link markup from text that is clean otherwise; white space at its ends stays."""
    return _MENTION.sub("＠", text.replace("<", "‹").replace(">", "›"))


def web_link(url: str) -> str | None:
    """Give `url` back where it is an http or https address that can stand in a message, else None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or len(url.encode("utf-8", "replace")) > LONGEST_LINK
    ):
        return None
    if any(character.isspace() or character in "<>\"'`\\" or _is_control(character) for character in url):
        return None
    return url


def _decoded(found: re.Match[str]) -> str:
    try:
        content, charset = decode_header(found[0])[0]
        return content.decode(charset or "ascii", "replace") if isinstance(content, bytes) else content
    except (HeaderParseError, LookupError, ValueError):
        return ""


def _without_controls(text: str, gap: str) -> str:
    """Drop what has no shape of its own; line and paragraph separators become `gap`."""
    if text.isprintable():
        return text
    return "".join(
        character if not _is_control(character) else gap if character.isspace() else "" for character in text
    )


def _is_control(character: str) -> bool:
    # Cc controls, Cf formats (bidi marks, zero-width), Cs lone surrogates, Zl and Zp separators. A zero-width joiner
    # inside an emoji is lost, which reads well enough.
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
