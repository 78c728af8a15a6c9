"""Live through ten years of digests in zones that change their clocks, over the real state on a clock that is set."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from alerts.routing import route
from alerts.subscription import Subscription
from alerts.timing import Digest, Timing
from state import articles, matches, outbox, stories
from state.records import Article, Evidence, Match, Placement, Story
from state.standing import standing
from state.writer import Writer

from .table import Row

ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
)
HOURS = (time(0), time(2, 30), time(8))
_PACE = timedelta(hours=11)
"""Between two pieces of news: no day is without one."""


def digests(years: int = 10) -> list[Row]:
    """Publish all the time and deliver what is due; every local day must have had exactly one digest."""
    counts: Counter[str] = Counter()
    for zone in ZONES:
        with tempfile.TemporaryDirectory() as folder, Writer(Path(folder) / "state.db") as writer:
            counts += writer.run_now(_live, zone, years)
    found = f"skipped {counts['skipped']}, doubled {counts['doubled']}, of {counts['days']:,}; alerts left out {counts['lost']}"
    return [
        Row(
            f"daily digests over {years} years in 6 zones, at 3 hours of the day",
            "skipped 0, doubled 0",
            found,
        )
    ]


def _live(db: Database, zone: str, years: int) -> Counter[str]:
    """Let years pass in one zone: a digest subscription for each hour, each with a destination of its own."""
    subscriptions = [
        Subscription(
            f"at{hour:%H%M}", destinations=(f"at{hour:%H%M}",), timing=Timing(zone, Digest("daily", hour))
        )
        for hour in HOURS
    ]
    first = datetime(2026, 1, 1, 12, tzinfo=UTC)
    end = first.replace(year=first.year + years)
    delivered: dict[str, list[datetime]] = {one.id: [] for one in subscriptions}
    told: Counter[str] = Counter()
    moment, number = first, 0
    while moment < end:
        number += 1
        _publish(db, number, subscriptions, moment)
        later = moment + _PACE
        for name, at, alerts in _deliver_until(db, later):
            delivered[name].append(at)
            told[name] += alerts
        moment = later
    return sum((_judge(zone, delivered[one.id], number - told[one.id]) for one in subscriptions), Counter())


def _publish(db: Database, number: int, subscriptions: list[Subscription], now: datetime) -> None:
    url, story = f"https://news.example/{number}", f"st_{number}"
    match = Match("rule", "policy", "event", "normal", (Evidence("A plan.", 0, 7),))
    article = Article(url, f"Plan {number}", "A plan.", "en")
    articles.insert(db, article, "live", now)
    stories.place(db, url, Placement(story), now)
    matches.store(db, url, story, (match,), now)
    routed = route(
        article=article,
        source=None,
        story=Story(story, url),
        matches=(match,),
        subscriptions=subscriptions,
        origin="live",
        fresh=True,
        now=now,
        standing=standing(db, now),
    )
    outbox.store(db, routed.alerts, routed.deliveries, now)


def _deliver_until(db: Database, end: datetime):
    """Deliver what falls due before `end`, each at its own time; give destination, time and number of alerts."""
    while due := {at for at in outbox.agenda(db).values() if at < end}:
        at = min(due)
        for delivery in outbox.claim(db, at, timedelta(minutes=1), 10):
            outbox.record(db, outbox.Attempt(delivery.id, at, "delivered"), "delivered", at)
            yield delivery.destination, at, len(delivery.alert_ids)


def _judge(zone: str, delivered: list[datetime], waiting: int) -> Counter[str]:
    """Compare the local days of digests with the calendar; the last one may still wait, with up to three alerts."""
    days = Counter(at.astimezone(ZoneInfo(zone)).date() for at in delivered)
    first, last = min(days), max(days)
    span = (last - first).days + 1
    return Counter(
        days=span,
        skipped=span - len(days),
        doubled=sum(days.values()) - len(days),
        lost=max(0, waiting - 3),
    )
