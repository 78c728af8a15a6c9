"""Find the shapes that the addresses of a site have in common, and write each as a pattern."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from crawler.leads.address import kept_query
from state.records import host_of

LEAST = 3
"""Addresses of one shape; fewer show no shape."""

_ANY = "[^/?#]+"
_HEADLINE = "[^/?#]*[-_][^/?#]*[-_][^/?#]+"
_FOREIGN = r"[^/?#]*(?:%|[^\x00-\x7f])[^/?#]*"
_DATED = re.compile(r"(?:\\d\+[-_]?)+")
_WORDS = re.compile(r"[A-Za-z]{2,}")
_HEX = re.compile(r"(?=[0-9a-f]*[a-f])(?=(?:[a-f]*[0-9]){2})[0-9a-f]{8,}")
_TOKEN = re.compile(r"(?=[0-9A-Za-z]*[A-Za-z])(?=(?:[A-Za-z]*[0-9]){2})[0-9A-Za-z]{10,}")
_DIGITS = re.compile(r"\d+")
_ENDING = re.compile(r"\.[A-Za-z]{2,5}$")
_NO_ARTICLES = re.compile(r"\.(?:jpe?g|png|gif|svg|webp|ico|css|js|zip|rar|mp[34]|exe|apk|docx?|xlsx?|pptx?)$", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """Hold what some addresses have in common.

    `pattern` is RE2; `telling` says that it names articles by number, date or headline, not merely by folder.
    """

    pattern: str
    urls: tuple[str, ...]
    telling: bool


def shapes_of(urls: Iterable[str]) -> list[Shape]:
    """Group addresses by shape, the most frequent telling one first; shapes of fewer than `LEAST` are left out."""
    grouped: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for url in dict.fromkeys(urls):
        if (steps := _steps(url)) is not None:
            grouped[steps].append(url)
    merged = _merged(grouped)
    folders = _folders(grouped)
    found = [_shape(steps, members) for steps, members in merged.items()]
    found = [shape for shape in found if shape.telling]
    found += [_shape(steps, members) for steps, members in folders.items()]
    once = {shape.pattern: shape for shape in found if len(shape.urls) >= LEAST}
    return sorted(once.values(), key=lambda shape: (shape.telling, len(shape.urls)), reverse=True)


def _steps(url: str) -> tuple[str, ...] | None:
    """Give host, path segments and query of an address as patterns; None where no article can be there."""
    try:
        parts = urlsplit(url)
        host = host_of(url)
    except ValueError:
        return None
    if _NO_ARTICLES.search(parts.path) or not host:
        return None
    *folders, last = (_segment(one) for one in parts.path.strip("/").split("/"))
    if last and not _varies(last) and any(_DATED.fullmatch(one) for one in folders):
        # Where folders are days, whatever lies in them is what appeared on the day.
        last = _ANY
    return (_escaped(host), *folders, last, _end(parts))


def _end(parts: SplitResult) -> str:
    slash = "/?" if not parts.query and not _ENDING.search(parts.path) else ""
    if parts.query and not kept_query(parts.query):
        # It only says where the reader came from, and may be another tomorrow.
        return slash + r"(?:\?.*)?"
    query = r"\?" + _DIGITS.sub(r"\\d+", _escaped(parts.query)) if parts.query else ""
    return slash + query


def _segment(segment: str) -> str:
    """Write one path segment as a pattern: numbers, hashes and headlines vary, the rest stands as it is."""
    ending = _ENDING.search(segment)
    stem, tail = (segment[: ending.start()], ending[0]) if ending else (segment, "")
    if "%" in stem or not stem.isascii():
        return _FOREIGN + _escaped(tail)
    if _is_headline(stem):
        return _HEADLINE + _escaped(tail)
    stem = _escaped(stem)
    stem = _HEX.sub("[0-9a-f]+", stem)
    if "[" not in stem:
        stem = _TOKEN.sub("[0-9A-Za-z]+", stem)
    if "[" not in stem:
        stem = _DIGITS.sub(r"\\d+", stem)
    return stem + _escaped(tail)


def _is_headline(stem: str) -> bool:
    """Tell a headline written into an address: several words with marks between them."""
    return len(_WORDS.findall(stem)) >= 3 and stem.count("-") + stem.count("_") >= 2


def _escaped(text: str) -> str:
    return re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", text)


def _merged(grouped: dict[tuple[str, ...], list[str]]) -> dict[tuple[str, ...], list[str]]:
    """Join shapes that differ only in the name of one folder, as the columns of a portal do."""
    result = dict(grouped)
    together: dict[tuple[tuple[str, ...], int], list[tuple[str, ...]]] = defaultdict(list)
    for steps in grouped:
        if not _is_telling(steps):
            continue
        for at in range(1, len(steps) - 2):
            if "\\d" not in steps[at]:
                together[(*steps[:at], "", *steps[at + 1 :]), at].append(steps)
    for (hole, at), members in together.items():
        if len(members) > 1:
            joined = (*hole[:at], _ANY, *hole[at + 1 :])
            result[joined] = [url for steps in members for url in grouped[steps]]
    return result


def _folders(grouped: dict[tuple[str, ...], list[str]]) -> dict[tuple[str, ...], list[str]]:
    """Gather what lies side by side in one folder, for sites whose addresses are bare words."""
    result: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for steps, urls in grouped.items():
        if len(steps) >= 4 and not steps[-1].endswith(r"\d+"):
            result[*steps[:-2], _ANY, "/?"].extend(urls)
    return result


def _varies(segment: str) -> bool:
    return "\\d" in segment or "[" in segment


def _is_telling(steps: Sequence[str]) -> bool:
    """Tell whether a shape names single articles: by number, hash, day or headline."""
    dated = any(_DATED.fullmatch(one) for one in steps[1:-2])
    return "\\d" in steps[-1] or (_varies(steps[-2]) and (dated or steps[-2] != _ANY))


def _shape(steps: tuple[str, ...], urls: list[str]) -> Shape:
    host, *path, end = steps
    pattern = f"^https?://{host}/{'/'.join(path)}{end}$"
    return Shape(pattern, tuple(dict.fromkeys(urls)), _is_telling(steps))
