"""Parse a page's HTML into one tree that all readers share."""

from __future__ import annotations

import re

from lxml import etree, html

_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
# An embedded picture, or a tag with a hundred thousand attributes, over which parsers take time squared.
LONG_TAG = 20_000
_LONG_TAG = re.compile(rf"<([a-zA-Z][a-zA-Z0-9]{{0,15}})[\s/][^<>]{{{LONG_TAG},}}>")
# Longer pages exist, longer articles do not; what is cut off is the tail of a data dump.
MAX_CHARACTERS = 4_000_000
# lxml.html asks Python for the class of every element it touches; one class for all spares a tenth of the time.
_ONE_CLASS = etree.ElementDefaultClassLookup(element=html.HtmlElement)


def parse_html(text: str) -> html.HtmlElement | None:
    """Parse `text`, None where it holds no element. Comments and processing instructions are left out."""
    declaration = _DECLARATION.match(text)
    clean = (text[declaration.end() :] if declaration else text).replace("\x00", "")
    if any(-1 < run.rfind("<") < len(run) - LONG_TAG for run in clean.split(">") if len(run) > LONG_TAG):
        clean = _LONG_TAG.sub(r"<\1>", clean)
    clean = clean[:MAX_CHARACTERS]
    # A parser keeps state between documents, so each page gets its own.
    parser = html.HTMLParser(
        collect_ids=False, default_doctype=False, remove_comments=True, remove_pis=True, encoding="utf-8"
    )
    parser.set_element_class_lookup(_ONE_CLASS)
    try:
        tree = html.document_fromstring(clean.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    return tree if tree.find("body") is not None else None
