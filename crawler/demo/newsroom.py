"""Open the demo's newsroom: six sites on the loopback address that publish, break and mend on request."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from crawler.demo.manuscripts import Manuscript, Stage, Truth, load_manuscripts
from crawler.demo.outlets import OUTLETS, Outlet
from crawler.demo.press import Document, Link, Press
from crawler.demo.site import Fault, Hit, Site
from crawler.demo.typesetting import Piece, Typesetter


@dataclass(frozen=True, slots=True)
class Addresses:
    """Hold where each site listens: `http://127.0.0.1:PORT`, without a trailing slash."""

    portal: str
    daily: str
    daily_en: str
    republisher: str
    aggregator: str
    company: str


@dataclass(frozen=True, slots=True)
class Published:
    """Name one article on show under one of its addresses, and what yuewatch should make of it.

    A further address of the same document has `truth.relation` "same_document".
    """

    id: str
    url: str
    title: str
    published: datetime
    truth: Truth
    manuscript: Manuscript


class Newsroom:
    """Run the six sites; nothing is on show before `start`, which publishes the stage "start".

    Dates are relative to the moment of `start` (in texts) and of each `publish` (of what it adds).
    """

    def __init__(self, manuscripts: tuple[Manuscript, ...] | None = None) -> None:
        self._manuscripts = load_manuscripts() if manuscripts is None else manuscripts
        self._outlets = {outlet.key: outlet for outlet in OUTLETS}
        self._sites = {outlet.key: Site(outlet) for outlet in OUTLETS}
        self._pieces: dict[str, Piece] = {}
        self._pages: dict[str, dict[str, Document]] = {outlet.key: {} for outlet in OUTLETS}
        self._press: Press | None = None
        self._typesetter: Typesetter | None = None

    async def start(self, opened: datetime | None = None) -> Addresses:
        """Open all sites and publish the first stage.

        Args:
            opened: aware time that all dates are relative to; now, where it is not given.
        """
        moment = opened or datetime.now(UTC)
        found = await asyncio.gather(*(site.open() for site in self._sites.values()))
        bases = dict(zip(self._sites, found, strict=True))
        self._press = Press(self._outlets, bases)
        self._typesetter = Typesetter(self._manuscripts, moment)
        self.publish("start", moment)
        return Addresses(**bases)

    async def stop(self) -> None:
        """Close all sites."""
        await asyncio.gather(*(site.close() for site in self._sites.values()))

    async def __aenter__(self) -> Self:
        """Start the newsroom; its addresses are in `addresses`."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the newsroom."""
        await self.stop()

    @property
    def addresses(self) -> Addresses:
        """Give where the sites listen, once started."""
        return Addresses(**{key: site.address for key, site in self._sites.items()})

    def publish(self, stage: Stage, moment: datetime | None = None) -> tuple[Published, ...]:
        """Put the articles of `stage` on show and give them; publishing a stage again changes nothing."""
        press, typesetter = self._opened()
        moment = moment or datetime.now(UTC)
        fresh = [
            typesetter.set(manuscript, moment)
            for manuscript in self._manuscripts
            if manuscript.stage == stage and manuscript.id not in self._pieces
        ]
        self._pieces.update({piece.manuscript.id: piece for piece in fresh})
        for piece in fresh:
            self._pages[piece.manuscript.site].update(self._print(press, piece, moment))
        for key in {piece.manuscript.site for piece in fresh}:
            self._refresh(press, self._outlets[key], moment)
        return self._published(fresh)

    def on_show(self) -> tuple[Published, ...]:
        """Give every article now served, once for each of its addresses."""
        return self._published(list(self._pieces.values()))

    def break_site(self, name: str, fault: Fault = "error") -> None:
        """Make a site answer 500 ("error") or serve a maintenance page where its lists were ("html")."""
        self._sites[name].fault = fault

    def mend_site(self, name: str) -> None:
        """Make a broken site work again."""
        self._sites[name].fault = None

    def rebuild_site(self, name: str, moment: datetime | None = None) -> None:
        """Give the lists of a site their new look, for good: the same articles at the same addresses, in other markup."""
        press, _ = self._opened()
        outlet = self._outlets[name]
        channels = tuple(replace(one, frame=one.rebuilt or one.frame) for one in outlet.channels)
        self._outlets[name] = replace(outlet, channels=channels)
        self._refresh(press, self._outlets[name], moment or datetime.now(UTC))

    def hits(self, name: str) -> dict[Hit, int]:
        """Give how often each path of a site was answered with which status, so far."""
        return dict(self._sites[name].hits)

    def requests(self, name: str | None = None) -> int:
        """Count the requests that one site, or all of them, have answered."""
        counted = self._sites.values() if name is None else (self._sites[name],)
        return sum(site.hits.total() for site in counted)

    def _opened(self) -> tuple[Press, Typesetter]:
        if self._press is None or self._typesetter is None:
            raise RuntimeError("the newsroom has not been started: await newsroom.start() first")
        return self._press, self._typesetter

    def _print(self, press: Press, piece: Piece, moment: datetime) -> dict[str, Document]:
        hot = self._hot(press, piece)
        original = self._pieces.get(piece.original or "")
        origin = press.link(original) if original else None
        paths = dict.fromkeys(piece.paths.values())
        return {path: press.page(piece, path, moment=moment, hot=hot, origin=origin) for path in paths}

    def _hot(self, press: Press, piece: Piece) -> list[Link]:
        """Pick headlines of the same site for the side column, as real pages do, whatever they are about."""
        others = [
            other
            for other in self._pieces.values()
            if other.manuscript.site == piece.manuscript.site and other.manuscript.id != piece.manuscript.id
        ]
        others.sort(key=lambda other: other.published, reverse=True)
        return [press.link(other) for other in others[:6]]

    def _refresh(self, press: Press, outlet: Outlet, moment: datetime) -> None:
        pieces = [piece for piece in self._pieces.values() if piece.manuscript.site == outlet.key]
        home = press.plain(
            "home.html", outlet, moment=moment, hot=[press.link(piece) for piece in pieces[:12]]
        )
        lists = {
            channel.path: press.channel(outlet, channel, pieces, moment=moment) for channel in outlet.channels
        }
        robots = press.robots(outlet, moment=moment)
        documents = {"/": home, "/robots.txt": robots, **lists, **self._pages[outlet.key]}
        maintenance = press.plain("maintenance.html", outlet, moment=moment)
        self._sites[outlet.key].show(documents, maintenance=maintenance)

    def _published(self, pieces: Sequence[Piece]) -> tuple[Published, ...]:
        found = []
        for piece in pieces:
            base = self._sites[piece.manuscript.site].address
            for path in dict.fromkeys(piece.paths.values()):
                own = path == piece.path
                truth = piece.manuscript.truth
                if not own:
                    update = {"relation": "same_document", "of": piece.manuscript.id}
                    truth = truth.model_copy(update=update)
                found.append(
                    Published(
                        piece.manuscript.id,
                        base + path,
                        piece.title,
                        piece.published,
                        truth,
                        piece.manuscript,
                    )
                )
        return tuple(found)
