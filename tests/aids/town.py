"""A little town of sites that never stops publishing, and a receiver that keeps every webhook it ever got."""

import itertools
import json
import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SITES = 3
_SYLLABLES = [
    "ka",
    "lo",
    "mi",
    "ren",
    "ta",
    "vu",
    "shi",
    "bo",
    "ne",
    "dar",
    "pel",
    "ost",
    "ium",
    "gra",
    "fen",
    "wi",
    "zo",
    "qua",
    "lim",
]


def _words(number, count):
    """Make words that no other article has, so that no two articles can be taken for copies."""
    dice = random.Random(number)
    return ["".join(dice.choices(_SYLLABLES, k=3)) for _ in range(count)]


class Town:
    """Serve `SITES` feeds on ports of their own; every article announces something and owes one alert.

    Each feed grows by one article a tick while the town is `open`, up to `most` in all: what a slow machine is too busy to
    look at would scroll out of a shorter feed, and that is not what is tested. The receiver answers 503 to every tenth request
    and counts what it has accepted by webhook-id.
    """

    def __init__(self, tick=0.25, most=10_000):
        self.tick = tick
        self.open = True
        self.most = most
        self.sites = [_Site(number) for number in range(SITES)]
        self.receiver = _Receiver()
        self._clock = threading.Thread(target=self._publish, daemon=True)

    def __enter__(self):
        self._clock.start()
        return self

    def __exit__(self, *_):
        self.open = False
        self._clock.join()
        for server in [*self.sites, self.receiver]:
            server.close()

    def _publish(self):
        for number in itertools.count():
            if not self.open or number >= self.most:
                return
            self.sites[number % SITES].publish(number)
            time.sleep(self.tick)

    @property
    def published(self):
        return {url for site in self.sites for url in site.urls()}


class _Server:
    def __init__(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.get(self)

            def do_POST(self):
                outer.post(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    @staticmethod
    def answer(request, status, body=b"", kind="text/html; charset=utf-8", **headers):
        request.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)


class _Site(_Server):
    def __init__(self, number):
        super().__init__()
        self.number = number
        self.articles = {}
        self.requests = Counter()

    def publish(self, number):
        words = _words(number, 90)
        title = f"Shenzhen unveils {' '.join(words[:4])} robot"
        paragraphs = [
            f"Shenzhen today unveiled the {words[4]} robot, which runs an AI model called {words[5]}.",
            *(" ".join(words[start : start + 14]).capitalize() + "." for start in range(6, 90, 14)),
        ]
        self.articles[f"/news/{number}.html"] = (title, paragraphs, datetime.now(UTC))

    def urls(self):
        return [self.base + path for path in list(self.articles)]

    def get(self, request):
        self.requests[request.path] += 1
        if request.path == "/robots.txt":
            self.answer(request, 404)
        elif request.path == "/feed.xml":
            self._feed(request)
        elif request.path in self.articles:
            self.answer(request, 200, self._page(*self.articles[request.path]))
        else:
            self.answer(request, 404)

    def _feed(self, request):
        # Validators of a second's grain, as real servers have: what a crash may hide must come to light here.
        tag = f'"{len(self.articles)}"'
        if request.headers.get("If-None-Match") == tag:
            self.answer(request, 304, ETag=tag)
            return
        items = "".join(
            f"<item><title>{title}</title><link>{self.base}{path}</link><pubDate>{when:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
            for path, (title, _, when) in list(self.articles.items())
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Site {self.number}</title>{items}</channel></rss>'
        self.answer(request, 200, body.encode(), "application/rss+xml", ETag=tag)

    @staticmethod
    def _page(title, paragraphs, when):
        text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        meta = f'<meta property="article:published_time" content="{when.isoformat()}">'
        page = f"<html><head><title>{title}</title>{meta}</head><body><article><h1>{title}</h1>{text}</article></body></html>"
        return page.encode()


class _Receiver(_Server):
    def __init__(self):
        super().__init__()
        self.seen = Counter()
        self.alerts = {}
        self.bodies = {}
        self._number = itertools.count(1)
        self._lock = threading.Lock()

    def post(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        with self._lock:
            if next(self._number) % 10 == 0:
                self.answer(request, 503)
                return
            name = request.headers["webhook-id"]
            self.seen[name] += 1
            self.bodies.setdefault(name, json.loads(body))
        self.answer(request, 200)
