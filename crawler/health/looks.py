"""Judge the looks at a source: what its listing shows, against what it showed before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import takewhile
from statistics import median

from crawler.health.case import Case, Complaint
from crawler.health.failing import CAUSES
from crawler.health.signs import FRESH
from crawler.health.signs import latest as latest_of
from state.health import Look
from state.records import Source
from state.times import instant

_ENOUGH_LOOKS = 5
_FEWER = 0.35
_OLD = timedelta(days=30)
_BACK = timedelta(days=3)
_AHEAD = timedelta(days=2)
_FLOOD = 10
_FLOOD_LEAST = 40
_MOST = 0.8
_PARTS = {"titled": "title", "dated": "date"}


def empty(case: Case) -> Complaint | None:
    """Complain of a listing in which nothing is found any more.

    Where little is known of before, as in the first days of a source, nothing must have been found for all the longer.
    """
    looks = case.vitals.looks
    nothing = list(takewhile(lambda look: not look.shown, reversed(looks)))
    before = [look for look in looks[: len(looks) - len(nothing)] if not look.ill]
    in_a_row = sum(look.times for look in nothing)
    if in_a_row < FRESH or sum(look.times for look in looks) < _ENOUGH_LOOKS + FRESH:
        return None
    usual = median(look.shown for look in before) if before else 0
    if usual < 1:
        return None
    return Complaint(
        "nothing is found in it any more" + _selector(case.source),
        f"usually {usual:.0f} items, now none, {in_a_row} looks in a row",
    )


def drifted(case: Case) -> Complaint | None:
    """Complain of a listing of which much less is found than usual, or without titles or dates that it had."""
    before, latest = _split(case.vitals.looks)
    if not latest or not all(look.shown for look in latest):
        return None
    usual = median(look.shown for look in before)
    shown = max(look.shown for look in latest)
    if case.source.kind in {"listing", "json"} and usual >= 5 and shown < _FEWER * usual:
        return Complaint(
            "much less is found in it than usual" + _selector(case.source),
            f"usually {usual:.0f} items, now {shown}",
        )
    for name in ("titled", "dated"):
        had = min((getattr(look, name) / look.shown for look in before if look.shown), default=0.0)
        has = max(getattr(look, name) / look.shown for look in latest)
        if had >= _MOST and has <= 1 - _MOST:
            return Complaint(
                f"its items no longer have a {_PARTS[name]}" + _selector(case.source),
                f"before {had:.0%} of them had one, now {has:.0%}",
            )
    return None


def stale(case: Case) -> Complaint | None:
    """Complain of a source whose new items are all old, as old as they were when it showed them."""
    brought = [look for look in case.vitals.looks if look.new and look.newest_new and look.at]
    before, latest = brought[:-FRESH], brought[-FRESH:]
    if not before or min(map(_age, latest)) < _OLD or min(map(_age, before)) > 3 * _OLD:
        return None
    return Complaint(
        "what it shows as new is old; an archive was probably put in the place of its news",
        f"the newest of its latest items is of {latest[-1].newest_new}",
    )


def backwards(case: Case) -> Complaint | None:
    """Complain of a source whose newest item is older than it was before."""
    before, latest = _split(case.vitals.looks)
    times = [
        instant(look.newest) for look in before if look.newest and instant(look.newest) < case.now + _AHEAD
    ]
    seen = [instant(look.newest) for look in latest if look.newest]
    if len(times) < _ENOUGH_LOOKS or not seen or len(seen) < len(latest) or max(seen) > max(times) - _BACK:
        return None
    return Complaint(
        "its dates run backwards; it shows an old copy of itself, or its newest items were taken down",
        f"its newest item was of {max(times):%Y-%m-%d}, now it is of {max(seen):%Y-%m-%d}",
    )


def ahead(case: Case) -> Complaint | None:
    """Complain of a source that dates its items in the future."""
    before, latest = _split(case.vitals.looks)
    late = case.now + _AHEAD
    seen = [look.newest for look in latest if look.newest]
    if not seen or len(seen) < len(latest) or not all(instant(newest) > late for newest in seen):
        return None
    if any(look.newest and instant(look.newest) > late for look in before):
        return None
    return Complaint(
        "it dates items in the future; its server's clock is off", f"its newest item is of {seen[-1]}"
    )


def login(case: Case) -> Complaint | None:
    """Complain of a source that sends us to a login."""
    before, latest = _split(case.vitals.looks)
    if not latest or not all(look.login for look in latest) or any(look.login for look in before):
        return None
    return Complaint(CAUSES["login"], "its address redirects to a login")


def elsewhere(case: Case) -> Complaint | None:
    """Complain of a listing whose links lead to other hosts than before."""
    before, latest = _split(case.vitals.looks)
    if not latest or not all(look.shown for look in latest):
        return None
    had = max((look.elsewhere / look.shown for look in before if look.shown), default=1.0)
    has = min(look.elsewhere / look.shown for look in latest)
    if had > 1 - _MOST or has < _MOST:
        return None
    return Complaint(
        "its links lead to another host now; it was taken over, or moved",
        f"{has:.0%} of its items, before {had:.0%}",
    )


def flood(case: Case) -> Complaint | None:
    """Complain of a source that suddenly calls everything new."""
    looks = case.vitals.looks
    if len(looks) <= _ENOUGH_LOOKS:
        return None
    # The first look is first contact, at which everything is new.
    usual = max((look.new for look in looks[1:-1]), default=0)
    latest = looks[-1]
    if latest.new < max(_FLOOD_LEAST, _FLOOD * usual) or latest.new < _MOST * latest.shown:
        return None
    return Complaint(
        "it suddenly shows everything as new; its addresses were probably changed",
        f"{latest.new} new items at one look, before {usual} at most",
    )


def _split(looks: Sequence[Look]) -> tuple[Sequence[Look], Sequence[Look]]:
    """Give the looks of before and the latest ones; no latest ones where too few are known to tell what is usual.

    A page that showed the same five times has shown five times what is usual for it.
    """
    fresh = latest_of(looks)
    before, latest = looks[:-fresh], looks[-fresh:]
    return (before, latest) if sum(look.times for look in before) >= _ENOUGH_LOOKS else (before, ())


def _age(look: Look) -> timedelta:
    """Give how old the newest of its new items was at a look."""
    return instant(look.at or "") - instant(look.newest_new or "")


def _selector(source: Source) -> str:
    return "; the page was probably rebuilt" if source.kind in {"listing", "json"} else ""
