"""Judge the signs of a source: one pure function for each thing that can be wrong, and what it says in words.

A source is measured by itself: by its own looks, pages and silences of before. What it never did usually is no fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from crawler.health.signs import LATEST_READS
from state.health import Finding, Look, Read, Vitals
from state.records import Source
from state.sources import SourceState
from state.times import instant

HOUR = timedelta(hours=1)
_ENOUGH_LOOKS = 5
_FRESH = 2
"""Looks in a row that must show a fault of a listing: one may be an accident."""
_USUAL_READS = 8
_OF_FEW = 3
_SHORTER = 0.35
_FEWER = 0.35
_WEEKS_KNOWN = 2
_TOO_QUIET = 1.9
_UNKNOWN_SILENCE = 10.0
_FAILURES = 3
_OLD = timedelta(days=30)
_BACK = timedelta(days=3)
_AHEAD = timedelta(days=2)
_FLOOD = 10
_FLOOD_LEAST = 40
_MOST = 0.8
_MAINLY = 2 / 3


@dataclass(frozen=True, slots=True)
class Case:
    """Hold all that a contract judges: the source, what is remembered of it, its signs, and what it should bring.

    `expected` gives how many items its rhythm promises for the time since its last news.
    """

    source: Source
    state: SourceState
    vitals: Vitals
    expected: Callable[[], float]
    now: datetime


@dataclass(frozen=True, slots=True)
class Complaint:
    """Say what is wrong, and by what it was seen."""

    reason: str
    evidence: str


Contract = Callable[[Case], Complaint | None]


def failing(case: Case) -> Complaint | None:
    """Complain of a source that cannot be had, or answers with what it should not."""
    state = case.state
    if state.failures < _FAILURES or case.vitals.grade in {None, "blocked"}:
        return None
    reached = state.last_success
    if reached is not None and case.now - reached < min(2 * case.source.every, HOUR):
        return None
    cause = CAUSES.get(case.vitals.grade or "other", CAUSES["other"])
    since = f"since {reached:%Y-%m-%d %H:%M} UTC" if reached else "ever"
    return Complaint(
        f"it could not be read {since}: {cause}", f"{state.failures} failures in a row; {state.last_error}"
    )


CAUSES = {
    "dns": "its name does not resolve; the site may have moved or its domain may have run out",
    "connect": "nothing answers at its address; its server is down or keeps us out",
    "route": "no route leads to its server",
    "tls": "its certificate is not valid; the site has probably let it run out",
    "timeout": "its answers do not come in time; its server is overloaded or slows us down",
    "gone": "its address is gone; the site was probably rebuilt. Look for the new one with `yuewatch sources probe`",
    "forbidden": "it refuses us; it may have begun to keep crawlers out",
    "busy": "it asks for fewer requests; raise `every`, or `fetching.delay`",
    "server": "its server is broken; that usually passes",
    "unreadable": "what comes is not what it used to be, such as a page in place of a feed; it was probably rebuilt",
    "login": "it leads to a login; it is no longer public, or wants cookies",
    "robots": "its robots.txt keeps us out",
    "address": "it leads to an address that is not public",
    "body": "its answer is too large or damaged",
    "other": "see the last error",
}


def quiet(case: Case) -> Complaint | None:
    """Complain of a source without news for twice as long as is usual for it."""
    since = case.vitals.quiet_since
    if since is None or case.vitals.grade is not None:
        return None
    hours = (case.now - instant(since)) / HOUR
    longest = sorted(case.vitals.longest.values())
    if len(longest) > _WEEKS_KNOWN:
        # The second longest: one long holiday must not make all later silences usual.
        usual = longest[-2]
        if hours <= _TOO_QUIET * usual or hours < 2 * (case.source.every / HOUR):
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


def empty(case: Case) -> Complaint | None:
    """Complain of a listing in which nothing is found any more."""
    before, latest = _split(case.vitals.looks)
    if not latest or any(look.shown for look in latest) or median(look.shown for look in before) < 1:
        return None
    return Complaint(
        "nothing is found in it any more" + _selector(case.source),
        f"usually {median(look.shown for look in before):.0f} items, now none, {len(latest)} looks in a row",
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
        had = min(getattr(look, name) / look.shown for look in before if look.shown)
        has = max(getattr(look, name) / look.shown for look in latest)
        if had >= _MOST and has <= 1 - _MOST:
            return Complaint(
                f"its items no longer have a {_PARTS[name]}" + _selector(case.source),
                f"before {had:.0%} of them had one, now {has:.0%}",
            )
    return None


_PARTS = {"titled": "title", "dated": "date"}


def stale(case: Case) -> Complaint | None:
    """Complain of a source whose new items are all old."""
    latest = [look for look in case.vitals.looks if look.new and look.newest_new][-_FRESH:]
    before = [look for look in case.vitals.looks if look.new and look.newest_new][:-_FRESH]
    if len(latest) < _FRESH or not before:
        return None
    ages = [case.now - instant(look.newest_new or "") for look in latest]
    if min(ages) < _OLD or case.now - max(instant(look.newest_new or "") for look in before) > 3 * _OLD:
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


def shorter(case: Case) -> Complaint | None:
    """Complain of a source whose articles have become much shorter."""
    before, latest = _texts(case.vitals)
    if not latest:
        return None
    usual, now = median(page.chars for page in before), median(page.chars for page in latest)
    if now >= _SHORTER * usual or max(page.chars for page in latest) >= usual:
        return None
    return Complaint(
        "its articles have become much shorter; it may show only their beginning now, or be read wrongly since a redesign",
        f"usually {usual:.0f} characters, now {now:.0f}",
    )


def other_language(case: Case) -> Complaint | None:
    """Complain of a source that changed its language."""
    before, latest = _texts(case.vitals)
    if not latest:
        return None
    used = Counter(page.lang for page in before if page.lang)
    now = Counter(page.lang for page in latest if page.lang)
    if not used or not now:
        return None
    (lang, most), (other, many) = used.most_common(1)[0], now.most_common(1)[0]
    if most < _MAINLY * len(before) or many < _MOST * len(latest) or other == lang:
        return None
    return Complaint(
        "its language has changed; another edition has probably taken over its address",
        f"before {most} of {len(before)} pages in {lang}, now {many} of {len(latest)} in {other}",
    )


def unreadable(case: Case) -> Complaint | None:
    """Complain of a source whose pages can no longer be read."""
    reads, fresh = case.vitals.reads, _latest(case.vitals)
    latest, before = reads[-fresh:], reads[:-fresh]
    if len(before) < _USUAL_READS or sum(page.error is not None for page in before) > len(before) / 3:
        return None
    broken = [page.error or "" for page in latest if page.error is not None]
    if len(broken) < _MOST * fresh:
        return None
    login = any("log" in error.lower() and "in" in error.lower() for error in broken)
    cause = (
        "they want a login now"
        if login
        else "the site was probably rebuilt, or shows a barrier in their place"
    )
    return Complaint(
        f"its pages can no longer be read; {cause}", f"{len(broken)} of the last {len(latest)}: {broken[-1]}"
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


CONTRACTS: dict[str, Contract] = {
    "failing": failing,
    "quiet": quiet,
    "empty": empty,
    "drifted": drifted,
    "stale": stale,
    "backwards": backwards,
    "ahead": ahead,
    "shorter": shorter,
    "other language": other_language,
    "unreadable": unreadable,
    "login": login,
    "elsewhere": elsewhere,
    "flood": flood,
}


def examine(case: Case) -> Iterator[Finding]:
    """Give what is wrong with a source now."""
    for kind, contract in CONTRACTS.items():
        complaint = contract(case)
        if complaint is not None:
            yield Finding(case.source.id, kind, complaint.reason, complaint.evidence, case.now)


def _split(looks: Sequence[Look]) -> tuple[Sequence[Look], Sequence[Look]]:
    """Give the looks of before and the latest ones; no latest ones where too few are known to tell what is usual."""
    fresh = 1 if looks and looks[-1].times >= _FRESH else _FRESH
    before, latest = looks[:-fresh], looks[-fresh:]
    return (before, latest) if len(before) >= _ENOUGH_LOOKS else (before, ())


def _texts(vitals: Vitals) -> tuple[Sequence[Read], Sequence[Read]]:
    pages = [page for page in vitals.reads if page.error is None]
    fresh = _latest(vitals)
    before, latest = pages[:-fresh], pages[-fresh:]
    return (before, latest) if len(before) >= _USUAL_READS else (before, ())


def _latest(vitals: Vitals) -> int:
    """Give how many pages are enough to judge by: five, or three of a source that has fewer than one a day."""
    new = sum(day.new for day in vitals.days.values())
    return LATEST_READS if new >= len(vitals.days) else _OF_FEW


def _selector(source: Source) -> str:
    if source.kind not in {"listing", "json"}:
        return ""
    return (
        f"; the page was probably rebuilt. `yuewatch sources probe {source.url}` proposes a new description"
    )


def _span(hours: float) -> str:
    return (
        f"{hours / 24:.0f} days"
        if hours >= 48
        else f"{hours:.0f} hours"
        if hours >= 2
        else f"{60 * hours:.0f} minutes"
    )
