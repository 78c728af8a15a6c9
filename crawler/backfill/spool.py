"""Bring archive files here piece by piece, so that a download goes on where it broke off."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import structlog

from crawler.backfill.fetcher import Fetcher
from crawler.backfill.halt import Halt
from crawler.backfill.ways.way import Ask
from crawler.fetching.pace import HostHeld
from state.errors import FetchError, StateError
from state.records import host_of

PIECE = 12 * 2**20
"""Bytes asked for at once (RFC 9110 section 14, range requests); less than the largest body that is read."""
_TRIES = 3
_PAUSE = 5.0
_log = structlog.get_logger("yuewatch.backfill")


@dataclass(frozen=True, slots=True)
class Spool:
    """Keep the files that are being read in a folder beside the state; each is removed when it is done."""

    folder: Path
    fetcher: Fetcher
    halt: Halt

    @classmethod
    def beside(cls, state: Path, fetcher: Fetcher, halt: Halt) -> Spool:
        """Open the spool of a state file."""
        return cls(state.with_name(f"{state.name}.spool"), fetcher, halt)

    def path_of(self, url: str) -> Path:
        """Give where a file lies, or will."""
        return self.folder / f"{hashlib.blake2b(url.encode(), digest_size=10).hexdigest()}.warc.gz"

    async def fetch(self, url: str) -> Path:
        """Bring a file here, whole; raise FetchError where it cannot be had, Halted where it is time to stop."""
        path, part = self.path_of(url), self.path_of(url).with_suffix(".part")
        if path.exists():
            return path
        self.folder.mkdir(mode=0o700, exist_ok=True)
        try:
            while not await self._fetch_piece(url, part):
                pass
            part.replace(path)
        except OSError as error:
            raise StateError(
                f"{part} could not be written ({error.strerror}); what is stored stays. Mend that, then go on with --resume."
            ) from error
        return path

    async def _fetch_piece(self, url: str, part: Path) -> bool:
        """Add one piece to a file; tell whether it was the last."""
        start = _size(part)
        asked = Ask(
            url, headers={"Range": f"bytes={start}-{start + PIECE - 1}", "Accept-Encoding": "identity"}
        )
        status, body = await self._get(asked)
        if status == 416 and start:
            return True
        if status not in {200, 206} or (status == 200 and start):
            raise FetchError(f"{url} answered HTTP {status} to a request for bytes from {start} on")
        with part.open("ab") as file:
            file.write(body)
        return status == 200 or len(body) < PIECE

    async def _get(self, ask: Ask) -> tuple[int, bytes]:
        tries = 0
        while True:
            try:
                page = await self.fetcher.get(ask, "")
                if page.status < 500:
                    return page.status, page.body
                raise FetchError(f"{ask.url} answered HTTP {page.status}")  # noqa: TRY301 - tried again like the others
            except HostHeld as held:
                _log.warning("waiting", host=host_of(ask.url), until=held.until.isoformat())
                await self.halt.sleep_until(held.until)
            except FetchError as error:
                tries += 1
                if not error.retryable or tries >= _TRIES or self.halt.is_called():
                    raise
                await self.halt.sleep(_PAUSE * tries)

    def remove(self, url: str) -> None:
        """Remove a file that is done."""
        self.path_of(url).unlink(missing_ok=True)
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
