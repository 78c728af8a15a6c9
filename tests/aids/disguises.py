"""Inside addresses in every disguise, and every entry through which one may come: each is driven as the daemon drives it."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address
from typing import Any

from loopback import Loopback, http
from press import rss, sitemap_index

INSIDE = "127.0.0.3"
_CHILDREN = 8
"""Children of one sitemap index; the spider asks for ten listings of one source at most."""


def disguises(address: str) -> list[str]:
    """Write an IPv4 address in as many ways as programs have been known to read."""
    number = int(IPv4Address(address))
    octets = [(number >> shift) & 255 for shift in (24, 16, 8, 0)]
    ways = (str, hex, lambda octet: f"0{octet:o}", lambda octet: f"0x{octet:04X}")
    forms = [
        ".".join(way(octet) for way, octet in zip(chosen, octets, strict=True))
        for chosen in itertools.product(ways, repeat=4)
    ]
    a, b, c, d = octets
    for way in ways:
        forms += [
            way(number),
            f"{way(a)}.{way(number & 0xFFFFFF)}",
            f"{way(a)}.{way(b)}.{way(number & 0xFFFF)}",
        ]
    hexed = f"{number >> 16:x}:{number & 0xFFFF:x}"
    six = [
        f"::ffff:{address}",
        f"::ffff:{hexed}",
        f"::{address}",
        f"::{hexed}",
        f"64:ff9b::{address}",
        f"64:ff9b::{hexed}",
        f"2002:{hexed}::",
        f"2002:{hexed}::1",
        f"2001::{number >> 16 ^ 0xFFFF:x}:{number & 0xFFFF ^ 0xFFFF:x}",
        f"0:0:0:0:0:ffff:{address}",
        f"0000:0000:0000:0000:0000:FFFF:{hexed.upper()}",
        f"64:ff9b:1::{address}",
    ]
    forms += [form + "." for form in forms]
    forms += [f"[{form}]" for form in six] + [f"[{form.upper()}]" for form in six]
    wide = str.maketrans("0123456789.", "０１２３４５６７８９。")
    forms += [address.translate(wide), f"{a}。{b}。{c}。{d}", f"{a}．{b}．{c}．{d}", f"①②⑦.{b}.{c}.{d}"]
    forms += ["".join(f"%{ord(sign):02x}" for sign in address), f"user@{address}", f"gd.example@{address}"]
    return list(dict.fromkeys(forms))


class Inside:
    """Listen on the inside address, and tell whether anybody came."""

    def __init__(self) -> None:
        self._listener = socket.create_server((INSIDE, 0))
        self._listener.settimeout(0)
        self.port = self._listener.getsockname()[1]

    def visits(self) -> int:
        """Count the connections since the last count."""
        number = 0
        while True:
            try:
                self._listener.accept()[0].close()
            except BlockingIOError:
                return number
            number += 1

    def addresses(self, forms: Sequence[str]) -> list[str]:
        """Give addresses of pages there."""
        return [f"http://{form}:{self.port}/news/1.html" for form in forms]

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()


Fetch = Callable[..., dict[str, Any]]
Entry = Callable[[Fetch, Loopback, list[str]], dict[str, Any]]
"""Bring addresses in through one entry; give what became of each, or of what led there."""


def _page(fetch: Fetch, _: Loopback, urls: list[str]) -> dict[str, Any]:
    return fetch(*urls, allow=())["notes"]


def _source(kind: str) -> Entry:
    def entry(fetch: Fetch, _: Loopback, urls: list[str]) -> dict[str, Any]:
        return fetch(sources=[(kind, url) for url in urls], allow=())["notes"]

    return entry


def _robots(fetch: Fetch, loopback: Loopback, urls: list[str]) -> dict[str, Any]:
    sites = [loopback.site({"/robots.txt": _to(url), "*": http("<p>page")}) for url in urls]
    return fetch(*(f"{site}/1.html" for site in sites))["notes"]


def _redirect(hops: int) -> Entry:
    def entry(fetch: Fetch, loopback: Loopback, urls: list[str]) -> dict[str, Any]:
        pages = {
            f"/{number}/{hop}": _to(url if hop == hops else f"/{number}/{hop + 1}")
            for number, url in enumerate(urls)
            for hop in range(1, hops + 1)
        }
        site = loopback.site(pages)
        return fetch(*(f"{site}/{number}/1" for number in range(len(urls))))["notes"]

    return entry


def _article_link(fetch: Fetch, loopback: Loopback, urls: list[str]) -> dict[str, Any]:
    site = loopback.site({"/feed": rss("", dict.fromkeys(urls, "A headline"))})
    return fetch(sources=[("feed", f"{site}/feed")])["notes"]


def _listing_link(fetch: Fetch, loopback: Loopback, urls: list[str]) -> dict[str, Any]:
    rows = "".join(f'<li><a href="{url}">A headline</a></li>' for url in urls)
    site = loopback.site({"/list": http(f"<!doctype html><ul>{rows}</ul>")})
    return fetch(sources=[("listing", f"{site}/list")])["notes"]


def _sitemap_child(fetch: Fetch, loopback: Loopback, urls: list[str]) -> dict[str, Any]:
    pages = {
        f"/{at}.xml": sitemap_index("", *urls[at : at + _CHILDREN]) for at in range(0, len(urls), _CHILDREN)
    }
    site = loopback.site(pages)
    return fetch(sources=[("sitemap", f"{site}{path}") for path in pages])["notes"]


def _errand(fetch: Fetch, _: Loopback, urls: list[str]) -> dict[str, Any]:
    return fetch(errands=urls, allow=())["notes"]


def _probe(fetch: Fetch, _: Loopback, urls: list[str]) -> dict[str, Any]:
    return fetch(probes=urls, allow=())["notes"]


def _probe_hint(fetch: Fetch, loopback: Loopback, urls: list[str]) -> dict[str, Any]:
    pages = {
        f"/{number}": http(
            f'<!doctype html><title>News</title><link rel="alternate" type="application/rss+xml" href="{url}"><p>News'
        )
        for number, url in enumerate(urls)
    }
    site = loopback.site(pages)
    return fetch(probes=[f"{site}{path}" for path in pages])["notes"]


def _to(url: str) -> bytes:
    return http("", 302, Location=url)


ENTRIES: dict[str, Entry] = {
    "page": _page,
    "robots.txt that redirects": _robots,
    "redirect": _redirect(1),
    "redirect, fifth hop": _redirect(5),
    "feed": _source("feed"),
    "sitemap": _source("sitemap"),
    "listing": _source("listing"),
    "JSON": _source("json"),
    "link in a feed": _article_link,
    "link in a listing": _listing_link,
    "child of a sitemap": _sitemap_child,
    "errand of a backfill": _errand,
    "probe": _probe,
    "hint to a probe": _probe_hint,
}
