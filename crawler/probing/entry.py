"""Write a source entry: the mapping a configuration takes, and its YAML."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from crawler.catalogue.lines import Lines
from crawler.catalogue.pack import build_sources
from crawler.probing.candidate import Candidate
from state.records import Source, host_of

Families = Mapping[str, Mapping[str, Any]]
_BORING = frozenset(
    {"www", "com", "cn", "org", "net", "index", "html", "htm", "feed", "rss", "xml", "sitemap", "api"}
)
_ZONES = {"cn": "Asia/Shanghai", "hk": "Asia/Hong_Kong", "mo": "Asia/Macau", "tw": "Asia/Taipei"}
_LONGEST_ID = 64


def build_source(entry: Mapping[str, Any], families: Families) -> Source:
    """Build the source of an entry by the rules that a configuration is read with; raise ConfigurationError."""
    return build_sources([entry], Lines("probe", {(): 1}), families=families)[0]


def entry_id(url: str) -> str:
    """Name a source after its address: `news.example.com/press/feed.xml` becomes `news-example-press`."""
    parts = urlsplit(url)
    words = re.split(r"[^a-z0-9]+", f"{host_of(url)}/{parts.path}".lower())
    kept = [word for word in words if word and word not in _BORING]
    return "-".join(kept or ["source"])[:_LONGEST_ID].strip("-")


def finished(
    candidate: Candidate, title: str | None, declared: str | None, families: Families
) -> dict[str, Any]:
    """Complete a candidate's entry with what is known of the site now: name, language, zone, role, rhythm.

    Args:
        candidate: The candidate, read in samples.
        title: The title of the site's page.
        declared: The language that the page declares.
        families: The pack's; what a family says is not said again.
    """
    entry = dict(candidate.entry)
    said = {**entry, **families.get(entry.get("family", ""), {})}
    host = urlsplit(candidate.source.url).hostname or ""
    lang = _language(candidate, declared)
    known = {
        "name": title[:80] if title else None,
        "lang": lang,
        "zone": _zone(host, lang),
        "role": "issuer" if re.search(r"\.gov(?:\.[a-z]{2})?$", host) else None,
        "expected_per_week": candidate.per_week(),
    }
    own = {key: entry.pop(key) for key in ("id", "kind", "family", "site", "url") if key in entry}
    return own | {key: value for key, value in known.items() if value and key not in said} | entry


def _language(candidate: Candidate, declared: str | None) -> str | None:
    told = Counter(one.lang for one in candidate.readings if one.is_good and one.lang)
    if told:
        return told.most_common(1)[0][0]
    plain = (declared or "").split("-")[0].lower()
    return plain if re.fullmatch(r"[a-z]{2,3}", plain) else None


def _zone(host: str, lang: str | None) -> str | None:
    """Guess where a site's clocks stand: by its country, else by its language where that has one zone."""
    return _ZONES.get(host.rpartition(".")[2]) or ("Asia/Shanghai" if lang in {"zh", "zh-Hans"} else None)


def free_id(wanted: str, taken: Collection[str]) -> str:
    """Give an id that no other source has: the wanted one, else with a number behind."""
    if wanted not in taken:
        return wanted
    numbered = (f"{wanted[: _LONGEST_ID - 5]}-{number}" for number in range(2, 10_000))
    return next(name for name in numbered if name not in taken)
