"""Keep the signs of a source up to date: pure functions from signs and one event to signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from urllib.parse import urlsplit

import re2

from crawler.leads.dates import instant
from crawler.leads.leads import Leads
from state.health import Day, Look, Read, Vitals
from state.records import Lead, Source, host_of
from state.times import instant as time_of
from state.times import stamp

FRESH = 2
"""Looks in a row that must show a fault of a listing: one may be an accident."""
_LOOKS = 30
_READS = 120
_WEEKS = 8
LATEST_READS = 5
"""Pages that are compared with those before."""
_DAYS = 30
_LOGIN = re2.compile(
    r"(?i)(?:^|[/._=?&-])(?:log-?in|sign-?in|sso|cas|passport|auth(?:enticate)?)(?:$|[/._=?&-])"
)


def looked(vitals: Vitals, now: datetime, look: Look | None, *, frozen: bool = False) -> Vitals:
    """Add a good look, None where the source was unchanged.

    While something is wrong the signs are `frozen`: the latest are replaced, and what was usual before stays known.
    """
    new = look.new if look is not None else 0
    vitals = _counted(vitals, now, new=new)
    longest = dict(vitals.longest)
    news = new > 0 or _moved(vitals.looks, look)
    if news and vitals.quiet_since is not None:
        week = _week(now)
        hours = (now - time_of(vitals.quiet_since)) / timedelta(hours=1)
        longest[week] = max(longest.get(week, 0.0), round(hours, 3))
    known = sorted(longest)[-_WEEKS:]
    return replace(
        vitals,
        looks=_with(vitals.looks, look and replace(look, at=stamp(now)), frozen=frozen),
        longest={week: longest[week] for week in known},
        quiet_since=stamp(now) if news or vitals.quiet_since is None else vitals.quiet_since,
        grade=None,
    )


def failed(vitals: Vitals, now: datetime, grade: str) -> Vitals:
    """Add a failed look."""
    return replace(_counted(vitals, now, failures=1), grade=grade)


def read(vitals: Vitals, page: Read, *, frozen: bool = False) -> Vitals:
    """Add a page that was read, or could not be; while `frozen`, in place of one of the latest."""
    before, latest = vitals.reads[:-LATEST_READS], vitals.reads[-LATEST_READS:]
    reads = (*before, *latest[1:], page) if frozen else (*vitals.reads, page)
    return replace(vitals, reads=reads[-_READS:])


def latest(looks: Sequence[Look]) -> int:
    """Count the looks at the end that are judged by those before.

    While a fault stands these are the ones that show it; else two in a row, or one that showed the same twice.
    """
    ill = sum(1 for _ in takewhile(lambda look: look.ill, reversed(looks)))
    return ill or (1 if looks and looks[-1].times >= FRESH else FRESH)


def _moved(before: Sequence[Look], look: Look | None) -> bool:
    """Tell whether a look shows something later than all before: news, also where another source had it first."""
    known = [one.newest for one in before if one.newest]
    return look is not None and look.newest is not None and bool(known) and look.newest > max(known)


def _with(looks: tuple[Look, ...], look: Look | None, *, frozen: bool) -> tuple[Look, ...]:
    if look is None:
        return (*looks[:-1], replace(looks[-1], times=looks[-1].times + 1)) if looks else looks
    if frozen and len(looks) > 1:
        # None of the fault may get among what is usual, however long it lasts.
        fault = (*looks[-latest(looks) :], look)[-FRESH:]
        return (*looks[: -latest(looks)], *(replace(one, ill=True) for one in fault))
    if looks and looks[-1].ill:
        # The fault is over: the last of its looks was the first good one.
        looks = (*looks[: -latest(looks)], replace(looks[-1], ill=False))
    return (*looks, look)[-_LOOKS:]


def look_of(source: Source, found: Leads, new: list[Lead], final_url: str) -> Look:
    """Sum up what a listing showed."""
    return Look(
        shown=len(found.items),
        new=len(new),
        titled=sum(lead.title is not None for lead in found.items),
        dated=sum(lead.published is not None for lead in found.items),
        elsewhere=sum(_host(lead.url) != source.host for lead in found.items),
        newest=_latest(found.items, source.zone),
        newest_new=_latest(new, source.zone),
        login=final_url != source.url and looks_like_login(final_url),
    )


def looks_like_login(url: str) -> bool:
    """Tell whether an address is that of a login by its words."""
    parts = urlsplit(url)
    return _LOGIN.search(f"{parts.netloc.split('.')[0]}/{parts.path}?{parts.query}"[:2000]) is not None


def _latest(items: tuple[Lead, ...] | list[Lead], zone: str) -> str | None:
    times = [moment for lead in items if (moment := instant(lead.published, zone)) is not None]
    return stamp(max(times)) if times else None


def _host(url: str) -> str:
    try:
        return host_of(url)
    except ValueError:
        return ""


def _counted(vitals: Vitals, now: datetime, *, failures: int = 0, new: int = 0) -> Vitals:
    today = now.date().isoformat()
    day = vitals.days.get(today, Day())
    days = {**vitals.days, today: Day(day.polls + 1, day.failures + failures, day.new + new)}
    return replace(vitals, days={name: days[name] for name in sorted(days)[-_DAYS:]})


def _week(now: datetime) -> str:
    year, week, _ = now.isocalendar()
    return f"{year}-W{week:02}"
