"""Tell an outage of our own network from the troubles of sites: then no site is to blame."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIKE_OURS = frozenset({"dns", "route", "timeout"})
"""The grades of failure that an outage of our own network shows as; who refuses a connection was reached."""
AGAIN = timedelta(minutes=1)
"""When a source is first tried again that failed in an outage of ours."""
_RARELY = timedelta(minutes=15)
_LONGEST = timedelta(hours=1)
_WINDOW = timedelta(minutes=10)
_HOSTS = 3


@dataclass(slots=True)
class Outage:
    """Remember which hosts could not be reached since one last could.

    Three hosts or more in ten minutes, and none that could be reached in between, are an outage of ours. It excuses
    nobody for longer than an hour: from within, all sites being gone looks the same, and somebody must hear of either.
    """

    _unreached: dict[str, datetime] = field(default_factory=dict)
    _since: datetime | None = None

    def reached(self) -> None:
        """Note that some host answered, whatever it said."""
        self._unreached.clear()
        self._since = None

    def is_ours(self, host: str, grade: str, now: datetime) -> bool:
        """Note that a host failed; tell whether our own network is the likely cause."""
        if grade not in LIKE_OURS:
            self.reached()
            return False
        self._unreached[host] = now
        recent = [moment for moment in self._unreached.values() if now - moment <= _WINDOW]
        if self._since is None and len(recent) >= _HOSTS:
            self._since = now
        return self._since is not None and now - self._since < _LONGEST

    def pause(self, now: datetime) -> timedelta:
        """Give how long to wait before trying again: as long as it has lasted, from a minute to a quarter of an hour."""
        lasted = now - self._since if self._since is not None else AGAIN
        return min(max(lasted, AGAIN), _RARELY)

    def latest(self, due: datetime, every: timedelta, now: datetime) -> datetime:
        """Give when to try again at the latest, so that the end of an outage of ours is seen soon, also of a long one."""
        return due if self._since is None else min(due, now + max(every, _RARELY))
