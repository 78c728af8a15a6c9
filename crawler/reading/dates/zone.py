"""Tell the time zone of a page that prints none, from its source or from where it is published."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from urllib.parse import urlsplit

from crawler.reading.dates.moment import zone_named

UNKNOWN: tzinfo = UTC
_COUNTRIES = {
    "cn": "Asia/Shanghai",
    "hk": "Asia/Hong_Kong",
    "mo": "Asia/Macau",
    "tw": "Asia/Taipei",
    "sg": "Asia/Singapore",
    "jp": "Asia/Tokyo",
    "kr": "Asia/Seoul",
    "uk": "Europe/London",
    "de": "Europe/Berlin",
    "fr": "Europe/Paris",
    "in": "Asia/Kolkata",
}
# Every site served from mainland China must print its licence number.
_LICENCE = re.compile(
    r"[京粤沪浙苏津渝川鲁闽鄂湘豫冀辽皖赣陕桂琼]ICP[备证]|\b(?:Jing|Yue|Hu|Zhe|Su)\s?ICP\b", re.IGNORECASE
)


def page_zone(url: str, lang: str | None, text: str, configured: str | None = None) -> tzinfo:
    """Give the zone in which times of this page are meant: as configured, else by country, licence, language, UTC.

    A source left at the default UTC has not said anything about its zone.
    """
    if configured and configured != "UTC":
        return zone_named(configured)
    country = (urlsplit(url).hostname or "").rsplit(".", 1)[-1]
    if country in _COUNTRIES:
        return zone_named(_COUNTRIES[country])
    if lang == "zh" or _LICENCE.search(text):
        return zone_named("Asia/Shanghai")
    return UNKNOWN
