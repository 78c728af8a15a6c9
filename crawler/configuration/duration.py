"""Read durations and sizes as people write them: `90s`, `1h30m`, `7d`; `16MiB`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

_DURATION = re.compile(
    r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9}(?:\.\d{1,6})?)s)?",
    re.ASCII,
)
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*(B|kB|MB|GB|KiB|MiB|GiB)?", re.IGNORECASE | re.ASCII)
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def parse_duration(text: str) -> timedelta:
    """Read `1w2d3h4m5s` (any part may be missing); raise ValueError for anything else."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        raise ValueError(f"{text!r} is not a duration; write it like 90s, 30m, 1h30m or 7d")
    weeks, days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def write_duration(duration: timedelta) -> str:
    """Write a duration as `parse_duration` reads it, without fractions of a second: `1h30m`."""
    minutes, seconds = divmod(round(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def parse_size(text: str) -> int:
    """Read `16MiB`, `500kB` or plain bytes; raise ValueError for anything else."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a size; write it like 16MiB or 500kB")
    return int(float(found[1]) * _UNITS[(found[2] or "B").lower()])


def _duration(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is not a duration; write it like 90s, 30m, 1h30m or 7d")  # noqa: TRY004 - pydantic reads ValueError
    if isinstance(value, int | float):
        raise ValueError(f"{value} has no unit; write it like {value}s, {value}m or {value}h")  # noqa: TRY004 - pydantic reads ValueError
    return parse_duration(value) if isinstance(value, str) else value


def _size(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is not a size; write it like 16MiB or 500kB")  # noqa: TRY004 - pydantic reads ValueError
    return parse_size(value) if isinstance(value, str) else value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Size = Annotated[int, BeforeValidator(_size)]
