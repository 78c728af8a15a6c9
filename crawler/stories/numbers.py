"""Read the numerals of a clause, in figures or in words, so that a swapped one is seen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_HAN_DIGITS: Final[Mapping[str, str]] = MappingProxyType(
    {**{c: str(i) for i, c in enumerate("零一二三四五六七八九")}, "〇": "0", "两": "2"}
)
_CALENDAR: Final[Mapping[str, str]] = MappingProxyType(
    {
        name[:3]: name
        for name in [
            "january",
            "february",
            "march",
            "april",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ]
    }
)
_NUMERAL: Final = re.compile(
    r"(?P<figure>\d+(?:[.,:]\d+)*)"
    r"|(?P<han>[零〇一二两三四五六七八九十百千万亿]+)"
    r"|\b(?P<word>(?:jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)\b"
    r"|january|february|march|april|june|july|august|september|october|november|december"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
    r"|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b"
)
_DIGIT: Final = re.compile(r"\d")


def numerals(folded: str) -> frozenset[str]:
    """Give the numerals of a folded clause in one spelling: `3,000` and `3000` are equal, `三` and `3` too."""
    return frozenset(_spelling(found) for found in _NUMERAL.finditer(folded))


def without_digits(text: str) -> str:
    """Blank the digits, so that likeness is judged by the words around them."""
    return _DIGIT.sub("0", text)


def _spelling(found: re.Match[str]) -> str:
    figure = found["figure"]
    if figure is not None:
        return figure.replace(",", "").lstrip("0") or "0"
    han = found["han"]
    if han is not None:
        return _HAN_DIGITS.get(han, han) if len(han) == 1 else han
    return _CALENDAR.get(found["word"][:3], found["word"])
