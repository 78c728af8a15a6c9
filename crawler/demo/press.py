"""Print pieces as pages and lists: the frames, feeds, sitemaps and JSON that crawlers meet."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from crawler.demo.outlets import Channel, Outlet
from crawler.demo.typesetting import Piece

_POST_ID = re.compile(r"post_(\d+)")


@dataclass(frozen=True, slots=True)
class Document:
    """Hold one printed address: the bytes, how they are declared, and the validators for conditional requests."""

    body: bytes
    content_type: str
    modified: datetime

    @property
    def etag(self) -> str:
        """Give a strong validator derived from the bytes."""
        return f'"{hashlib.blake2b(self.body, digest_size=12).hexdigest()}"'


class Entry(NamedTuple):
    """Name a piece under one of its addresses."""

    path: str
    piece: Piece

    @property
    def title(self) -> str:
        """Give the headline as lists print it."""
        return self.piece.title


class Link(NamedTuple):
    """Hold one absolute link with its headline and the name of the outlet it leads to."""

    url: str
    title: str
    outlet: str


class Press:
    """Print for all sites; `bases` maps each site's key to its address, without a trailing slash."""

    def __init__(self, outlets: Mapping[str, Outlet], bases: Mapping[str, str]) -> None:
        self._outlets = outlets
        self._bases = bases
        self._jinja = Environment(
            loader=PackageLoader("crawler.demo", "frames"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.filters["rfc822"] = format_datetime

    def link(self, piece: Piece) -> Link:
        """Give the absolute link to a piece."""
        site = piece.manuscript.site
        return Link(self._bases[site] + piece.path, piece.title, self._outlets[site].name)

    def page(
        self, piece: Piece, path: str, *, moment: datetime, hot: Sequence[Link], origin: Link | None
    ) -> Document:
        """Print a piece at one of its paths, framed with `hot` headlines and a link to its `origin`."""
        outlet = self._outlets[piece.manuscript.site]
        mobile = bool(outlet.mobile) and outlet.mobile in path
        post = _POST_ID.search(path)
        frame = outlet.mobile_frame if mobile else piece.manuscript.frame or outlet.frame
        charset = piece.manuscript.charset
        text = self._render(
            frame,
            outlet,
            moment,
            piece=piece,
            hot=hot,
            origin=origin,
            mobile=mobile,
            url=self._bases[outlet.key] + path,
            post_id=int(post.group(1)) if post else 0,
            # Sites that write GB18030 mostly call it gb2312, and say nothing in the header.
            declared_charset="gb2312" if charset == "gb18030" else charset,
            ago=_ago(moment - piece.published),
        )
        declared = "text/html" if charset == "gb18030" else f"text/html; charset={charset}"
        return Document(text.encode(charset), declared, moment)

    def channel(
        self, outlet: Outlet, channel: Channel, pieces: Sequence[Piece], *, moment: datetime
    ) -> Document:
        """Print one list of a site from the `pieces` on show, newest first."""
        newest = sorted(pieces, key=lambda piece: piece.published, reverse=True)
        blocks = [
            [Entry(piece.paths[name], piece) for piece in newest if name in piece.paths]
            for name in channel.carries
        ]
        items = blocks[0] if blocks else []
        if channel.frame == "gkmlpt":
            text = json.dumps(disclosure(items, self._bases[outlet.key]), ensure_ascii=False)
        elif channel.frame == "jsonfeed":
            text = json.dumps(json_feed(items, outlet, self._bases[outlet.key]), ensure_ascii=False)
        else:
            also = blocks[1] if len(blocks) > 1 else []
            text = self._render(channel.frame, outlet, moment, items=items, also=also, updated=moment)
        body = text.encode()
        if channel.path.endswith(".gz"):
            # A fixed time keeps the bytes, and with them the validator, the same while nothing changes.
            body = gzip.compress(body, mtime=0)
        return Document(body, channel.content_type, moment)

    def plain(self, frame: str, outlet: Outlet, *, moment: datetime, hot: Sequence[Link] = ()) -> Document:
        """Print a page that is no article: a home page, a maintenance notice."""
        return Document(
            self._render(frame, outlet, moment, hot=hot).encode(), "text/html; charset=utf-8", moment
        )

    def robots(self, outlet: Outlet, *, moment: datetime) -> Document:
        """Print a site's robots.txt."""
        text = outlet.robots.format(base=self._bases[outlet.key])
        return Document(text.encode(), "text/plain; charset=utf-8", moment)

    def _render(self, frame: str, outlet: Outlet, moment: datetime, **context: Any) -> str:
        base = self._bases[outlet.key]
        return self._jinja.get_template(frame).render(
            outlet=outlet, base=base, sites=self._bases, year=moment.year, **context
        )


def disclosure(items: Sequence[Entry], base: str) -> dict[str, Any]:
    """Build a listing in the shape of the disclosure platform of Guangdong government sites (`gkmlpt`)."""
    return {
        "classify": {"id": 0, "name": "全部", "post_count": len(items)},
        "page": 1,
        "page_size": 100,
        "articles": [_disclosed(item, base) for item in items],
    }


def _disclosed(item: Entry, base: str) -> dict[str, Any]:
    piece = item.piece
    written = piece.manuscript
    post = _POST_ID.search(item.path)
    epoch = int(piece.published.timestamp())
    return {
        "id": int(post.group(1)) if post else 0,
        "title": piece.title,
        "url": base + item.path,
        "post_url": base + item.path + "?jump=true",
        "publisher": written.issuer or written.source,
        "document_number": piece.number,
        "identifier": f"MB2D{post.group(1)}" if post else "",
        "keywords": "",
        "date": epoch,
        "created_at": f"{piece.published:%Y-%m-%d} 00:00:00",
        "display_publish_time": epoch,
        "abstract": piece.summary,
        "classify_main": 4,
        "classify_main_name": written.column,
        "classify_genre_name": "通知",
        "classify_theme_name": "工业、信息化",
        "is_expired": 0,
        "is_abolished": 0,
        "attachment": [],
    }


def json_feed(items: Sequence[Entry], outlet: Outlet, base: str) -> dict[str, Any]:
    """Build a JSON Feed without dates: the site only ever says how long ago."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": f"{base}/",
        "feed_url": f"{base}/feed.json",
        "language": outlet.lang,
        "items": [
            {
                "id": base + item.path,
                "url": base + item.path,
                "title": item.title,
                "summary": item.piece.standfirst,
            }
            for item in items
        ],
    }


def _ago(age: timedelta) -> str:
    """Say an age as aggregators do: "3 minutes ago", "5 hours ago", "1 day ago"."""
    minutes = max(1, int(age.total_seconds() // 60))
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    raise AssertionError("an age is at least a minute")
