"""Take feeds from other readers and give ours to them, in OPML 2.0 (opml.org/spec2.opml)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from crawler.leads.address import absolute
from crawler.leads.markup import plain
from state.errors import ConfigurationError
from state.records import Source

MAX_BYTES = 16 * 2**20
MAX_FEEDS = 10_000

_WRONG = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outline:
    """Hold one feed of an OPML file."""

    url: str
    title: str | None
    lang: str | None = None


def read_opml(body: bytes, file: str) -> list[Outline]:
    """Read the feeds of an OPML file, whatever folders they stand in; addresses that are none are left out.

    The file may come from anywhere, so document types and entities are refused, which OPML has no use for.

    Raises:
        ConfigurationError: It is no OPML, too large, or declares a document type.
    """
    if len(body) > MAX_BYTES:
        raise ConfigurationError(f"it is larger than {MAX_BYTES // 2**20} MiB; split it", where=file)
    if _WRONG.search(body.replace(b"\x00", b"")):
        raise ConfigurationError(
            "it declares a document type or entities, which no OPML needs; remove them", where=file
        )
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        said = " ".join(str(error).split())[:160]
        raise ConfigurationError(
            f"this is no well-formed XML ({said}); export it anew", where=file
        ) from error
    if root.tag != "opml":
        raise ConfigurationError("this is XML but no OPML; its first element should be <opml>", where=file)
    found: dict[str, Outline] = {}
    for element in root.iter("outline"):
        named = {name.lower(): value for name, value in element.attrib.items()}
        url = absolute("", named.get("xmlurl") or "")
        if url is not None and len(found) < MAX_FEEDS:
            title = plain(named.get("title") or named.get("text") or "", 200)
            found.setdefault(url, Outline(url, title, named.get("language")))
    return list(found.values())


def write_opml(sources: Iterable[Source]) -> str:
    """Write the sources of kind `feed` as OPML."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "yuewatch"
    body = etree.SubElement(root, "body")
    for source in sources:
        if source.kind == "feed":
            said = {"type": "rss", "text": source.name or source.id, "xmlUrl": source.url}
            etree.SubElement(body, "outline", said | ({"language": source.lang} if source.lang else {}))
    text = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return str(text, "utf-8")
