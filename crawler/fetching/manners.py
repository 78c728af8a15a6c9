"""Hold what every request of the process shares: pace, robots verdicts, identity, blocked hosts, the guard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from crawler.fetching.browser import Browser
from crawler.fetching.connections import Connections
from crawler.fetching.guard import GuardedResolver
from crawler.fetching.pace import Pace
from crawler.fetching.robots import RobotsMemory

AGENT = "yuewatch"
"""The product token that robots.txt is asked about."""


def _ignore(host: str, until: datetime, reason: str) -> None:
    """Keep a hold in memory only."""


def _ignore_delay(site: str, seconds: float | None) -> None:
    """Keep a Crawl-delay in memory only."""


@dataclass(frozen=True, slots=True)
class Manners:
    """Share one behaviour among all crawls; spiders carry it, the middlewares and the download handler read it.

    `on_hold` is told when a host asks for patience, `on_crawl_delay` for which Crawl-delay a site (`https://gd.example`)
    asks, if any, each time that its robots.txt was read.
    """

    pace: Pace
    agent: str = AGENT
    guard: GuardedResolver | None = None
    robots: RobotsMemory = field(default_factory=RobotsMemory)
    on_hold: Callable[[str, datetime, str], None] = _ignore
    on_crawl_delay: Callable[[str, float | None], None] = _ignore_delay
    connections: Connections = field(default_factory=Connections)
    browser: Browser = field(default_factory=Browser)
