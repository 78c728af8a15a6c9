"""Choose, of the records of a WARC file, those that may be articles of an order, and hand them out in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from crawler.backfill.reading import Sheet
from crawler.backfill.ways.warc import Damage, Other, Record, beginning, read_warc
from crawler.backfill.window import Window, url_day
from crawler.leads.address import canonical_key
from crawler.leads.leads import wanted_by
from state.backfill_files import File
from state.backfill_items import BLOCK
from state.records import Lead, Page, Source, host_of

_MOST_SCANNED = 4000
"""Records after which the place in the file is noted, even where none of them was wanted."""
_MOST_BYTES = 16 * 2**20
"""Bytes of pages after which a block ends, so that memory stays bounded whatever a file holds."""
_HTML = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Judge captures: their host and pattern among the sources, their kind, their days.

    `closed` takes pages of the sources only; else the sources only lend their zones and names.
    """

    sources: Mapping[str, Source]
    window: Window
    closed: bool
    _by_host: dict[str, list[Source]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for source in self.sources.values():
            self._by_host.setdefault(source.host.removeprefix("www."), []).append(source)

    def sheet(self, record: Record, place: str) -> Sheet | None:
        """Give a capture as a page to read, None where it is not wanted."""
        if record.status != 200 or not _is_html(record):
            return None
        try:
            key, host = canonical_key(record.url), host_of(record.url)
        except ValueError:
            return None
        source = self._source(record.url, host)
        if source is None and self.closed:
            return None
        if not self._in_time(record, source.zone if source is not None else "UTC"):
            return None
        name = source.id if source is not None else ""
        page = Page(
            url=record.url,
            final_url=record.url,
            body=record.body,
            fetched_at=record.captured,
            headers=record.headers,
            source_id=name or None,
            robots="an archive's copy",
        )
        return Sheet(page, Lead(record.url, key, name), archived=True, place=place)

    def _source(self, url: str, host: str) -> Source | None:
        found = self._by_host.get(host.removeprefix("www."), ())
        return next((source for source in found if wanted_by(source, source.url)(url)), None)

    def _in_time(self, record: Record, zone: str) -> bool:
        day = url_day(record.url, zone)
        if day is not None:
            return self.window.since <= day <= self.window.until
        # What was captured before the first day, by any clock on earth, was published before it too.
        return record.captured is None or record.captured.date() >= self.window.since - timedelta(days=1)


@dataclass(slots=True)
class Batch:
    """Hold the pages of one block, where the file goes on after it, and what was passed over or damaged."""

    sheets: list[Sheet] = field(default_factory=list)
    skipped: int = 0
    damages: list[tuple[str, str]] = field(default_factory=list)
    file: File | None = None

    @property
    def is_full(self) -> bool:
        """Tell whether the block is as long, or its pages as large together, as one may be."""
        size = sum(len(sheet.page.body) for sheet in self.sheets)
        return len(self.sheets) == BLOCK or size >= _MOST_BYTES


class Captures:
    """Hand out a file's wanted captures, block by block; blocks begin at the same records however often one begins anew."""

    def __init__(self, file: File, path: Path, wanted: Wanted) -> None:
        self._file = file
        self._path = path
        self._wanted = wanted
        self._records = read_warc(path, file.offset, file.record)
        self._ahead: Record | Other | Damage | None = None

    def next(self) -> Batch:
        """Give the next block, empty at the end; may take long, so call it in a thread."""
        batch = Batch()
        for scanned, record in enumerate(self._pending()):
            if batch.is_full or scanned == _MOST_SCANNED:
                self._ahead = record
                break
            self._take(record, batch)
        batch.file = self._place()
        return batch

    def _pending(self) -> Iterator[Record | Other | Damage]:
        ahead = [self._ahead] if self._ahead is not None else []
        self._ahead = None
        return chain(ahead, self._records)

    def _take(self, record: Record | Other | Damage, batch: Batch) -> None:
        place = f"{self._file.name}, byte {record.offset}"
        if isinstance(record, Damage):
            batch.damages.append((place, f"{place}: {record.why}"))
        elif isinstance(record, Record):
            sheet = self._wanted.sheet(record, place)
            if sheet is not None:
                batch.sheets.append(sheet)
            else:
                batch.skipped += 1

    def _place(self) -> File:
        """Give the file with the place of the record after the block."""
        name, size, number = self._file.name, self._path.stat().st_size, self._file.number
        if self._ahead is None:
            return File(number, name, size, "done", size, 2**62)
        offset = beginning(self._path, self._ahead.offset)
        return File(number, name, size, "waiting", offset, self._ahead.number)


def _is_html(record: Record) -> bool:
    kind = record.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind:
        return kind in _HTML
    return record.body[:1024].lstrip().startswith(b"<") and not urlsplit(record.url).path.endswith(".xml")
