"""Write and read the one form of time that the state file holds: UTC, ISO 8601, milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    """Write an aware time so that text order is time order, e.g. `2026-11-21T18:39:00.000+00:00`."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {moment!r}")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def stamp_or_none(moment: datetime | None) -> str | None:
    """Write a time that may be missing."""
    return None if moment is None else stamp(moment)


def instant(text: str) -> datetime:
    """Read what `stamp` wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)


def instant_or_none(text: str | None) -> datetime | None:
    """Read what `stamp_or_none` wrote."""
    return None if text is None else instant(text)
