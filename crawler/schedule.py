"""Decide when to look again, as pure functions of what happened."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from state.records import Source

SOONEST = timedelta(seconds=1)
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
# By grade of failure: the first wait, and the longest. What passes by itself is tried soon, what somebody must mend later.
_WAITS = {
    "connect": (_MINUTE, 2 * _HOUR),
    "route": (_MINUTE, 2 * _HOUR),
    "timeout": (2 * _MINUTE, 2 * _HOUR),
    "server": (_MINUTE, 4 * _HOUR),
    "dns": (2 * _MINUTE, 6 * _HOUR),
    "busy": (10 * _MINUTE, 6 * _HOUR),
    "tls": (10 * _MINUTE, 6 * _HOUR),
    "unreadable": (5 * _MINUTE, 6 * _HOUR),
    "gone": (10 * _MINUTE, 12 * _HOUR),
    "forbidden": (30 * _MINUTE, 12 * _HOUR),
    "login": (30 * _MINUTE, 12 * _HOUR),
    "robots": (10 * _MINUTE, 12 * _HOUR),
}
_WAIT = (_MINUTE, 12 * _HOUR)
_JITTER = 0.1
# A source of tier 1 is looked at no more rarely than every second interval, be it night or New Year.
_SLOWEST = {1: 2, 2: 4, 3: 8}
_LEAD_RETRIES = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 120, 360, 1440))
# A link that leads nowhere may be early rather than wrong: sites announce pages minutes before they publish them.
_GONE_RETRIES = (timedelta(minutes=30), timedelta(hours=6))
_GONE = frozenset({401, 403, 404, 410, 451})


def next_poll(source: Source, now: datetime, asked: timedelta | None = None) -> datetime:
    """Give the time of the next poll after a good one: the source's interval, stretched by what it asks for itself.

    `asked` is its TTL or the age its answer may reach; it stretches up to the bound of the source's tier. The interval is
    spread by up to a tenth, differently for each source and poll, so that sources drift apart.
    """
    interval = source.every
    if asked is not None:
        interval = min(max(interval, asked), slowest(source))
    return spread(source, now, now + interval)


def slowest(source: Source) -> timedelta:
    """Give the longest time between two good polls of a source: more of its intervals, the less depends on it."""
    return _SLOWEST[source.tier] * source.every


def spread(source: Source, now: datetime, moment: datetime) -> datetime:
    """Move a time by up to a tenth of how far off it is, differently for each source and poll."""
    return now + (moment - now) * (1 + _spread(source.id, now))


def next_poll_after_failure(source: Source, failures: int, now: datetime, grade: str = "other") -> datetime:
    """Give the time of the next poll after `failures` bad ones in a row: soon, then doubling, up to the longest of its grade."""
    first, longest = _WAITS.get(grade, _WAIT)
    first = min(first, source.every)
    wait = first * 2 ** min(failures - 1, 20) if failures > 0 else first
    return now + min(wait, max(longest, source.every)) * (1 + _spread(source.id, now))


def next_fetch(attempts: int, status: int | None, now: datetime) -> datetime | None:
    """Give when to try a page again after `attempts` failed tries; None once its tries are used up."""
    retries = _GONE_RETRIES if status in _GONE else _LEAD_RETRIES
    return now + retries[attempts - 1] if 0 < attempts <= len(retries) else None


def _spread(source_id: str, now: datetime) -> float:
    digest = hashlib.blake2b(f"{source_id} {now.isoformat()}".encode(), digest_size=4).digest()
    return _JITTER * (2 * int.from_bytes(digest) / 0xFFFFFFFF - 1)
