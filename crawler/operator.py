"""Report to those who run yuewatch: one digest a day of what needs a hand, and a heartbeat to an outside monitor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import structlog
from sqlite_utils import Database

from alerts.timing import Digest, next_digest
from crawler.configuration.load import Configuration
from crawler.configuration.settings import OperatorSettings
from crawler.troubles import Trouble, troubles
from state import destinations, outbox
from state.database import open_reader
from state.deliveries import Notice
from state.errors import StateError
from state.figures import figures
from state.marks import mark, set_mark
from state.writer import Writer

_REPORTED = "operator report"
_log = structlog.get_logger("yuewatch.operator")


class Watchman:
    """Look after the daemon on the operator's behalf; `configuration` gives the one in use."""

    def __init__(self, writer: Writer, configuration: Callable[[], Configuration]) -> None:
        self._writer = writer
        self._configuration = configuration
        self._beating = True

    async def report(self, now: datetime | None = None) -> bool:
        """Queue the daily report where it is due; tell whether it was queued. Call it every minute or so."""
        configuration = self._configuration()
        moment = now or datetime.now(UTC)
        settings = configuration.settings.operator
        if not settings.destinations:
            return False
        due = await self._writer.run(_due, settings, moment)
        if due is None:
            return False
        found, counted = await asyncio.to_thread(_look, configuration, moment)
        notice = report_of(settings, found, counted, due)
        await self._writer.run(_post, settings.destinations if notice else (), notice, moment)
        return notice is not None

    async def beat(self) -> str | None:
        """Send one heartbeat; give what the monitor was told is wrong, None where all is well."""
        configuration = self._configuration()
        heartbeat = configuration.open_heartbeat()
        if heartbeat is None:
            return None
        wrong = await self._what_is_wrong(configuration)
        missed = await asyncio.to_thread(heartbeat.beat, well=wrong is None)
        if missed is not None and self._beating:
            _log.warning("heartbeat not heard", why=missed)
        self._beating = missed is None
        return wrong

    async def _what_is_wrong(self, configuration: Configuration) -> str | None:
        """Say what keeps yuewatch from its work, as opposed to what merely needs a hand some day."""
        operators = configuration.settings.operator.destinations
        try:
            await self._writer.run(lambda _: None)
            if self._writer.trouble is not None:
                return "the state cannot be written"
            return await self._writer.run(_unreachable, operators)
        except StateError:
            return "the state cannot be written"


def report_of(
    settings: OperatorSettings,
    found: Sequence[Trouble],
    counted: dict[str, dict[str, int]],
    due: datetime,
) -> Notice | None:
    """Write the report that was due at a time; None where all is well and nobody wants to hear so today."""
    key = f"operator {due.isoformat()}"
    if found:
        lines = tuple(trouble.line for trouble in found)
        number = sum(trouble.number for trouble in found)
        return Notice(key, f"yuewatch needs a hand: {number} things", lines)
    monday = due.astimezone(ZoneInfo(settings.zone)).weekday() == 0
    if settings.all_well == "never" or (settings.all_well == "weekly" and not monday):
        return None
    sources, articles, sent = counted["sources"], counted["articles"], counted["deliveries"]
    line = (
        f"{sources['reached']} of {sources['known']} sources were reached, {articles['stored']} articles are stored, "
        f"{sent.get('delivered', 0)} messages were delivered."
    )
    return Notice(key, "All is well", (line,))


def _due(db: Database, settings: OperatorSettings, now: datetime) -> datetime | None:
    """Give the time at which a report fell due, None where none did; the first ever waits for its time of day."""
    last = mark(db, _REPORTED)
    if last is None:
        set_mark(db, _REPORTED, now)
        return None
    due = next_digest(Digest("daily", settings.at), settings.zone, last)
    return due if due <= now else None


def _post(db: Database, operators: Sequence[str], notice: Notice | None, now: datetime) -> None:
    for destination in operators:
        assert notice is not None
        outbox.notify(db, destination, notice, now)
    set_mark(db, _REPORTED, now)


def _look(
    configuration: Configuration, now: datetime
) -> tuple[tuple[Trouble, ...], dict[str, dict[str, int]]]:
    with open_reader(configuration.state) as database:
        return troubles(database, configuration, now), figures(database)


def _unreachable(db: Database, operators: Sequence[str]) -> str | None:
    disabled = {one.id for one in destinations.every_health(db) if one.disabled_at is not None}
    if operators and disabled.issuperset(operators):
        return "all destinations of the operator are disabled"
    return None
