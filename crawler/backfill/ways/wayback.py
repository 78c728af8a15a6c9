"""Take pages from a web archive: the Wayback Machine, or any other that speaks its two interfaces.

The index is asked as the Wayback CDX Server's README describes (github.com/internetarchive/wayback,
wayback-cdx-server): `output=json` gives rows under a row of names, `showResumeKey` an empty row and a key at the end of
an answer that is not the last. A capture as its site served it, without the archive's frame, lies at
`/web/<14 digits>id_/<address>`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus, urlencode, urlsplit

from crawler.backfill.ways.way import Ask, Findings
from crawler.backfill.window import Window, url_day
from crawler.leads.address import canonical_key
from crawler.leads.leads import wanted_by
from state.backfill_items import Item, Step
from state.errors import UnreadableListing, UnreadablePage
from state.records import Lead, Page, Source, host_of

WAYBACK = "https://web.archive.org"
ROWS = 5000
"""Rows of one answer of the index."""
_LATER = timedelta(days=90)
"""How long after the last day a first capture may still be of an article of the range."""
_CAPTURE = re.compile(r"/web/(\d{14})(?:id_)?/(https?:/{1,2}.+)$")
_STAMP = "%Y%m%d%H%M%S"
_NO_ARTICLE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|css|js|json|xml|rss|atom|zip|mp[34]|woff2?)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class WaybackWay:
    """Lead to the earliest capture of every page of the sources' hosts that fits their `pattern`."""

    sources: Mapping[str, Source]
    window: Window
    archive: str = WAYBACK

    def lanes(self) -> dict[str, tuple[Step, ...]]:
        """Give the first query for each source."""
        return {source.id: (Step("cdx", self._query(source)),) for source in self.sources.values()}

    def _query(self, source: Source, resume: str | None = None) -> str:
        query = [
            ("url", source.host),
            ("matchType", "host"),
            ("output", "json"),
            ("fl", "timestamp,original,mimetype,statuscode,length"),
            ("filter", "statuscode:200"),
            ("filter", "mimetype:text/html"),
            ("collapse", "urlkey"),
            ("from", f"{self.window.since:%Y%m%d}"),
            ("to", f"{self.window.until + _LATER:%Y%m%d}"),
            ("limit", str(ROWS)),
            ("showResumeKey", "true"),
        ]
        if resume is not None:
            query.append(("resumeKey", resume))
        return f"{self.archive}/cdx/search/cdx?{urlencode(query)}"

    def ask(self, lane: str, step: Step) -> Ask:
        """Ask for the query as it stands."""
        del lane
        return Ask(step.url)

    async def read(self, lane: str, step: Step, page: Page, seen: set[str]) -> Findings:
        """Read one answer of the index."""
        source = self.sources[lane]
        rows, resume = _rows(page, source)
        wanted = wanted_by(source, source.url)
        items: dict[str, Item] = {}
        for row in rows:
            item = self._item(row, source) if wanted(str(row.get("original", ""))) else None
            if item is not None and item.lead.key not in seen:
                items.setdefault(item.lead.key, item)
        more = (Step("cdx", self._query(source, resume), step.depth + 1),) if resume else ()
        return Findings(tuple(items.values()), more)

    def _item(self, row: Mapping[str, Any], source: Source) -> Item | None:
        """Make an item of one capture; None for what is no article or not of the range."""
        original, captured = str(row.get("original", "")), captured_at(str(row.get("timestamp", "")))
        if captured is None or _NO_ARTICLE.search(urlsplit(original).path):
            return None
        try:
            key = canonical_key(original)
        except ValueError:
            return None
        named = url_day(original, source.zone)
        if named is not None and not self.window.since <= named <= self.window.until:
            return None
        lead = Lead(url=original, key=key, source_id=source.id, lang=source.lang)
        address = f"{self.archive}/web/{captured:{_STAMP}}id_/{original}"
        day = str(named or captured.date())
        return Item(lead, address, host_of(self.archive), day, captured.isoformat())

    def ends_at(self, step: Step, status: int) -> bool:
        """Never take an error of the index for its end."""
        del step, status
        return False

    def restored(self, item: Item, page: Page) -> Page:
        """Give a capture as the page it is a copy of, with the time it was taken."""
        found = _CAPTURE.search(page.final_url)
        if found is None:
            raise UnreadablePage(
                f"{item.lead.url}: the archive led to {page.final_url}, which is no capture; it was skipped"
            )
        captured = captured_at(found[1])
        return replace(
            page,
            url=item.lead.url,
            final_url=re.sub(r"^(https?):/{1,2}", r"\1://", found[2]),
            fetched_at=captured,
            source_id=item.lead.source_id,
            robots="a public archive's copy",
        )


def captured_at(stamp: str) -> datetime | None:
    """Read a capture's 14 digits; None for what is no time."""
    try:
        return datetime.strptime(stamp[:14], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def _rows(page: Page, source: Source) -> tuple[list[dict[str, Any]], str | None]:
    """Read the JSON of the index: rows by name, and the key by which the next query goes on."""
    try:
        return _named(json.loads(page.body or b"[]"))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        start = " ".join(page.body[:80].decode("utf-8", "replace").split())
        raise UnreadableListing(
            f"source {source.id}: the archive's index answered what is no index ({start!r}); try again later"
        ) from error


def _named(answer: Any) -> tuple[list[dict[str, Any]], str | None]:
    if not isinstance(answer, list):
        raise TypeError("no array")
    if not answer:
        return [], None
    names, *rows = answer
    resume = None
    if len(rows) >= 2 and rows[-2] == [] and len(rows[-1]) == 1:
        # The key comes encoded as it is to be put into the next query.
        resume = unquote_plus(str(rows[-1][0]))
        rows = rows[:-2]
    if "timestamp" not in names or "original" not in names:
        raise TypeError("no timestamps and addresses")
    return list(_mapped(names, rows)), resume


def _mapped(names: list[str], rows: list[Any]) -> Iterator[dict[str, Any]]:
    for row in rows:
        if isinstance(row, list) and len(row) == len(names):
            yield dict(zip(names, row, strict=True))
