"""Own the one read-write connection on one thread, and run every change there, each in one transaction."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlite_utils import Database

from state.database import open_writer
from state.errors import StateError

P = ParamSpec("P")
T = TypeVar("T")


class Writer:
    """Run functions on the state's one writing thread; each call is all or nothing.

    `trouble` says why the last change could not be written (a full disk, say), and is None while all is well.
    The functions take the database as their first argument: `await writer.run(leads.add, found, "live", now)`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trouble: str | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="state-writer")
        self._stack = ExitStack()
        try:
            self._database: Database = self._thread.submit(
                self._stack.enter_context, open_writer(path)
            ).result()
        except BaseException:
            self._thread.shutdown()
            raise

    async def run(
        self, change: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `change(database, *args)` in one transaction and give its result back to the event loop.

        Raises StateError where the change cannot be written, or comes after the writer was closed.
        """
        try:
            asked = self._thread.submit(partial(self._atomic, change, *args, **kwargs))
        except RuntimeError as error:
            raise StateError(f"{self.path} has been closed; nothing of this step was kept") from error
        return await asyncio.wrap_future(asked)

    def run_now(self, change: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the same for callers without an event loop, waiting for the result."""
        return self._thread.submit(partial(self._atomic, change, *args, **kwargs)).result()

    def _atomic(self, change: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with self._database.atomic():
                result = change(self._database, *args, **kwargs)
        except sqlite3.OperationalError as error:
            self.trouble = str(error)
            raise StateError(
                f"{self.path} cannot be written: {error}; nothing of this step was kept. Free space or mend the disk; work goes on by itself."
            ) from error
        self.trouble = None
        return result

    async def fold(self) -> None:
        """Fold the write-ahead log into the file and empty it, so that nothing erased lingers there."""
        await asyncio.wrap_future(self._thread.submit(self._fold))

    def _fold(self) -> None:
        self._database.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def close(self) -> None:
        """Finish the changes already asked for and close the file."""
        self._thread.submit(self._stack.close).result()
        self._thread.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def touch(db: Database) -> None:
    """Write the least there is to write, to learn whether the state can be written again."""
    db.execute("PRAGMA user_version = 1")
