"""Read the date in an article's address, which no template and no later edit changes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from urllib.parse import urlsplit

from crawler.reading.dates.moment import Moment, build, of_instant

_YEAR = r"(?P<year>(?:19|20)\d{2})"
_MONTH = r"(?P<month>0[1-9]|1[0-2])"
_DAY = r"(?P<day>0[1-9]|[12]\d|3[01])"
_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!\d){_YEAR}/{_MONTH}[/-]?{_DAY}(?!\d)",
        rf"(?<!\d){_YEAR}-{_MONTH}[-/]{_DAY}(?!\d)",
        rf"(?<!\d){_YEAR}_{_MONTH}_{_DAY}(?!\d)",
        rf"(?<![\da-z])t?{_YEAR}{_MONTH}/?{_DAY}(?=[/_.-]|$)",
        rf"/{_YEAR}{_MONTH}/t{_YEAR.replace('year', 'year2')}{_MONTH.replace('month', 'month2')}{_DAY}_",
        rf"(?<!\d){_YEAR}/(?P<month>[1-9]|1[0-2])/(?P<day>[1-9]|[12]\d|3[01])(?=/|$)",
    )
)
# The English editions of a state CMS put the Unix time of creation, in hexadecimal, first in the id.
_WS_ID = re.compile(r"/(?:WS|a)(?P<hex>[45-7][0-9a-f]{7})a[0-9a-f]{15,16}(?:[._/]|$)", re.IGNORECASE)


def read_url_date(url: str, zone: tzinfo) -> Moment | None:
    """Read the date in the path of `url`, None where there is none or it could be an id."""
    path = urlsplit(url).path
    found = _WS_ID.search(path)
    if found:
        return of_instant(
            datetime.fromtimestamp(int(found["hex"], 16), tz=UTC).astimezone(zone),
            "second",
            found[0].strip("/._"),
        )
    for form in _FORMS:
        match = form.search(path)
        if match:
            day = (int(match["year"]), int(match["month"]), int(match["day"]))
            moment = build(day, None, "day", zone, match[0].strip("/"))
            if moment is not None and moment.day.year >= 1995:
                return moment
    return None
