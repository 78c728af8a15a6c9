"""Read archive files from beginning to end, block by block; the place reached is stored with each block."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from crawler.backfill.captures import Batch, Captures, Wanted
from crawler.backfill.desk import Desk
from crawler.backfill.fetcher import Halted
from crawler.backfill.halt import Halt
from crawler.backfill.progress import Display, Tally
from crawler.backfill.reading import Sheet, entry_of, read_sheets
from crawler.backfill.requests import Alerting, Block, Entry
from crawler.backfill.rows import next_rows
from crawler.backfill.spool import Spool
from crawler.exchange import BadRow, Row, article_of
from crawler.ingest import Ingest
from crawler.leads.address import canonical_key
from crawler.reading.readpage import ReadPage
from crawler.workers import Workers
from state import articles, backfill_files
from state.backfill_files import File
from state.database import open_reader
from state.errors import FetchError, ReadError
from state.records import Page

_log = structlog.get_logger("yuewatch.backfill")


@dataclass(frozen=True, slots=True)
class Files:
    """Do the files of one backfill, one after the other.

    `known` is the state that tells what is held already, the same as `state` but in a dry run. `spool` brings the files
    that lie elsewhere.
    """

    backfill: str
    desk: Desk
    workers: Workers
    ingest: Ingest
    wanted: Wanted
    alert: Alerting
    halt: Halt
    tally: Tally
    display: Display
    state: Path
    known: Path
    spool: Spool | None = None
    rows: bool = False

    async def run(self) -> None:
        """Work until all files are done or the halt is called."""
        for file in self._files():
            if self.halt.is_called():
                return
            if file.state == "done":
                continue
            try:
                await self._do(file)
            except Halted:
                return
            except (OSError, FetchError) as error:
                why = f"{file.name} could not be read ({error}); it was left out"
                _log.warning("file not used", file=file.name, error=str(error))
                await self._store(
                    File(file.number, file.name, file.size, "done", 0, 2**62), [], 0, [(file.name, why)]
                )

    async def count(self) -> tuple[int, int]:
        """Count, without reading or storing them, the pages in files on this machine: those to read, those held."""
        pages = held = 0
        for file in self._files():
            if "://" in file.name:
                continue
            batch = await asyncio.to_thread(self._count_rows if self.rows else self._count_captures, file)
            pages, held = pages + batch[0], held + batch[1]
        return pages - held, held

    def _count_captures(self, file: File) -> tuple[int, int]:
        captures = Captures(file, Path(file.name), self.wanted)
        pages = held = 0
        while True:
            batch = captures.next()
            assert batch.file is not None
            pages += len(batch.sheets)
            if self.known.exists():
                held += len(batch.sheets) - len(self._unknown(batch.sheets))
            if batch.file.state == "done":
                return pages, held

    @staticmethod
    def _count_rows(file: File) -> tuple[int, int]:
        pages = 0
        while file.state != "done":
            block = next_rows(Path(file.name), file)
            pages += len(block.rows)
            file = block.file
        return pages, 0

    def _files(self) -> list[File]:
        with open_reader(self.state) as db:
            return backfill_files.every_file(db, self.backfill)

    async def _do(self, file: File) -> None:
        if self.rows:
            await self._read_rows(file)
            return
        remote = "://" in file.name
        if remote and self.spool is None:
            raise FetchError(f"{file.name} lies elsewhere, and nothing is fetched here")
        path = await self.spool.fetch(file.name) if remote and self.spool is not None else Path(file.name)
        if await self._read_captures(file, path) and remote and self.spool is not None:
            self.spool.remove(file.name)

    async def _read_captures(self, file: File, path: Path) -> bool:
        """Read one WARC file, scanning one block ahead; tell whether it is done."""
        captures = Captures(file, path, self.wanted)
        ahead = asyncio.create_task(asyncio.to_thread(captures.next))
        while not self.halt.is_called():
            batch = await ahead
            assert batch.file is not None
            if batch.file.state != "done":
                ahead = asyncio.create_task(asyncio.to_thread(captures.next))
            await self._ingest_captures(batch)
            if batch.file.state == "done":
                return True
        await ahead
        return False

    async def _ingest_captures(self, batch: Batch) -> None:
        assert batch.file is not None
        fresh = self._unknown(batch.sheets)
        self.tally.known += len(batch.sheets) - len(fresh)
        entries = await read_sheets(fresh, self.workers, self.ingest, self.wanted.window, self.state)
        await self._store(batch.file, entries, batch.skipped, batch.damages)

    def _unknown(self, sheets: Sequence[Sheet]) -> list[Sheet]:
        """Leave out what is stored already: reading is what costs."""
        with open_reader(self.known) as db:
            return [sheet for sheet in sheets if not articles.exists(db, sheet.page.final_url)]

    async def _read_rows(self, file: File) -> None:
        while file.state != "done" and not self.halt.is_called():
            block = next_rows(Path(file.name), file)
            entries = await asyncio.gather(*(self._row(row, file.name) for row in block.rows))
            await self._store(block.file, entries, 0, [])
            file = block.file

    async def _row(self, row: tuple[int, Row] | BadRow, name: str) -> Entry:
        if isinstance(row, BadRow):
            place = f"{name}, line {row.line}"
            return Entry(place, place, why=f"{place}: {row.why}", failed=True)
        number, given = row
        place = f"{name}, line {number}"
        try:
            article = await self.workers.run(article_of, given, self.ingest.source_of(given.source))
        except ReadError as error:
            return Entry(given.url, place, why=f"{place}: {error}", failed=True)
        page = Page(given.url, given.url, b"", given.fetched_at)
        return entry_of(
            ReadPage(article, ()), canonical_key(given.url), place, page, self.wanted.window, None
        )

    async def _store(
        self, file: File, entries: Sequence[Entry], skipped: int, damages: Sequence[tuple[str, str]]
    ) -> None:
        for _, why in damages:
            _log.warning("damaged", error=why)
        faults = [Entry(place, place, why=why, failed=True) for place, why in damages]
        request = Block(self.backfill, self.alert, (*entries, *faults), file, skipped)
        self.tally.add(await self.desk.do("ingest", request))
        self.tally.skipped += skipped
        self.tally.settled = sum(min(one.offset, one.size) for one in self._files())
        self.display.refresh()
