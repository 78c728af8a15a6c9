"""Serve one printed site over HTTP on 127.0.0.1, with validators, robots.txt and faults on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Literal, NamedTuple

from aiohttp import web

from crawler.demo.outlets import Outlet
from crawler.demo.press import Document

Fault = Literal["error", "html"]


class Hit(NamedTuple):
    """Name one kind of answered request."""

    path: str
    status: int


class Site:
    """Serve `documents` (path to document) at an ephemeral port; `hits` counts what was answered.

    `fault` breaks the site: "error" answers 500 to everything but robots.txt, "html" puts the maintenance page,
    with status 200, where the lists were.
    """

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self.hits: Counter[Hit] = Counter()
        self.fault: Fault | None = None
        self.address = ""
        self._documents: dict[str, Document] = {}
        self._maintenance: Document | None = None
        self._runner: web.AppRunner | None = None

    async def open(self) -> str:
        """Listen on a free port of 127.0.0.1 and give the site's address, without a trailing slash."""
        application = web.Application()
        application.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        listener = web.TCPSite(self._runner, "127.0.0.1", 0)
        await listener.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        return self.address

    async def close(self) -> None:
        """Stop listening and drop open connections."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def show(self, documents: Mapping[str, Document], *, maintenance: Document) -> None:
        """Replace what the site serves."""
        self._documents = dict(documents)
        self._maintenance = maintenance

    async def _answer(self, request: web.Request) -> web.Response:
        response = self._response(request)
        self.hits[Hit(request.path, response.status)] += 1
        return response

    def _response(self, request: web.Request) -> web.Response:
        if self.fault == "error" and request.path != "/robots.txt":
            return web.Response(status=500, text="Internal Server Error\n")
        document = self._documents.get(request.path)
        if self.fault == "html" and request.path in {channel.path for channel in self.outlet.channels}:
            document = self._maintenance
        if document is None:
            return web.Response(status=404, text="404 Not Found\n")
        validators = {
            "ETag": document.etag,
            "Last-Modified": format_datetime(_whole_seconds(document.modified), usegmt=True),
        }
        if _unchanged(request, document):
            return web.Response(status=304, headers=validators)
        headers = {**validators, "Content-Type": document.content_type, "Cache-Control": "no-cache"}
        return web.Response(body=document.body, headers=headers)


def _unchanged(request: web.Request, document: Document) -> bool:
    """Compare validators as RFC 9110 section 13.2.2 orders it: If-None-Match before If-Modified-Since."""
    tags = request.headers.get("If-None-Match")
    if tags is not None:
        return tags.strip() == "*" or document.etag in {
            tag.strip().removeprefix("W/") for tag in tags.split(",")
        }
    since = request.headers.get("If-Modified-Since")
    if since is None:
        return False
    try:
        return _whole_seconds(document.modified) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


def _whole_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
