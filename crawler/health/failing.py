"""Judge the failures of a source: what it could not be had for, and what that usually means."""

from __future__ import annotations

from datetime import timedelta

from crawler.health.case import Case, Complaint

_HOUR = timedelta(hours=1)
_FAILURES = 3

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


def failing(case: Case) -> Complaint | None:
    """Complain of a source that cannot be had, or answers with what it should not."""
    state = case.state
    if state.failures < _FAILURES or case.vitals.grade in {None, "blocked"}:
        return None
    reached = state.last_success
    if reached is not None and case.now - reached < min(2 * case.source.every, _HOUR):
        return None
    cause = CAUSES.get(case.vitals.grade or "other", CAUSES["other"])
    since = f"since {reached:%Y-%m-%d %H:%M} UTC" if reached else "ever"
    return Complaint(
        f"it could not be read {since}: {cause}", f"{state.failures} failures in a row; {state.last_error}"
    )
