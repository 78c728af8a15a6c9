"""Hand the work of a backfill or an import to whoever holds the state: this process where nobody else does, else the one that does.

Only one process may write the state. A daemon that runs does the writing for its backfills; without one the first
backfill holds the state and serves the others the same way. A holder may vanish at any moment, a daemon that starts
may ask for the state, and every duty may be done twice without harm, so whatever fails is simply asked again.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any, Self

import structlog

from crawler.backfill.duties import DUTIES, Duty
from crawler.backfill.holding import services
from crawler.control import Control, converse
from crawler.fetching.pace import Pace
from crawler.ingest import Ingest
from crawler.people import audience, with_people
from state.errors import StateError, StateLocked
from state.lock import holder_of
from state.writer import Writer

PATIENCE = 60.0
"""Seconds for which a backfill looks for somebody who holds the state, after the last one vanished."""
GRACE = 20.0
"""Seconds for which the state is left to the daemon that asked for it, unless it takes it before."""
_BETWEEN = 0.25
_log = structlog.get_logger("yuewatch.backfill")


class _Vanished(Exception):  # noqa: N818 - named for what it tells
    """Report that the holder of the state does not answer any more."""


class Desk:
    """Get duties done, one at a time, by ourselves or by the holder of the state."""

    def __init__(self, state: Path, ingest: Ingest, *, remedy: str = "go on with --resume") -> None:
        self._state = state
        self._configured = self._ingest = ingest
        self._remedy = remedy
        self._pace: Pace | None = None
        self._writer: Writer | None = None
        self._control: Control | None = None
        self._one_at_a_time = asyncio.Lock()

    async def open(self, pace: Pace) -> Self:
        """Hold the state, or find who does; `pace` is lent to others where we hold it."""
        self._pace = pace
        async with self._one_at_a_time:
            await self._settle(monotonic() + PATIENCE)
        return self

    @property
    def is_holder(self) -> bool:
        """Tell whether this process writes the state."""
        return self._writer is not None

    async def do(self, duty: str, request: Any) -> Any:
        """Get one duty of `DUTIES` done and give its result; raise StateError where nobody can do it."""
        wanted = DUTIES[duty]
        async with self._one_at_a_time:
            while True:
                if self._writer is not None:
                    return await self._write(self._writer, wanted, request)
                try:
                    answer = await self._ask("duty", {"duty": duty, "request": wanted.packed(request)})
                    return wanted.unpacked_result(answer)
                except _Vanished:
                    await self._settle(monotonic() + PATIENCE)

    async def close(self) -> None:
        """Let go of the state, if we hold it."""
        async with self._one_at_a_time:
            await self._let_go()

    async def _write(self, writer: Writer, wanted: Duty, request: Any) -> Any:
        try:
            return await writer.run(wanted.run, self._ingest, request)
        except (sqlite3.Error, StateError) as error:
            raise StateError(
                f"{self._state} could not be written ({error.__cause__ or error}); what is stored stays. Mend that, then {self._remedy}."
            ) from error

    async def _settle(self, until: float) -> None:
        """Become the holder, or make sure that there is one that answers."""
        while True:
            try:
                writer = Writer(self._state)
            except StateLocked as locked:
                if await self._answers():
                    return
                if monotonic() > until:
                    raise StateError(
                        f"{locked} That process does not serve others; let it end, then {self._remedy}."
                    ) from locked
                await asyncio.sleep(_BETWEEN)
            else:
                await self._hold(writer)
                return

    async def _hold(self, writer: Writer) -> None:
        assert self._pace is not None
        people = writer.run_now(audience).people
        self._ingest = replace(
            self._configured, subscriptions=with_people(self._configured.subscriptions, people)
        )
        offered = services(writer, lambda: self._ingest, self._pace, lambda: None, self._hand_over)
        self._control = Control(writer, lambda _: None, offered)
        self._writer = writer
        await self._control.open()

    async def _let_go(self) -> None:
        if self._control is not None:
            await self._control.close()
        if self._writer is not None:
            self._writer.close()
        self._control = self._writer = None

    def _hand_over(self) -> None:
        """Leave the state to a daemon that starts, as soon as what is being written is written."""
        self._leaving = asyncio.ensure_future(self._leave())

    async def _leave(self) -> None:
        async with self._one_at_a_time:
            _log.info("leaving the state to the daemon", state=str(self._state))
            await self._let_go()
            patience = monotonic() + GRACE
            while holder_of(self._state) is None and monotonic() < patience:  # noqa: ASYNC110 - a lock file sends no events
                await asyncio.sleep(_BETWEEN)

    async def _answers(self) -> bool:
        try:
            await self._ask("hello", {})
        except (_Vanished, StateError):
            return False
        return True

    async def _ask(self, service: str, arguments: Any) -> Any:
        try:
            async with converse(self._state, service, arguments) as (reader, _):
                answer = json.loads(await reader.readline() or b"null")
        except (OSError, ValueError) as error:
            raise _Vanished from error
        if answer is None:
            raise _Vanished
        if "error" in answer:
            raise StateError(
                f"the process that holds {self._state} could not do it ({answer['error']}); what is stored stays. Mend that, then {self._remedy}."
            )
        return answer.get("result")
