"""Find the list of news in a JSON answer, and which fields of its items say what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crawler.leads.dates import instant, stated

LEAST = 3
"""Items of a list; fewer are furniture."""

_LOOKED_AT = 20
_DEEPEST = 8
_MOST_LISTS = 200
_ADDRESS = re.compile(r"(?:https?://|/)[^\s<>]+|[\w-]+/[^\s<>]+")
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|svg|webp|mp[34])(?:\?|$)", re.IGNORECASE)
# Names as content systems use them; the earlier a word stands, the better it fits.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "url": ("url", "link", "href", "permalink", "path", "uri"),
    "title": ("title", "headline", "subject", "name", "bt"),
    "date": ("publish", "pub", "date", "release", "time", "created", "fbsj", "update", "modified"),
    "summary": ("summary", "abstract", "description", "excerpt", "digest", "zy"),
}
_SLOTS = ("slug", "id")


def json_options(answer: Any, page: str, hrefs: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Describe the lists of news in a JSON answer as options of a source, the best first.

    Args:
        answer: The parsed answer.
        page: The address of the page whose news it holds.
        hrefs: Links of that page, by which the address of an item without one is found out.
    """
    found = []
    for path, items in _lists(answer, (), _DEEPEST):
        options = _options(items[:_LOOKED_AT], page, hrefs)
        if options is not None:
            told = len(options["fields"]) + bool(options.get("url_template"))
            found.append((told, len(items), {"items": ".".join(path)} | options))
    found.sort(key=lambda one: one[:2], reverse=True)
    return [options for *_, options in found[:3]]


def _lists(value: Any, path: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    if depth == 0:
        return
    if isinstance(value, list):
        rows = [one for one in value if isinstance(one, dict)]
        if len(rows) >= LEAST and len(rows) == len(value):
            yield path, rows
        inner: list[tuple[str, Any]] = [(str(at), one) for at, one in enumerate(value[:5])]
    elif isinstance(value, dict):
        inner = [(key, one) for key, one in list(value.items())[:_MOST_LISTS] if "." not in key and key]
    else:
        return
    for key, one in inner:
        yield from _lists(one, (*path, key), depth - 1)


def _options(items: list[dict[str, Any]], page: str, hrefs: Sequence[str]) -> dict[str, Any] | None:
    columns = _columns(items)
    fields: dict[str, str] = {}
    for name, fits in (
        ("url", _is_address),
        ("title", _is_title),
        ("date", _is_date),
        ("summary", _is_title),
    ):
        taken = set(fields.values())
        named = ((_rank(name, path), path) for path in columns if path not in taken)
        fitting = [
            (rank, path) for rank, path in named if rank is not None and _mostly(fits, columns[path], items)
        ]
        if fitting:
            fields[name] = min(fitting)[1]
    if "title" not in fields or not _vary(columns[fields["title"]]):
        return None
    if "url" in fields and _vary(columns[fields["url"]]):
        return {"fields": fields}
    fields.pop("url", None)
    template = _template(columns, page, hrefs)
    return {"fields": fields, "url_template": template} if template else None


def _columns(items: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Give the values of every field, those of mappings inside an item too."""
    columns: dict[str, list[Any]] = {}
    for item in items:
        for key, value in list(item.items())[:_MOST_LISTS]:
            inner = value.items() if isinstance(value, dict) else ()
            for path, one in ((key, value), *((f"{key}.{name}", one) for name, one in list(inner)[:20])):
                if isinstance(one, str | int | float) and not isinstance(one, bool) and path.count(".") < 2:
                    columns.setdefault(path, []).append(one)
    return columns


def _rank(name: str, path: str) -> tuple[int, int, int] | None:
    """Say how well a field's name fits; None where it does not."""
    last = path.lower().rpartition(".")[2]
    words = _NAMES[name]
    hits = [at for at, word in enumerate(words) if word in last]
    return (hits[0], path.count("."), len(last)) if hits else None


def _mostly(fits: Any, values: list[Any], items: list[Any]) -> bool:
    return sum(1 for value in values if fits(value)) >= 0.6 * len(items)


def _vary(values: Sequence[Any]) -> bool:
    return len({str(value) for value in values}) >= max(2, 0.6 * len(values))


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and bool(_ADDRESS.fullmatch(value)) and not _PICTURE.search(value)


def _is_title(value: Any) -> bool:
    return (
        isinstance(value, str) and len(value.strip()) >= 4 and not _is_address(value) and not _is_date(value)
    )


def _is_date(value: Any) -> bool:
    return instant(stated(value, "UTC"), "UTC") is not None


def _template(columns: Mapping[str, list[Any]], page: str, hrefs: Sequence[str]) -> str | None:
    """Give the address of an item from its id: as the page's own links have it, else its slug beside the page."""
    paths = sorted((path for path in columns if path.rpartition(".")[2].lower().endswith(_SLOTS)), key=len)
    for path in paths:
        values = {str(value) for value in columns[path] if len(str(value)) >= 3}
        for href in hrefs:
            for value in values:
                if re.search(rf"(?<![0-9A-Za-z]){re.escape(value)}(?![0-9A-Za-z])", href):
                    return href.replace(value, f"{{{path}}}", 1)
    slug = next((path for path in paths if path.lower().endswith("slug") and _vary(columns[path])), None)
    return f"{page.partition('?')[0].rstrip('/')}/{{{slug}}}" if slug else None
