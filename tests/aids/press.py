"""Write the pages, feeds and sitemaps of made-up newspapers; every text here is our own."""

from __future__ import annotations

import hashlib
import json

from loopback import http

from state.records import Article

_SUBJECTS = ["warehouse", "kitchen", "harbour", "orchard", "clinic", "library", "tram depot", "fish market"]


def story(number: int, *, event: bool = True) -> str:
    """Give the title of article `number`: one that the robots pack alerts on, or one that it leaves alone."""
    subject = _SUBJECTS[number % len(_SUBJECTS)]
    mark = hashlib.sha256(str(number).encode()).hexdigest()[:6]
    if event:
        return f"Shenzhen unveils AI robot {mark} for the {subject}"
    return f"Regatta {mark} ends in calm weather off the {subject}"


def article(number: int, *, url: str = "", event: bool = True) -> Article:
    """Give article `number` as reading gives it, of which no two numbers share a word besides the title's frame."""
    title = story(number, event=event)
    address = url or f"https://gd.example/{number}"
    return Article(address, title, "\n".join(_paragraphs(title)), lang="en", key=address)


def page(title: str, *paragraphs: str, published: str = "", lang: str = "en") -> bytes:
    """Give an article page; without paragraphs, some that no other title has."""
    day = f'<meta property="article:published_time" content="{published}">' if published else ""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs or _paragraphs(title))
    return http(
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{day}</head>'
        f"<body><main><article><h1>{title}</h1>{text}</article></main></body></html>"
    )


def _paragraphs(title: str) -> list[str]:
    """Give paragraphs in which no word is shared with those of another title."""
    digest = hashlib.shake_256(title.encode()).digest(450)
    words = [
        "".join("bdfgklmnprstvzch"[byte >> 4] + "aeiouaeiouaeioua"[byte & 15] for byte in digest[at : at + 3])
        for at in range(0, 450, 3)
    ]
    return [f"{title}.", *(" ".join(words[at : at + 50]).capitalize() + "." for at in (0, 50, 100))]


def rss(site: str, titles: dict[str, str], **headers: str) -> bytes:
    """Give an RSS feed of path → title."""
    items = "".join(
        f"<item><title>{title}</title><link>{site}{path}</link></item>" for path, title in titles.items()
    )
    return http(
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>',
        content_type="application/rss+xml",
        **headers,
    )


def sitemap(site: str, *paths: str, day: str = "") -> bytes:
    """Give a plain sitemap, of pages that were changed on `day`."""
    changed = f"<lastmod>{day}</lastmod>" if day else ""
    urls = "".join(f"<url><loc>{site}{path}</loc>{changed}</url>" for path in paths)
    return http(
        f'<?xml version="1.0" encoding="utf-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>',
        content_type="application/xml",
    )


def sitemap_index(site: str, *paths: str) -> bytes:
    """Give an index of sitemaps."""
    maps = "".join(f"<sitemap><loc>{site}{path}</loc></sitemap>" for path in paths)
    return http(
        f'<?xml version="1.0" encoding="utf-8"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>',
        content_type="application/xml",
    )


def listing(titles: dict[str, str]) -> bytes:
    """Give a listing page of path → title."""
    items = "".join(f'<li><a href="{path}">{title}</a></li>' for path, title in titles.items())
    return http(
        f'<!doctype html><title>News</title><nav><a href="/about">About</a></nav><ul class="news">{items}</ul>'
    )


def json_listing(titles: dict[str, str]) -> bytes:
    """Give a JSON listing of path → title."""
    rows = [{"link": path, "headline": title} for path, title in titles.items()]
    return http(json.dumps({"data": {"rows": rows}}), content_type="application/json")
