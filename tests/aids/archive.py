"""A newspaper with an archive of years on one loopback port, and the web archives that keep copies of it.

It answers as the real ones do: monthly sitemaps under an index (sitemaps.org 0.9), a listing that goes on at
index_2.html, a JSON listing with ?page=2, the index and captures of the Wayback Machine, and Common Crawl's lists
and files of news with byte ranges. All texts are made of syllables, so nothing is anybody's.
"""

import gzip
import json
import random
import re
import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

from town import _words

PER_PAGE = 20


class Article:
    """One article: every seventh is a copy of the one before it under another address, with a line of credit."""

    def __init__(self, number, day):
        self.number = number
        self.day = day
        self.path = f"/news/{day:%Y/%m/%d}/{number}.html"
        original = number - 1 if number % 7 == 3 else number
        words = _words(original, 90)
        self.title = f"Shenzhen unveils {' '.join(words[:4])} robot"
        self.paragraphs = [
            f"Shenzhen today unveiled the {words[4]} robot, which runs an AI model called {words[5]}.",
            *(" ".join(words[start : start + 14]).capitalize() + "." for start in range(6, 90, 14)),
        ]

    def page(self, *, dated=True):
        moment = datetime(self.day.year, self.day.month, self.day.day, 9, tzinfo=UTC)
        meta = f'<meta property="article:published_time" content="{moment.isoformat()}">' if dated else ""
        text = "".join(f"<p>{paragraph}</p>" for paragraph in self.paragraphs)
        frame = (
            "<ul>"
            + "".join(f'<li><a href="/{name}">{name} of the house</a></li>' for name in ("sports", "weather"))
            + "</ul>"
        )
        return (
            f"<html><head><title>{self.title}</title>{meta}</head><body>{frame}<article><h1>{self.title}</h1>{text}</article>"
            "<p>Subscribe to our newsletter to read more of what the house has to say.</p></body></html>"
        ).encode()


def archive_of(first, last, every=timedelta(days=1), gap=None):
    """Write articles at a pace from the first day to the last, none in the gap."""
    days = []
    day = first
    while day <= last:
        if gap is None or not gap[0] <= day <= gap[1]:
            days.append(day)
        day += every
    return [Article(number, day) for number, day in enumerate(days)]


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """Say nothing where a client that was killed hangs up."""


class Newspaper:
    """Serve an archive; `faults` maps paths to what they answer instead: a status, or a function of the request."""

    def __init__(self, articles, *, port=0, latency=0.0):
        self.articles = {article.path: article for article in articles}
        self.newest = sorted(articles, key=lambda article: article.number, reverse=True)
        self.faults = {}
        self.files = {}
        self.asked = Counter()
        self.times = []
        self.latency = latency
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer._get(self)

            def log_message(self, *_):
                pass

        self.server = _Server(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def fetched(self, prefix="/news/"):
        """Give how often each page was asked for."""
        return {path: count for path, count in self.asked.items() if path.startswith(prefix)}

    def _get(self, request):
        with self._lock:
            self.asked[request.path] += 1
            self.times.append((time.monotonic(), request.path))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        if self.latency:
            time.sleep(self.latency)
        # Whoever has read an answer may ask again at once, so this one is over before it is written.
        with self._lock:
            self._at_once -= 1
        self._route(request)

    def _route(self, request):
        parts = urlsplit(request.path)
        fault = self.faults.get(request.path)
        if callable(fault):
            fault = fault(request)
            if fault is None:
                return
        if isinstance(fault, int):
            _answer(request, fault, b"no")
            return
        routes = (
            (r"/robots\.txt", self._robots),
            (r"/sitemap\.xml", self._index),
            (r"/sitemap-(\d{4})-(\d{2})\.xml\.gz", self._month),
            (r"/list/(?:index(?:_(\d+))?\.html)?", self._listing),
            (r"/api/list", self._json),
            (r"/cdx/search/cdx", self._cdx),
            (r"/web/(\d{14})id_/(.+)", self._capture),
            (r"/crawl-data/.+", self._file),
        )
        for pattern, answer in routes:
            found = re.fullmatch(pattern, parts.path)
            if found:
                answer(request, found, parse_qs(parts.query))
                return
        article = self.articles.get(parts.path)
        _answer(request, *((404, b"no") if article is None else (200, article.page())))

    def _robots(self, request, *_):
        _answer(
            request,
            200,
            f"User-agent: *\nAllow: /\nSitemap: {self.base}/sitemap.xml\n".encode(),
            "text/plain",
        )

    def _index(self, request, *_):
        months = {}
        for article in self.newest:
            months.setdefault(f"{article.day:%Y-%m}", article.day)
        entries = "".join(
            f"<sitemap><loc>{self.base}/sitemap-{month}.xml.gz</loc><lastmod>{day}</lastmod></sitemap>"
            for month, day in months.items()
        )
        _answer(
            request,
            200,
            f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'.encode(),
            "application/xml",
        )

    def _month(self, request, found, _):
        entries = "".join(
            f"<url><loc>{self.base}{article.path}</loc><lastmod>{article.day}</lastmod></url>"
            for article in self.newest
            if f"{article.day:%Y}" == found[1] and f"{article.day:%m}" == found[2]
        )
        xml = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
        _answer(request, 200, gzip.compress(xml.encode()), "application/x-gzip")

    def _page(self, number):
        return self.newest[(number - 1) * PER_PAGE : number * PER_PAGE]

    def _listing(self, request, found, _):
        articles = self._page(int(found[1] or 1))
        if not articles:
            _answer(request, 404, b"no")
            return
        rows = "".join(f'<li><a href="{a.path}">{a.title}</a><span>{a.day}</span></li>' for a in articles)
        _answer(request, 200, f"<html><body><ul>{rows}</ul></body></html>".encode())

    def _json(self, request, _, query):
        articles = self._page(int(query.get("page", ["1"])[0]))
        rows = [{"url": self.base + a.path, "title": a.title, "date": str(a.day)} for a in articles]
        _answer(request, 200, json.dumps({"articles": rows}).encode(), "application/json")

    def _cdx(self, request, _, query):
        """Answer as the CDX server's README says: a row of names, an empty row and a key where more is to come."""
        limit = int(query.get("limit", ["150000"])[0])
        after = query.get("resumeKey", [""])[0]
        rows = []
        for article in sorted(self.articles.values(), key=lambda a: a.path):
            stamp = f"{article.day + timedelta(days=2):%Y%m%d}120000"
            if query["from"][0] <= stamp[:8] <= query["to"][0]:
                rows.append([article.path, [stamp, f"{self.base}{article.path}", "text/html", "200", "900"]])
        rows = [row for row in rows if row[0] > after]
        answer = [
            ["timestamp", "original", "mimetype", "statuscode", "length"],
            *(row for _, row in rows[:limit]),
        ]
        if len(rows) > limit:
            answer += [[], [quote_plus(rows[limit - 1][0])]]
        _answer(request, 200, json.dumps(answer if rows else []).encode(), "application/json")

    def _capture(self, request, found, _):
        article = self.articles.get(urlsplit(found[2]).path)
        if article is None:
            _answer(request, 404, b"not archived")
            return
        when = datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        _answer(request, 200, article.page(), memento_datetime=format_datetime(when, usegmt=True))

    def _file(self, request, *_):
        body = self.files.get(request.path)
        if body is None:
            _answer(request, 404, b"no")
            return
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("Range", ""))
        if asked is None:
            _answer(request, 200, body, "application/octet-stream")
            return
        first, last = int(asked[1]), min(int(asked[2]), len(body) - 1)
        if first >= len(body):
            _answer(request, 416, b"", content_range=f"bytes */{len(body)}")
            return
        _answer(
            request,
            206,
            body[first : last + 1],
            "application/octet-stream",
            content_range=f"bytes {first}-{last}/{len(body)}",
        )


def _answer(request, status, body, kind="text/html; charset=utf-8", **headers):
    request.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)


def response_record(url, body, *, when="2025-05-01T00:00:00Z", status="200 OK", kind="text/html", head=""):
    """Write one WARC response record (WARC 1.1), not compressed."""
    http = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{head}\r\n".encode() + body
    lines = [
        "WARC/1.1",
        "WARC-Type: response",
        f"WARC-Target-URI: {url}",
        *([f"WARC-Date: {when}"] if when else []),
        f"WARC-Record-ID: <urn:uuid:{random.Random(url).getrandbits(128):032x}>",
        "Content-Type: application/http; msgtype=response",
        f"Content-Length: {len(http)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + http + b"\r\n\r\n"


def warc_of(paper, articles, *, base=None):
    """Write a WARC of these articles, one gzip member a record, with the request records crawlers keep too."""
    parts = []
    for article in articles:
        url = f"{base or paper.base}{article.path}"
        request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        asked = (
            (
                f"WARC/1.1\r\nWARC-Type: request\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2025-05-01T00:00:00Z\r\n"
                f"WARC-Record-ID: <urn:uuid:{article.number:032x}>\r\nContent-Type: application/http; msgtype=request\r\n"
                f"Content-Length: {len(request)}\r\n\r\n"
            ).encode()
            + request
            + b"\r\n\r\n"
        )
        when = f"{article.day + timedelta(days=1)}T03:00:00Z"
        parts += [gzip.compress(asked), gzip.compress(response_record(url, article.page(), when=when))]
    return b"".join(parts)


def year(number=2025):
    """Give the first and the last day of a year."""
    return date(number, 1, 1), date(number, 12, 31)


__all__ = ["Article", "Newspaper", "archive_of", "quote", "response_record", "warc_of", "year"]
