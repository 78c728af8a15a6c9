"""Read sitemaps: plain, news, index, gzipped, and lists of addresses in plain text (sitemaps.org, schema 0.9).

lxml reads them rather than ultimate-sitemap-parser, whose parser drops the `lastmod` of an index's children (without
it all of a newspaper's monthly sitemaps must be fetched), turns days into midnights, and loses everything after the
first bare `&` or empty `<loc>`.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import re2
from lxml import etree

from crawler.leads.address import MAX_LENGTH, absolute
from crawler.leads.dates import instant, stated
from crawler.leads.leads import Found, Leads, gather, in_turns
from crawler.leads.unreadable import describe, unreadable
from crawler.reading.charset import decode
from state.records import Source

MAX_UNPACKED = 50 * 1024 * 1024
"""Bytes; the protocol allows no larger sitemap."""
MAX_ENTRIES = 50_000
"""Entries of one sitemap; the protocol allows no more, the rest is counted."""
MAX_CHILDREN = 500
"""Children of one index that are handed on, newest first."""

_WANTED = "a sitemap"
_NUMBER = re.compile(r"[0-9]{1,18}")
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:[0-3][0-9])?)?(?![0-9])")
_GZIP = b"\x1f\x8b"
_BARE_AMPERSAND = re.compile(r"&(?!#?\w{1,32};)")
_DOCUMENTS = {"urlset": "url", "sitemapindex": "sitemap"}


@dataclass(slots=True)
class _Read:
    root: str = ""
    entries: list[dict[str, str]] = field(default_factory=list)
    total: int = 0
    broken: str = ""


def read_sitemap(body: bytes, source: Source, url: str, headers: Mapping[str, str]) -> Leads:
    """Read a sitemap's pages into leads, or an index's children into `Leads.more`.

    Options: `news_only` takes only entries with a news title; `since` (ISO date) ignores older ones and older children
    of an index; `pattern`
    filters addresses of pages, `children` those of an index's children; `newest: bottom` is for maps and indexes that
    grow at their end and carry no dates.

    Raises:
        UnreadableListing: The body is no sitemap, or breaks off before its first entry.
    """
    body = _unpacked(body, source, url)
    text = decode(body, headers, source.charset).text.lstrip("\ufeff \t\r\n")
    if not text.startswith("<"):
        return _plain_list(body, text, source, url, headers)
    read = _parse(text)
    if not read.root:
        raise unreadable(source, url, _WANTED, describe(body, text, headers))
    if not read.entries and read.broken:
        raise unreadable(source, url, _WANTED, f"it breaks off before its first entry ({read.broken})")
    remarks: tuple[str, ...] = ()
    if read.broken:
        remarks += (f"not well-formed XML ({read.broken}); {len(read.entries)} entries were still read",)
    if read.root == "sitemapindex":
        return Leads(more=_children(read.entries, source, url), total=read.total, remarks=remarks)
    entries, unseen = _chosen(read.entries, source), read.total - len(read.entries)
    if len(entries) > source.max_leads and not any(map(_when, entries)):
        remarks += (
            f"{len(entries)} addresses without dates; only the first {source.max_leads} are looked at",
        )
    return gather(_found(entries), source, url, unseen=unseen, remarks=remarks)


def _unpacked(body: bytes, source: Source, url: str) -> bytes:
    if not body.startswith(_GZIP):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(body, MAX_UNPACKED)
    except zlib.error as error:
        raise unreadable(source, url, _WANTED, f"gzip came that does not unpack ({error})") from error
    if unpacker.unconsumed_tail:
        raise unreadable(source, url, _WANTED, f"it unpacks to more than {MAX_UNPACKED // 2**20} MiB")
    return plain


def _parse(text: str) -> _Read:
    """Walk the XML once without building a tree; entities, DTDs and the network stay off."""
    read = _Read()
    repaired = _BARE_AMPERSAND.sub("&amp;", text).encode("utf-8", "replace")
    walk = etree.iterparse(
        io.BytesIO(repaired),
        events=("start", "end"),
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        encoding="utf-8",
    )
    try:
        for event, element in walk:
            name = _local(element)
            if event == "start":
                read.root = read.root or (name if name in _DOCUMENTS else "none")
            elif name == _DOCUMENTS.get(read.root):
                _take(element, read)
    except etree.XMLSyntaxError as error:
        read.broken = _line(error)
    if read.root == "none":
        read.root = ""
    # libxml2 also logs what it repaired; only what cost us entries is worth a remark.
    fatal = [one for one in walk.error_log if one.level_name == "FATAL"]
    read.broken = read.broken or (_line(fatal[0].message) if fatal else "")
    return read


def _take(element: Any, read: _Read) -> None:
    read.total += 1
    # A text broken up by an entity of the document's own is not to be trusted in halves.
    whole = (one for one in element.iter() if isinstance(one.tag, str) and not len(one))
    entry = {_qualified(one): (one.text or "").strip() for one in whole}
    if entry.get("loc") and len(read.entries) < MAX_ENTRIES:
        read.entries.append(entry)
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()


def _qualified(element: Any) -> str:
    """Keep `loc` of the entry apart from `image:loc` and `news:title` from `video:title`."""
    space, _, name = str(element.tag).rpartition("}")
    for known in ("news", "image", "video"):
        if f"-{known}/" in space or name.startswith(f"{known}:"):
            return f"{known}:{name.rpartition(':')[2].lower()}"
    return name.lower()


def _when(entry: dict[str, str]) -> str | None:
    return entry.get("news:publication_date") or entry.get("lastmod") or None


def _chosen(entries: list[dict[str, str]], source: Source) -> list[dict[str, str]]:
    if source.options.get("news_only"):
        entries = [entry for entry in entries if entry.get("news:title")]
    since = instant(source.options.get("since"), source.zone)
    if since is not None:
        entries = [entry for entry in entries if (_instant(entry, source) or since) >= since]
    return entries[::-1] if source.options.get("newest") == "bottom" else entries


def _found(entries: list[dict[str, str]]) -> Iterator[Found]:
    for entry in entries:
        yield Found(
            href=entry["loc"],
            title=entry.get("news:title"),
            published=_when(entry),
            lang=entry.get("news:language") or None,
            changed=not entry.get("news:publication_date"),
        )


def _children(entries: list[dict[str, str]], source: Source, url: str) -> tuple[str, ...]:
    long_ago = datetime.min.replace(tzinfo=UTC) + timedelta(days=2)
    # A map that has not changed since then lists nothing that is younger.
    since = instant(source.options.get("since"), source.zone) or long_ago
    entries = [entry for entry in entries if (_instant(entry, source) or since) >= since]
    likely = _likely_newest_first(entries, newest=source.options.get("newest"))
    ordered = sorted(likely, key=lambda entry: _instant(entry, source) or long_ago, reverse=True)
    wanted = re2.compile(source.options.get("children", ""))
    chosen: dict[str, None] = {}
    for entry in ordered:
        # Making an address absolute takes longer than all else, and an index may have 50,000.
        if len(chosen) == MAX_CHILDREN:
            break
        link = absolute(url, entry["loc"])
        if link is not None and link != url and wanted.search(link):
            chosen[link] = None
    return tuple(chosen)


def _likely_newest_first(entries: list[dict[str, str]], newest: str | None = None) -> list[dict[str, str]]:
    """Order maps without dates by what their names tell: those with the newest articles are to be read.

    Maps whose names differ only in numbers are a series, of which the last is the newest: by year where the numbers
    begin with one, else where they ascend. Series take turns, because one of posts and one of pages may stand side by
    side. `newest: bottom` says that the index itself grows at its end.
    """
    if newest == "bottom":
        return entries[::-1]
    series: dict[str, list[dict[str, str]]] = {}
    for entry in entries:
        series.setdefault(_NUMBER.sub("#", entry["loc"][:MAX_LENGTH]), []).append(entry)
    return list(in_turns([iter(_from_its_end(one)) for one in series.values()]))


def _from_its_end(series: list[dict[str, str]]) -> list[dict[str, str]]:
    numbers = [[int(number) for number in _NUMBER.findall(entry["loc"][:MAX_LENGTH])] for entry in series]
    by_year = all(_YEAR.search(entry["loc"][:MAX_LENGTH]) for entry in series)
    if by_year or numbers == sorted(numbers):
        paired = sorted(zip(numbers, series, strict=True), key=lambda pair: pair[0], reverse=True)
        return [entry for _, entry in paired]
    return series


def _instant(entry: dict[str, str], source: Source) -> datetime | None:
    return instant(stated(_when(entry), source.zone), source.zone)


def _plain_list(body: bytes, text: str, source: Source, url: str, headers: Mapping[str, str]) -> Leads:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    links = [line for line in lines if line.startswith(("http://", "https://"))]
    if not links or len(links) < len(lines) / 2:
        raise unreadable(source, url, _WANTED, describe(body, text, headers))
    return gather((Found(link) for link in links[:MAX_ENTRIES]), source, url, unseen=len(links[MAX_ENTRIES:]))


def _line(words: object) -> str:
    return " ".join(str(words).split())[:160]
