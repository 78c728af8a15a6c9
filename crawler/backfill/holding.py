"""What the process that holds the state does for backfills beside it: their duties, and turns on hosts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.backfill.duties import DUTIES
from crawler.backfill.requests import Outcome
from crawler.control import Service
from crawler.fetching.pace import HostHeld, Pace
from crawler.ingest import Ingest
from state.writer import Writer

LONGEST_TURN = timedelta(minutes=2)
"""A borrower that keeps a host longer than any request may take loses its turn: live crawls must not wait for it."""


def services(
    writer: Writer,
    ingest: Callable[[], Ingest],
    pace: Pace,
    alerted: Callable[[], None],
    hand_over: Callable[[], None] | None = None,
) -> Mapping[str, Service]:
    """Give the services a holder of the state offers.

    Args:
        writer: The state.
        ingest: Gives the walk's transaction as now configured.
        pace: The turns of all hosts.
        alerted: Is called where a backfill has made deliveries due.
        hand_over: Gives the state up for a daemon that starts; a daemon itself offers no such thing.
    """

    async def duty(arguments: Any, _: asyncio.StreamReader, __: asyncio.StreamWriter) -> Any:
        wanted = DUTIES[arguments["duty"]]
        result = await writer.run(wanted.run, ingest(), wanted.unpacked(arguments["request"]))
        if _makes_deliveries(result, arguments["duty"]):
            alerted()
        return wanted.packed_result(result)

    async def turn(arguments: Any, reader: asyncio.StreamReader, writer_: asyncio.StreamWriter) -> Any:
        return await _lend(pace, arguments, reader, writer_)

    async def hello(_: Any, __: asyncio.StreamReader, ___: asyncio.StreamWriter) -> Any:
        return True

    async def give_up(_: Any, __: asyncio.StreamReader, ___: asyncio.StreamWriter) -> Any:
        if hand_over is None:
            raise PermissionError("a daemon keeps the state")
        hand_over()
        return True

    return {"hello": hello, "duty": duty, "turn": turn, "hand over": give_up}


def _makes_deliveries(result: Any, duty: str) -> bool:
    if duty == "end":
        return bool(result)
    outcomes = result if isinstance(result, tuple) else (result,)
    return any(isinstance(one, Outcome) and one.alerts for one in outcomes)


async def _lend(
    pace: Pace, arguments: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Any:
    """Lend a turn on a host until the borrower says that it is done, hangs up or has had it for too long."""
    host = str(arguments["host"])
    if arguments.get("crawl_delay") is not None:
        pace.set_crawl_delay(host, float(arguments["crawl_delay"]))
    try:
        async with pace.turn(host):
            writer.write(b'{"turn": true}\n')
            await writer.drain()
            async with asyncio.timeout(LONGEST_TURN.total_seconds()):
                said = await reader.readline()
            pace.count_from_now(host)
            _hold(pace, host, said)
    except HostHeld as held:
        return {"held_until": held.until.isoformat()}
    except TimeoutError:
        pass
    return {}


def _hold(pace: Pace, host: str, said: bytes) -> None:
    """Take over that a host asked the borrower for patience, before the next turn begins."""
    until = json.loads(said).get("hold_until") if said.strip() else None
    if until is not None:
        pace.hold(host, datetime.fromisoformat(until).astimezone(UTC))
