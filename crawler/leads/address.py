"""Give every document one address: the canonical key by which leads and articles are told apart.

w3lib makes the address safe and sorts its query. courlan's cleaner is not used for keys: it drops parameters such
as `cid`, `uid` or `gallery` and every parameter without a value, and would so give two documents one key. What makes
two addresses one document (tracking parameters, mirrors, families of content systems) is data, in
`address_families.yaml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import yaml
from w3lib.url import canonicalize_url, safe_url_string

MAX_LENGTH = 2048
"""Characters; longer addresses are traps or payloads, and no browser promises more."""

_FAMILIES_FILE = Path(__file__).with_name("address_families.yaml")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?|\[[0-9a-f:.]{2,45}\]")
_SESSION = re.compile(r";jsessionid=[^/?#;]*", re.IGNORECASE)
_ROUTE = re.compile(r"!|/[^/]")
_INDEX = re.compile(r"/(?:index|default)\.(?:s?html?|jsp|aspx?|php)$", re.IGNORECASE)
_AMP_END = re.compile(r"(?<=[^/])/amp/?$")
_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class _Family:
    hosts: tuple[str, ...]
    path: re.Pattern[str]
    to: str
    host: str | None
    keep: frozenset[str]
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Rules:
    prefixes: tuple[str, ...]
    names: frozenset[str]
    values: dict[str, re.Pattern[str]]
    wrapped: tuple[re.Pattern[str], ...]
    hosts: dict[str, str]
    families: tuple[_Family, ...]


def _read_rules(path: Path) -> _Rules:
    written: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    tracking = written["tracking"]
    families = (
        _Family(
            hosts=tuple(one["hosts"]),
            path=re.compile(one["path"]),
            to=one["to"],
            host=one.get("host"),
            keep=frozenset(one.get("keep", ())),
            needs=frozenset(one.get("needs", ())),
        )
        for one in written["families"]
    )
    return _Rules(
        prefixes=tuple(tracking["prefixes"]),
        names=frozenset(tracking["names"]),
        values={name: re.compile(pattern) for name, pattern in tracking["values"].items()},
        wrapped=tuple(re.compile(pattern) for pattern in written["wrapped"]),
        hosts=dict(written["hosts"]),
        families=tuple(families),
    )


_RULES = _read_rules(_FAMILIES_FILE)


def canonical_key(url: str) -> str:
    """Give the one address that stands for the document at `url`.

    Two addresses of one document get one key (scheme, port, tracking parameters, fragment, mobile page, mirror);
    addresses of different documents never do, as far as we know their site. The key is an identity and need not
    answer when fetched. Applying it twice changes nothing.

    Raises:
        ValueError: `url` is not an absolute http(s) address with a host, or is longer than `MAX_LENGTH`.
    """
    key = _folded(url)
    for _ in range(_ROUNDS):
        again = _folded(key)
        if again == key:
            return key
        key = again
    raise ValueError(f"not a usable address (it never settles): {url[:200]!r}")


def absolute(base: str, href: str) -> str | None:
    """Give `href` as an absolute, safely encoded http(s) address, or None where it is none worth fetching.

    Refused are other schemes (`javascript:`, `mailto:`, `data:`), logins inside the address, and lengths over
    `MAX_LENGTH`.
    """
    href = href.strip()
    if not href or href.startswith("#") or len(href) > MAX_LENGTH:
        return None
    try:
        url = safe_url_string(urljoin(base, href))
        _checked(url)
    except ValueError:
        return None
    return None if urlsplit(url).username is not None else url


def _checked(url: str) -> tuple[str, int | None]:
    if len(url) > MAX_LENGTH:
        raise ValueError(f"not a usable address (longer than {MAX_LENGTH} characters): {url[:80]!r}…")
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise ValueError(f"not an http or https address: {url[:200]!r}")
    shown = f"[{host}]" if ":" in host else host
    if not _HOST.fullmatch(shown):
        raise ValueError(f"not a usable host name: {url[:200]!r}")
    return shown, parts.port


def _folded(url: str) -> str:
    if len(url) > MAX_LENGTH:
        raise ValueError(f"not a usable address (longer than {MAX_LENGTH} characters): {url[:80]!r}…")
    safe = canonicalize_url(_SESSION.sub("", url.strip()), keep_fragments=True)
    host, port = _checked(safe)
    parts = urlsplit(safe)
    host = _RULES.hosts.get(host, host)
    netloc = host if port in (None, 80, 443) else f"{host}:{port}"
    query = kept_query(parts.query)
    family = _family(host, parts.path, query) if netloc == host else None
    if family is not None:
        path = family.path.sub(family.to, parts.path)
        kept = urlencode([(name, value) for name, value in _pairs(query) if name in family.keep])
        return urlunsplit(("https", family.host or host, path, kept, ""))
    fragment = parts.fragment if _ROUTE.match(parts.fragment) else ""
    plain = urlunsplit(("https", netloc, _plain_path(parts.path, query), query, fragment))
    return _unwrapped(plain)


def _family(host: str, path: str, query: str) -> _Family | None:
    names = {name for name, _ in _pairs(query)}
    for family in _RULES.families:
        ours = any(host == one or host.endswith(f".{one}") for one in family.hosts)
        if ours and family.needs <= names and family.path.match(path):
            return family
    return None


def _plain_path(path: str, query: str) -> str:
    path = _AMP_END.sub("", re.sub("/{2,}", "/", path))
    if not query:
        path = _INDEX.sub("/", path)
    return path.rstrip("/") or "/"


def _unwrapped(url: str) -> str:
    for pattern in _RULES.wrapped:
        if found := pattern.match(url):
            return f"https://{found[1]}"
    return url


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def kept_query(query: str) -> str:
    """Give a query without the parameters that only say where the reader came from."""
    return "&".join(part for part in query.split("&") if part and not _is_tracking(part))


def _is_tracking(part: str) -> bool:
    name, _, value = part.partition("=")
    name = name.lower()
    if name in _RULES.names or name.startswith(_RULES.prefixes):
        return True
    pattern = _RULES.values.get(name)
    return pattern is not None and pattern.match(value.lower()) is not None
