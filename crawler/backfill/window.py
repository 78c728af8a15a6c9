"""Say which days a backfill is about, and whether a link or an article belongs to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.leads.dates import instant
from crawler.reading.dates.url import read_url_date
from state.records import Article, Lead, Source

_EARLIEST = date(1995, 1, 1)
"""The web had no news before; an older date is a mistake."""


@dataclass(frozen=True, slots=True)
class Window:
    """Hold the first and the last day, both included, as the calendar of each source's zone has them."""

    since: date
    until: date

    def day_of(self, lead: Lead, source: Source) -> date | None:
        """Give the day a link speaks of: the one in its address, else the one its listing gives; None for nonsense."""
        named = url_day(lead.url, source.zone)
        if named is not None:
            return named
        moment = instant(lead.published, source.zone)
        return None if moment is None else _sane(moment.astimezone(ZoneInfo(source.zone)).date())

    def may_hold(self, lead: Lead, source: Source, *, changed: bool) -> bool:
        """Tell whether a link may lead to an article of these days; undated ones may.

        `changed` tells that the listing dates the last change, as sitemaps do: news is never younger than that.
        """
        day = self.day_of(lead, source)
        if day is None:
            return True
        if changed and url_day(lead.url, source.zone) is None:
            return day >= self.since
        return self.since <= day <= self.until

    def refusal(self, article: Article, captured: datetime | None) -> str | None:
        """Say why an article that was read does not belong here, None where it does or bears no date."""
        published = article.published.value
        if published is not None:
            if str(self.since) <= published[:10] <= str(self.until):
                return None
            return f"it was published on {published[:10]}, outside {self.since} to {self.until}"
        if captured is not None and captured.date() < self.since:
            return f"it bears no date, and its copy of {captured.date()} is older than {self.since}"
        return None


def url_day(url: str, zone: str) -> date | None:
    """Give the day in an address, None where there is none or it is nonsense."""
    moment = read_url_date(url, ZoneInfo(zone))
    return None if moment is None else _sane(moment.day)


def _sane(day: date) -> date | None:
    return day if _EARLIEST <= day <= datetime.now(UTC).date() + timedelta(days=2) else None
