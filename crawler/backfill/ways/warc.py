"""Read pages from WARC files (ISO 28500; iipc.github.io/warc-specifications, WARC 1.1) through fastwarc.

A file is usually a row of gzip members, one a record, so a damaged record costs itself and no more: reading goes on at
the next member that begins a record. fastwarc passes over a cut-off tail in silence and raises at a damaged member;
what it leaves unread is found here.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

try:
    from fastwarc import ArchiveIterator, WarcRecordType
    from fastwarc.stream_io import BrotliReader, ChunkedReader, GzipReader
except (
    ImportError
):  # it comes with the extra `backfill`; whoever wants WARC files is told so before it is missed
    HAS_FASTWARC = False
else:
    HAS_FASTWARC = True

MAX_BODY = 16 * 2**20
"""Bytes of a page, as for pages that are fetched; larger records are passed over."""
_GZIP = b"\x1f\x8b\x08"
_START = re.compile(rb"WARC/\d\.\d")
_CHUNK = 2**20
_KEPT_HEADERS = ("content-type", "content-language", "date", "etag", "last-modified", "link")


@dataclass(frozen=True, slots=True)
class Record:
    """Hold one capture: `offset` is where its record begins in the file, `number` counts records before it."""

    offset: int
    number: int
    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    captured: datetime | None


@dataclass(frozen=True, slots=True)
class Other:
    """Stand for a record that holds no page: requests, metadata, revisits."""

    offset: int
    number: int


@dataclass(frozen=True, slots=True)
class Damage:
    """Report what could not be read at a place of the file."""

    offset: int
    number: int
    why: str


def read_warc(path: Path, offset: int = 0, number: int = 0) -> Iterator[Record | Other | Damage]:
    """Give every record of a file in its order, from the one at `offset` on.

    Where the records of a file cannot be begun with (one gzip member around all of them), `offset` is 0 and the first
    `number` records are passed over.
    """
    skipped = number if offset == 0 else 0
    number -= skipped
    with path.open("rb") as file:
        compressed = _is_compressed(file, path)
        position: int | None = offset
        while position is not None:
            file.seek(position)
            last = position
            failure = ""
            records = iter(ArchiveIterator(file, parse_http=True))
            while True:
                try:
                    record = next(records, None)
                except (OSError, ValueError) as error:
                    failure = str(error)
                    break
                if record is None:
                    break
                last = record.stream_pos
                if number >= skipped:
                    yield _read(record, number)
                number += 1
            rest = _unread(file, last, compressed=compressed, failure=failure)
            if rest is None:
                return
            if rest.why:
                yield Damage(rest.begins, number, rest.why)
            position = rest.next_record
            skipped = 0


def beginning(path: Path, offset: int) -> int:
    """Give `offset` where reading can begin there, else 0."""
    with path.open("rb") as file:
        compressed = _is_compressed(file, path)
        file.seek(offset)
        sound = _begins_record(file, offset) if compressed else _START.match(file.read(8)) is not None
    return offset if sound else 0


def _is_compressed(file: BinaryIO, path: Path) -> bool:
    """Tell whether a file is gzipped, by its name too: its first bytes may be the damaged ones."""
    head = file.read(5)
    return head.startswith(_GZIP) or (path.suffix == ".gz" and head != b"WARC/")


def _read(record: Any, number: int) -> Record | Other | Damage:
    at = record.stream_pos
    if record.record_type not in (WarcRecordType.response, WarcRecordType.resource):
        return Other(at, number)
    length = record.content_length
    if length > MAX_BODY:
        return Damage(
            at,
            number,
            f"a record of {length / 2**20:.0f} MiB was passed over; pages have {MAX_BODY // 2**20} at most",
        )
    body = record.reader.read()
    if len(body) < length:
        return Damage(at, number, f"a record promises {length} bytes and has {len(body)}; it was passed over")
    try:
        return _capture(record, body, at, number)
    except (ValueError, OSError, zlib.error) as error:
        return Damage(at, number, f"a record could not be read ({error}); it was passed over")


def _capture(record: Any, body: bytes, at: int, number: int) -> Record:
    headers = {str(name).lower(): str(value) for name, value in record.headers.items()}
    url = headers.get("warc-target-uri", "").strip("<>")
    captured = record.record_date
    if record.record_type == WarcRecordType.resource:
        served = {"content-type": headers.get("content-type", "")}
        return Record(at, number, url, 200, served, body, _utc(captured))
    if record.http_headers is None:
        raise ValueError("it holds no HTTP answer")
    answer = {str(name).lower(): str(value) for name, value in record.http_headers.items()}
    plain = _decoded(body, answer)
    kept = {name: answer[name] for name in _KEPT_HEADERS if name in answer}
    return Record(at, number, url, int(record.http_headers.status_code or 0), kept, plain, _utc(captured))


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _decoded(body: bytes, headers: dict[str, str]) -> bytes:
    """Undo the transfer and content encodings an answer names, where it is still in them: crawlers often undo them."""
    if "chunked" in headers.get("transfer-encoding", "").lower() and re.match(rb"[0-9a-fA-F]+[;\r]", body):
        body = _all(ChunkedReader(io.BytesIO(body)))
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in {"gzip", "x-gzip"} and body.startswith(_GZIP):
        return _all(GzipReader(io.BytesIO(body)))
    if encoding == "deflate":
        return _inflated(body)
    if encoding == "br" and not body.lstrip().startswith(b"<"):
        return _all(BrotliReader(io.BytesIO(body)))
    return body


def _all(reader: Any) -> bytes:
    plain: bytes = reader.read(MAX_BODY + 1)
    if len(plain) > MAX_BODY:
        raise ValueError(f"its page unpacks to more than {MAX_BODY // 2**20} MiB")
    return plain


def _inflated(body: bytes) -> bytes:
    for wbits in (15, -15):
        try:
            return zlib.decompressobj(wbits).decompress(body, MAX_BODY)
        except zlib.error:
            continue
    return body


@dataclass(frozen=True, slots=True)
class _Rest:
    """Say where the unread rest of a file begins, why it could not be read, and where the next record is, if any."""

    begins: int
    why: str
    next_record: int | None


def _unread(file: BinaryIO, last: int, *, compressed: bool, failure: str) -> _Rest | None:
    """Find what lies behind the last record that was read; None where the file ends there as it should."""
    if not compressed:
        return _plain_rest(file, last, failure)
    size = file.seek(0, io.SEEK_END)
    end, whole = _member_end(file, last)
    # The records of a file in one member all seem to lie at its end.
    if last >= size or (whole and end >= size and (last > 0 or _begins_record(file, 0))):
        return None
    if whole and not failure and _begins_record(file, end):
        # A record that promises too much has swallowed what follows it; that is sound and still to be read.
        return _Rest(end, "", end)
    begins = end if whole else last
    found = _next_member(file, begins + 1)
    if found is None:
        why = failure or "it ends in the middle of a record"
        return _Rest(begins, f"{_sentence(why)}; everything before it was read", None)
    return _Rest(begins, f"{_sentence(failure or 'damaged')}; reading goes on at byte {found}", found)


def _plain_rest(file: BinaryIO, last: int, failure: str) -> _Rest | None:
    if not failure:
        return None
    file.seek(last + 1)
    place = last + 1
    tail = b""
    while chunk := file.read(_CHUNK):
        found = re.search(rb"\r\n\r\n(?=WARC/\d\.\d\r\n)", tail + chunk)
        if found is not None:
            at = place - len(tail) + found.end()
            return _Rest(last, f"{_sentence(failure)}; reading goes on at byte {at}", at)
        tail = chunk[-32:]
        place += len(chunk)
    return _Rest(last, f"{_sentence(failure)}; everything before it was read", None)


def _member_end(file: BinaryIO, start: int) -> tuple[int, bool]:
    """Give where the gzip member at `start` ends, and whether it is whole; what it holds is thrown away piece by piece."""
    file.seek(start)
    unpacker = zlib.decompressobj(wbits=31)
    place = start
    while chunk := file.read(_CHUNK):
        place += len(chunk)
        try:
            pending = chunk
            while pending:
                unpacker.decompress(pending, _CHUNK)
                pending = unpacker.unconsumed_tail
        except zlib.error:
            return place, False
        if unpacker.eof:
            return place - len(unpacker.unused_data), True
    return place, False


def _next_member(file: BinaryIO, start: int) -> int | None:
    """Find the next gzip member that begins a record."""
    file.seek(start)
    place, tail = start, b""
    while chunk := file.read(_CHUNK):
        window = tail + chunk
        first = place - len(tail)
        at = window.find(_GZIP)
        while at >= 0:
            if _begins_record(file, first + at):
                return first + at
            at = window.find(_GZIP, at + 1)
        place += len(chunk)
        tail = chunk[-2:]
        file.seek(place)
    return None


def _begins_record(file: BinaryIO, start: int) -> bool:
    file.seek(start)
    try:
        plain = zlib.decompressobj(wbits=31).decompress(file.read(1024), 64)
    except zlib.error:
        return False
    return _START.match(plain) is not None


def _sentence(words: str) -> str:
    return " ".join(words.split())[:160] or "damaged"
