"""Find the hub that a feed offers: WebSub (W3C Recommendation of 23 January 2018), section 4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Hub:
    """Name the hub that tells of a feed's news, and the topic it knows the feed by."""

    url: str
    topic: str


def hub_of(header: str | None, links: Iterable[Mapping[str, object]], base: str) -> Hub | None:
    """Give the first hub and the topic that an answer's `Link` header names, or else the feed itself.

    Args:
        header: The header's value.
        links: The feed's own links, each with `rel` and `href`.
        base: The address that relative links refer to.
    """
    for named in (_in_header(header) if header else [], list(links)):
        hub, topic = _first(named, "hub", base), _first(named, "self", base)
        if hub and topic:
            return Hub(hub, topic)
    return None


def _in_header(header: str) -> list[Mapping[str, object]]:
    from requests.utils import parse_header_links  # noqa: PLC0415 - verbs that show a list must not wait for requests

    return [{"rel": link.get("rel"), "href": link.get("url")} for link in parse_header_links(header)]


def _first(links: Iterable[Mapping[str, object]], rel: str, base: str) -> str | None:
    for link in links:
        if rel in str(link.get("rel") or "").lower().split() and link.get("href"):
            try:
                url = urljoin(base, str(link["href"]).strip())
                usable = urlsplit(url).scheme in {"http", "https"} and bool(urlsplit(url).hostname)
            except ValueError:
                continue
            if usable and url.isascii() and url.isprintable() and " " not in url and len(url) <= _LONGEST:
                return url
    return None
