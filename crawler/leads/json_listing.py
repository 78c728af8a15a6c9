"""Read JSON listings: the answers of a site's own interface, described by a path to the items and a map of fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from lxml.cssselect import CSSSelector

from crawler.leads.leads import Found, Leads, gather
from crawler.leads.listing import parse_page
from crawler.leads.unreadable import describe, unreadable
from crawler.reading.charset import decode
from state.records import Source

MAX_ITEMS = 50_000
"""Items of one answer that are looked at; the rest is counted."""

_WANTED = "a JSON listing"
_JSONP = re.compile(r"[\w$.]{1,100}\s*\((.*)\)\s*;?", re.DOTALL)
_ASSIGNED = re.compile(r"^\s*(?:(?:var|let|const)\s+)?[\w$.]{1,80}\s*=(?=\s*[\[{])")
_SLOT = re.compile(r"\{([\w.]+)\}")
_FIELDS = ("url", "title", "date", "summary", "content", "lang")
Fields = Mapping[str, str | list[str]]


def read_json(body: bytes, source: Source, url: str, headers: Mapping[str, str]) -> Leads:
    """Read the items of a JSON (or JSONP) answer.

    Options: `items` is a dotted path to the list ("data.list"; empty: the answer is the list); `fields` maps `url`,
    `title`, `date`, `summary`, `content` and `lang` to dotted paths inside an item, or to a list of paths of which
    the first with a value counts; `url_template` builds the address of items that carry none ("/a/{id}.html");
    `where` keeps only items whose fields have the given values; `script` selects the script element of an HTML page
    that holds the JSON.

    Raises:
        UnreadableListing: The body is not JSON, or has no list where `items` says.
    """
    text = decode(body, headers, source.charset).text.strip("\ufeff \t\r\n")
    if source.options.get("script"):
        text = _inside(text, source, url)
    answer = _parsed(body, text, source, url, headers)
    path = str(source.options.get("items", ""))
    items = _at(answer, path)
    if not isinstance(items, list):
        raise unreadable(source, url, _WANTED, f"{_missing(path, answer)} came")
    found = list(_found(items[:MAX_ITEMS], source))
    remarks: tuple[str, ...] = ()
    if found and not any(one.href for one in found):
        remarks = (f"no item has an address; has the answer changed? the first has {_shape(items[0])}",)
    return gather(found, source, url, unseen=len(items[MAX_ITEMS:]), remarks=remarks)


def script_text(script: Any) -> str:
    """Give the JSON of a script element, without the name it is assigned to."""
    return _ASSIGNED.sub("", script.text or "").strip().rstrip(";")


def _inside(text: str, source: Source, url: str) -> str:
    selector = str(source.options["script"])
    page = parse_page(text)
    script = next(iter(CSSSelector(selector)(page)), None) if page is not None else None
    if script is None:
        raise unreadable(source, url, f"a page with {selector}", "one without came")
    return script_text(script)


def _parsed(body: bytes, text: str, source: Source, url: str, headers: Mapping[str, str]) -> Any:
    if wrapped := _JSONP.fullmatch(text):
        text = wrapped[1]
    try:
        # Content systems leave line breaks and tabs inside strings; strict reading would lose the whole source to one.
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        came = describe(body, text, headers)
        came = f"JSON that does not parse ({error}) came" if came.startswith("JSON") else came
        raise unreadable(source, url, _WANTED, came) from error


def _found(items: list[Any], source: Source) -> Iterator[Found]:
    fields: Fields = source.options.get("fields") or {}
    template = str(source.options.get("url_template") or "")
    where: Mapping[str, Any] = source.options.get("where") or {}
    for item in items:
        if not isinstance(item, dict) or any(
            str(_at(item, name)) != str(value) for name, value in where.items()
        ):
            continue
        said = {name: _first(item, fields.get(name, name)) for name in _FIELDS}
        date = said["date"]
        yield Found(
            href=_text(said["url"]) or _filled(template, item),
            title=_text(said["title"]),
            published=date if isinstance(date, (str, int, float)) and not isinstance(date, bool) else None,
            summary=_text(said["summary"]),
            content=_text(said["content"]),
            lang=_text(said["lang"]),
        )


def _first(item: dict[str, Any], paths: str | list[str]) -> Any:
    values = (_at(item, path) for path in ([paths] if isinstance(paths, str) else paths))
    return next((value for value in values if value not in (None, "", 0)), None)


def _at(value: Any, path: str) -> Any:
    """Follow a dotted path; a number counts into a list; a step that is not there gives None."""
    for step in filter(None, path.split(".")):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _filled(template: str, item: dict[str, Any]) -> str:
    """Put an item's values, percent-encoded, into a template; a missing value leaves no address at all."""
    values = {name: _at(item, name) for name in _SLOT.findall(template)}
    if any(value is None or isinstance(value, (dict, list)) for value in values.values()):
        return ""
    return _SLOT.sub(lambda slot: quote(str(values[slot[1]]), safe="/"), template)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _missing(path: str, answer: Any) -> str:
    return f'JSON without a list at "{path}" ({_shape(answer)})'


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        return "the keys " + ", ".join(str(key)[:30] for key in list(value)[:8])
    return f"a {type(value).__name__}"
