"""Read from a page where its site keeps its news: feeds, sitemaps, interfaces, sections, and the page's own list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from crawler.leads.address import absolute
from crawler.leads.json_listing import script_text
from crawler.leads.listing import parse_page
from crawler.leads.markup import plain
from crawler.probing.blocks import Block, blocks_of
from crawler.probing.json_lists import json_options
from crawler.reading.charset import decode
from state.records import host_of

_FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"}
)
_FEED_WORDS = re.compile(r"(?:rss|atom|feed|xml|rss\s*feed|订阅|rss订阅|subscribe\s+\(rss\))", re.IGNORECASE)
_FEED_PATH = re.compile(r"(?:/|=|\.|_|-)(?:rss|feed|atom)(?:[/._-]?(?:\d+|all|news|index|en|zh))?(?:\.(?:xml|json|php|aspx?|rdf))?/?$|\.(?:rss|atom|rdf)$", re.IGNORECASE)  # fmt: skip
_COMMENTS = re.compile(r"comment|评论", re.IGNORECASE)
_MAP = re.compile(r"sitemap[\w-]*\.(?:xml|txt)(?:\.gz)?$", re.IGNORECASE)
_INTERFACE = re.compile(
    r"""["'`]((?:https?://|/|\./)?[\w./%:-]{0,200}(?:/api/|/json/|\.json\b)[^"'`\s<>${}]{0,300})["'`]"""
)
_NO_NEWS = re.compile(r"manifest|package\.json|config|opensearch|wp-json|locale|i18n|swagger|login|user|schema", re.IGNORECASE)  # fmt: skip
_SECTIONS = (
    re.compile(
        r"news(?:room)?|latest(?: news)?|all news|press(?: releases?| room| center| centre)?|news releases?",
        re.IGNORECASE,
    ),
    re.compile(
        r"新闻(?:中心|动态|资讯|发布)?|要闻(?:动态)?|动态(?:要闻)?|最新(?:资讯|消息|动态)?|资讯(?:中心)?"
    ),
    re.compile(
        r"通知公告|公告(?:公示)?|政策(?:文件|法规)?|工作动态|政务公开|公司(?:新闻|动态)|媒体(?:中心|报道)"
    ),
    re.compile(r"media(?: center| centre)?|announcements?|updates?|blog|stories|insights", re.IGNORECASE),
)
_MOST_TEXT = 2_000_000
_MOST = 6


@dataclass(frozen=True, slots=True)
class Clues:
    """Hold what a page tells about its site. Addresses are absolute; `embedded` are options of kind `json`."""

    title: str | None
    lang: str | None
    feeds: tuple[str, ...]
    maps: tuple[str, ...]
    interfaces: tuple[str, ...]
    sections: tuple[str, ...]
    blocks: tuple[Block, ...]
    embedded: tuple[Mapping[str, Any], ...]
    links: tuple[str, ...]
    asks_login: bool


def read_clues(body: bytes, url: str, headers: Mapping[str, str]) -> Clues | None:
    """Read a page's clues; None where it is no HTML page. Pure, to run in a worker."""
    text = decode(body, headers, None).text
    page = parse_page(text)
    if page is None:
        return None
    links = tuple(dict.fromkeys(_links(page, url)))
    declared = (page.get("lang") or "").strip()
    return Clues(
        title=plain(str(page.xpath("string(//title)")), 120),
        lang=declared[:35] or None,
        feeds=_first(_feeds(page, url)),
        maps=_first(link for link in links if _MAP.search(urlsplit(link).path)),
        interfaces=_first(_interfaces(page, url)),
        sections=_first(_sections(page, url)),
        blocks=tuple(blocks_of(page, url)),
        embedded=tuple(_embedded(page, url, links)),
        links=links,
        asks_login=bool(page.xpath("//input[@type='password']")),
    )


def list_clues(
    body: bytes, url: str, headers: Mapping[str, str], page: str, links: Sequence[str]
) -> list[dict[str, Any]]:
    """Read an answer of an interface as JSON, and give options that find the news in it. Pure, to run in a worker."""
    try:
        answer = json.loads(decode(body, headers, None).text.strip("\ufeff \t\r\n"))
    except (ValueError, RecursionError):
        return []
    return json_options(answer, page or url, links)


def _first(found: Iterator[str]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(found), _MOST))


def _links(page: Any, url: str) -> Iterator[str]:
    for anchor in islice(page.iter("a"), 3000):
        link = absolute(url, anchor.get("href") or "")
        if link is not None:
            yield link


def _feeds(page: Any, url: str) -> Iterator[str]:
    """Give the feeds a page declares in its head, then those it only links to."""
    for link in page.xpath("//link[@href]"):
        declared = (link.get("type") or "").split(";")[0].strip().lower()
        rel = (link.get("rel") or "").lower().split()
        if "alternate" in rel and declared in _FEED_TYPES and not _COMMENTS.search(_told(link)):
            yield from _usable(url, link.get("href"))
    for anchor in islice(page.iter("a"), 3000):
        href, words = anchor.get("href") or "", " ".join(str(anchor.text_content()).split())
        if (_FEED_WORDS.fullmatch(words) or _FEED_PATH.search(href)) and not _COMMENTS.search(href):
            yield from _usable(url, href)


def _told(link: Any) -> str:
    return f"{link.get('title') or ''} {link.get('href') or ''}"


def _usable(base: str, href: str | None) -> Iterator[str]:
    link = absolute(base, href or "")
    if link is not None and link != base:
        yield link


def _interfaces(page: Any, url: str) -> Iterator[str]:
    """Give the addresses of JSON that a page's scripts and attributes name on its own site."""
    texts = [(script.text or "")[:_MOST_TEXT] for script in page.iter("script") if not script.get("src")]
    texts += [f'"{value}"' for value in islice(page.xpath("//@*[starts-with(name(), 'data-')]"), 2000)]
    for text in texts:
        for found in _INTERFACE.finditer(text):
            link = absolute(url, found[1].replace("\\/", "/"))
            if link is not None and _same_site(link, url) and not _NO_NEWS.search(link):
                yield link


def _sections(page: Any, url: str) -> Iterator[str]:
    """Give the pages of the site whose names promise news, the plainest names first."""
    anchors = [
        (" ".join(str(anchor.text_content()).split()), anchor.get("href") or "")
        for anchor in islice(page.iter("a"), 3000)
    ]
    for words in _SECTIONS:
        for text, href in anchors:
            link = absolute(url, href)
            if (
                link
                and words.fullmatch(text)
                and _same_site(link, url)
                and link.rstrip("/") != url.rstrip("/")
            ):
                yield link.partition("#")[0]


def _same_site(link: str, url: str) -> bool:
    """Tell whether two addresses belong to one site: one host, or one a part of the other."""
    try:
        one, other = host_of(link).removeprefix("www."), host_of(url).removeprefix("www.")
    except ValueError:
        return False
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _embedded(page: Any, url: str, links: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Describe the lists of news inside JSON that the page brings along, as pages made by scripts do."""
    for script in islice(
        page.xpath("//script[@id and (contains(@type, 'json') or contains(@id, 'DATA'))]"), 3
    ):
        name = script.get("id")
        if not re.fullmatch(r"[A-Za-z_][\w-]{0,60}", name):
            continue
        try:
            answer = json.loads(script_text(script))
        except (ValueError, RecursionError):
            continue
        hrefs = [urljoin(url, link) for link in links]
        for options in json_options(answer, url, hrefs):
            yield {"script": f"script#{name}"} | options
