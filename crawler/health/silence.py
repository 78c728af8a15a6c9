"""Judge the silence of a source that answers: measured by the longest silences of its own weeks."""

from __future__ import annotations

from datetime import timedelta

from crawler.health.case import Case, Complaint
from state.times import instant

_HOUR = timedelta(hours=1)
_WEEKS_KNOWN = 2
_TOO_QUIET = 1.9
_UNKNOWN_SILENCE = 10.0


def quiet(case: Case) -> Complaint | None:
    """Complain of a source without news for twice as long as is usual for it."""
    since = case.vitals.quiet_since
    if since is None or case.vitals.grade is not None:
        return None
    hours = (case.now - instant(since)) / _HOUR
    longest = sorted(case.vitals.longest.values())
    if len(longest) > _WEEKS_KNOWN:
        # The second longest: one long holiday must not make all later silences usual.
        usual = longest[-2]
        if hours <= _TOO_QUIET * usual or hours < 2 * (case.source.every / _HOUR):
            return None
    else:
        usual = None
        if not longest or case.expected() < _UNKNOWN_SILENCE:
            return None
    return Complaint(
        f"it answers but has brought nothing new for {_span(hours)}; it may publish elsewhere now, or show an old copy",
        f"last news {instant(since):%Y-%m-%d %H:%M} UTC; "
        + (
            f"usually not longer than {_span(usual)} without"
            if usual
            else f"{case.expected():.0f} items were due since"
        ),
    )


def _span(hours: float) -> str:
    return (
        f"{hours / 24:.0f} days"
        if hours >= 48
        else f"{hours:.0f} hours"
        if hours >= 2
        else f"{60 * hours:.0f} minutes"
    )
