"""Read and remember what each site's robots.txt asks, as RFC 9309 says.

404 and other 4xx allow everything; 429, 5xx and silence forbid everything until asked again; at most 500 KiB are read;
a verdict is kept for at most 24 hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from protego import Protego

MAX_BYTES = 500 * 1024
KEPT = timedelta(hours=24)
KEPT_UNREACHABLE = timedelta(minutes=10)
_FORBID_ALL = "User-agent: *\nDisallow: /\n"


@dataclass(frozen=True, slots=True)
class Robots:
    """Hold one site's rules for us, until when, and how they came about ("200", "404", "unreachable: …")."""

    rules: Protego
    until: datetime
    origin: str

    @property
    def is_unreachable(self) -> bool:
        """Tell whether these are no rules of the site's, but what its silence means."""
        return self.origin.startswith("unreachable")

    def verdict(self, url: str, agent: str) -> str | None:
        """Tell why `url` must not be fetched, or None where it may."""
        if self.rules.can_fetch(url, agent):
            return None
        if self.is_unreachable:
            return f"its robots.txt is {self.origin}, which means no fetching (RFC 9309); asking again later"
        return "its robots.txt forbids it"

    def crawl_delay(self, agent: str) -> float | None:
        """Give the Crawl-delay in seconds that the site asks of us, if any."""
        delay = float(self.rules.crawl_delay(agent) or 0)
        return delay if delay > 0 else None


def read_robots(status: int, body: bytes, now: datetime | None = None) -> Robots:
    """Judge an answer to a request for robots.txt, after redirects."""
    now = now or datetime.now(UTC)
    if status == 429 or status >= 500:
        return unreachable(f"HTTP {status}", now)
    if 400 <= status < 500:
        return Robots(Protego.parse(""), now + KEPT, str(status))
    if 300 <= status < 400:
        # More redirects than we follow: RFC 9309 section 2.3.1.2 lets us treat it as unavailable.
        return Robots(Protego.parse(""), now + KEPT, str(status))
    return Robots(Protego.parse(_readable(body).decode("utf-8-sig", "replace")), now + KEPT, str(status))


def _readable(body: bytes) -> bytes:
    """Give the part of a robots.txt that is read: what lies within the limit, without a line that the limit cuts."""
    if len(body) <= MAX_BYTES:
        return body
    end = max(body.rfind(b"\n", 0, MAX_BYTES), body.rfind(b"\r", 0, MAX_BYTES))
    return body[: end + 1]


def unreachable(why: str, now: datetime | None = None) -> Robots:
    """Give the verdict for a site whose robots.txt cannot be had: nothing may be fetched for now."""
    return Robots(
        Protego.parse(_FORBID_ALL), (now or datetime.now(UTC)) + KEPT_UNREACHABLE, f"unreachable: {why}"
    )


class RobotsMemory:
    """Keep the verdicts of all sites, over all crawls of one process."""

    def __init__(self) -> None:
        self._known: dict[str, Robots] = {}

    def get(self, site: str) -> Robots | None:
        """Give what is known of a site (`scheme://host:port`), unless it is too old."""
        robots = self._known.get(site)
        return robots if robots is not None and robots.until > datetime.now(UTC) else None

    def put(self, site: str, robots: Robots) -> None:
        """Remember a site's verdict, and forget those that are too old to be asked for again."""
        now = datetime.now(UTC)
        self._known = {name: kept for name, kept in self._known.items() if kept.until > now} | {site: robots}
