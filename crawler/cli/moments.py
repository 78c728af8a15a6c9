"""Read times from the command line: how far back to look, and until when something holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from crawler.configuration.duration import parse_duration

_LONGEST = timedelta(days=365_000)


class Past(click.ParamType[datetime]):
    """Read how far back to go: a duration or a day; gives an aware UTC time."""

    name = "period"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read one value."""
        if isinstance(value, datetime):
            return value
        moment = _moment(value)
        if moment is not None:
            return moment
        try:
            return datetime.now(UTC) - parse_duration(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is neither a duration like 30d nor a day like 2026-03-05", param, ctx)


class Future(click.ParamType[datetime]):
    """Read a time that has not come yet; gives an aware UTC time."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read one value."""
        moment = value if isinstance(value, datetime) else _moment(value)
        if moment is None:
            self.fail(
                f"{value!r} is not a time; write it like 2026-03-05 or 2026-03-05T08:00+08:00", param, ctx
            )
        if moment <= datetime.now(UTC):
            self.fail(f"{value!r} is over already", param, ctx)
        return moment


class Length(click.ParamType[timedelta]):
    """Read a duration."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read one value."""
        try:
            length = value if isinstance(value, timedelta) else parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if length <= timedelta(0):
            self.fail(f"{value!r} is no time at all", param, ctx)
        if length > _LONGEST:
            self.fail(f"{value!r} is longer than a thousand years", param, ctx)
        return length


def _moment(value: str) -> datetime | None:
    """Read an ISO 8601 day or time; one without a zone is UTC."""
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter beyond the year 9999 or before the first in UTC
        return None
