"""Tell an outage of our own network from the troubles of sites: then no site is to blame."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIKE_OURS = frozenset({"dns", "route", "timeout"})
"""The grades of failure that an outage of our own network shows as; who refuses a connection was reached."""
AGAIN = timedelta(minutes=1)
"""When a source is tried again that failed in an outage of ours."""
_WINDOW = timedelta(minutes=10)
_HOSTS = 3


@dataclass(slots=True)
class Outage:
    """Remember which hosts could not be reached since one last could.

    Three hosts or more in ten minutes, and none that could be reached in between, are an outage of ours.
    """

    _unreached: dict[str, datetime] = field(default_factory=dict)

    def reached(self) -> None:
        """Note that some host answered, whatever it said."""
        self._unreached.clear()

    def is_ours(self, host: str, grade: str, now: datetime) -> bool:
        """Note that a host failed; tell whether our own network is the likely cause."""
        if grade not in LIKE_OURS:
            self.reached()
            return False
        self._unreached[host] = now
        recent = [moment for moment in self._unreached.values() if now - moment <= _WINDOW]
        return len(recent) >= _HOSTS
