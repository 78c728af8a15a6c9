"""Judge the pages of a source: how long they are, in which language, and whether they can be read at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from crawler.health.case import Case, Complaint
from crawler.health.signs import LATEST_READS
from state.health import Read, Vitals

_USUAL_READS = 8
_OF_FEW = 3
_SHORTER = 0.35
_MOST = 0.8
_MAINLY = 2 / 3


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
    broken = [page for page in latest if page.error is not None]
    if len(broken) < _MOST * fresh:
        return None
    login = any(page.grade == "login" for page in broken)
    cause = (
        "they want a login now"
        if login
        else "the site was probably rebuilt, or shows a barrier in their place"
    )
    return Complaint(
        f"its pages can no longer be read; {cause}",
        f"{len(broken)} of the last {len(latest)}: {broken[-1].error}",
    )


def _texts(vitals: Vitals) -> tuple[Sequence[Read], Sequence[Read]]:
    pages = [page for page in vitals.reads if page.error is None]
    fresh = _latest(vitals)
    before, latest = pages[:-fresh], pages[-fresh:]
    return (before, latest) if len(before) >= _USUAL_READS else (before, ())


def _latest(vitals: Vitals) -> int:
    """Give how many pages are enough to judge by: five, or three of a source that has fewer than one a day."""
    new = sum(day.new for day in vitals.days.values())
    return LATEST_READS if new >= len(vitals.days) else _OF_FEW
