"""Derive from a page which of its links are news, and write it as the options of a listing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from crawler.leads.dates import printed_day
from crawler.leads.listing import listed
from crawler.probing.shapes import LEAST, Shape, shapes_of
from state.records import Lead, Source

_MOST_SHAPES = 8
_MOST_BLOCKS = 6
_MOST_LINKS = 3000
_HIGHEST = 6
_FURNITURE = re.compile(r"nav|menu|foot|header|crumb|side|sitemap|related|hot|tag", re.IGNORECASE)
_LOOSE = re.compile(r"[A-Za-z][\w-]{1,40}")
_NUMBERED = re.compile(r"\d{2,}")
_SHORT_DATE = re.compile(
    r"(?:\d{1,2}|an?)\s*(?:sec(?:ond)?|min(?:ute)?|hour|hr|day|week|month)s?\.?\s+ago|yesterday|today"
    r"|\d{1,3}\s*(?:秒钟?|分钟|个?小时|天|日|周|个月)前|刚刚|今天|昨天|前天"
    r"|(?:\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?:\s+\d{1,2}:\d{2})?",
    re.IGNORECASE,
)
_AROUND = " \t\n[]()［］（）|·:：-—"


@dataclass(frozen=True, slots=True)
class Block:
    """Hold one way to read a page as a listing: the options, how well they fit (0 to 1), and what they find."""

    options: Mapping[str, Any]
    fit: float
    leads: tuple[Lead, ...]


def blocks_of(page: Any, base: str) -> list[Block]:
    """Give the ways to read a parsed page as a listing, the best first.

    A link counts as news by the shape of its address, by the day printed beside it, by the length of its words, and
    by not standing in a menu. Every way is tried with the reader that will use it.
    """
    anchors = _anchors(page, base)
    listing = _Trial(page, base)
    found: list[Block] = []
    for shape in shapes_of(anchors)[:_MOST_SHAPES]:
        members = [anchor for url in shape.urls for anchor in anchors[url]]
        outside = sum(map(_is_furniture, members)) / len(members)
        best = _best(listing, shape, members)
        if best is not None and best.fit > outside * 0.6:
            found.append(Block(best.options, best.fit - outside * 0.6, best.leads))
    return sorted(found, key=lambda block: block.fit, reverse=True)


@dataclass(frozen=True, slots=True)
class _Trial:
    """Try options on one page."""

    page: Any
    base: str

    def block(self, options: Mapping[str, Any], *, telling: bool) -> Block:
        leads = listed(
            self.page, Source("probe", "listing", self.base, options=dict(options)), self.base
        ).items
        return Block(options, _fit(leads, telling=telling), leads)


def _fit(leads: Sequence[Lead], *, telling: bool) -> float:
    if len(leads) < LEAST:
        return 0.0
    dated = sum(1 for lead in leads if lead.published) / len(leads)
    width = sum(_width(lead.title or "") for lead in leads) / len(leads)
    return 0.2 * min(1, len(leads) / 8) + 0.3 * dated + 0.3 * min(1, width / 30) + 0.2 * telling


def _width(text: str) -> int:
    """Count columns: a Chinese character says about as much as two letters."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _anchors(page: Any, base: str) -> dict[str, list[Any]]:
    """Give the links of a page by the address that patterns are held against."""
    found: dict[str, list[Any]] = defaultdict(list)
    for anchor in islice(page.iter("a"), _MOST_LINKS):
        href = (anchor.get("href") or "").strip()
        try:
            url = urljoin(base, href).partition("#")[0]
        except ValueError:
            continue
        if href and not href.startswith("#") and url.startswith(("http://", "https://")) and url != base:
            found[url].append(anchor)
    return found


def _is_furniture(anchor: Any) -> bool:
    for around in islice(anchor.iterancestors(), 12):
        if around.tag in {"nav", "header", "footer", "aside"}:
            return True
        if around.tag in {"main", "body"}:
            return False
        if _FURNITURE.search(f"{around.get('id') or ''} {around.get('class') or ''}"):
            return bool(around.tag != "article")
    return False


def _best(listing: _Trial, shape: Shape, members: Sequence[Any]) -> Block | None:
    """Give the best options for the links of one shape: a pattern where that says enough, else selectors too."""
    pattern = {"pattern": shape.pattern}
    plain = listing.block(pattern, telling=shape.telling)
    if shape.telling and plain.leads and all(lead.published for lead in plain.leads):
        return plain
    tries = [plain]
    for item, date in islice(_selectors(members), _MOST_BLOCKS):
        entry = {"item": item} | ({"date": date} if date else {})
        tries.append(listing.block(entry | (pattern if shape.telling else {}), telling=True))
    best = max(tries, key=lambda block: (round(block.fit, 2), len(block.leads)))
    return best if best.fit else None


def _selectors(members: Sequence[Any]) -> Iterator[tuple[str, str | None]]:
    """Give selectors of the entries around links, with the place of their dates: the entries repeat, the links do not."""
    seen: set[str] = set()
    for level in range(1, _HIGHEST):
        entries: Counter[Any] = Counter()
        for anchor in members:
            around = next(islice(anchor.iterancestors(), level - 1, level), None)
            if around is not None:
                entries[around] += 1
        kinds = Counter(selector for entry in entries if (selector := _selector(entry)) is not None)
        for selector, count in kinds.most_common(2):
            if count >= LEAST and selector not in seen:
                seen.add(selector)
                group = [entry for entry in entries if _selector(entry) == selector]
                yield selector, _date_place(group)


def _selector(entry: Any) -> str | None:
    """Write an entry as a selector: by its own name, else by that of what it stands in."""
    if entry.tag in {"body", "html", "main"} or not isinstance(entry.tag, str):
        return None
    own = _named(entry)
    if "." in own:
        return own
    steps = [own]
    for around in islice(entry.iterancestors(), 3):
        if around.tag == "html":
            break
        step = _named(around)
        steps.insert(0, step)
        if "." in step or "#" in step or around.tag in {"main", "body"}:
            break
    return " > ".join(steps)


def _named(element: Any) -> str:
    """Name an element by its tag with its first lasting class, or its id; names with numbers are made by machines."""
    for name in (element.get("class") or "").split():
        if _LOOSE.fullmatch(name) and not _NUMBERED.search(name):
            return f"{element.tag}.{name}"
    name = element.get("id") or ""
    return f"{element.tag}#{name}" if _LOOSE.fullmatch(name) and not _NUMBERED.search(name) else element.tag


def _date_place(entries: Sequence[Any]) -> str | None:
    """Find the selector inside entries that gives a date, in whatever form it is printed."""
    places: Counter[str] = Counter()
    for entry in entries[:30]:
        for element in islice(
            entry.iter("time", "span", "em", "i", "b", "small", "p", "div", "td", "dd", "li"), 60
        ):
            words = " ".join(str(element.text_content()).split()).strip(_AROUND)
            if element is not entry and _is_date(words):
                places[_named(element)] += 1
                break
    best = places.most_common(1)
    return best[0][0] if best and best[0][1] >= 0.6 * min(len(entries), 30) else None


def _is_date(words: str) -> bool:
    if not words or len(words) > 40:
        return False
    day = printed_day(words)
    return (day is not None and len(words) <= len(day) + 8) or _SHORT_DATE.fullmatch(words) is not None
