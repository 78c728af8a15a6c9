"""Read numbers with their scale, shares, years and days from Chinese and English text into one neutral form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

_SCALES: Final[Mapping[str, float]] = MappingProxyType(
    {
        "万亿": 1e12, "千亿": 1e11, "百亿": 1e10, "十亿": 1e9, "亿": 1e8, "千万": 1e7, "百万": 1e6, "十万": 1e5, "万": 1e4, "千": 1e3,
        "trillion": 1e12, "tn": 1e12, "billion": 1e9, "bn": 1e9, "b": 1e9, "million": 1e6, "mn": 1e6, "m": 1e6, "thousand": 1e3, "k": 1e3,
    }
)  # fmt: skip
_MONTHS: Final[Mapping[str, int]] = MappingProxyType(
    {name: number for number, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)}
)
_HAN_DIGITS: Final[Mapping[str, int]] = MappingProxyType(
    {**{c: i for i, c in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
)
_HAN_STEPS: Final[Mapping[str, int]] = MappingProxyType({"十": 10, "百": 100, "千": 1000})

_MONTH: Final = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_QUANTITY: Final = re.compile(
    rf"(?P<zh_month>1[0-2]|0?[1-9])月(?P<zh_day>[12]\d|3[01]|0?[1-9])日"
    rf"|\b(?P<en_month>{_MONTH})\.? (?P<en_day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?\b(?![,.]?\d)"
    rf"|\b(?P<day_en>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)? (?P<month_en>{_MONTH})\b"
    r"|(?<![a-z0-9.])(?P<figure>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:[ -]?(?P<scale>万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|千(?!瓦|克|米|年)|(?:trillion|billion|million|thousand|bn|tn|mn|[bmk])(?![a-z])))?"
    r"(?: ?(?P<share>%|percent|per cent))?(?![a-z]*\d)"
    r"|百分之(?P<han_share>[零〇一二两三四五六七八九十百点\d.]+)"
    r"|(?P<han>[一二两三四五六七八九][零〇一二两三四五六七八九十百千]*[十百千])?(?P<han_scale>万亿|亿|万)",
    re.IGNORECASE,
)


def quantities(text: str) -> Iterator[tuple[int, str]]:
    """Give the quantities of a text with their positions, in one spelling for both languages.

    `n4.40e+11` is 4400亿 and 440 billion (three significant digits), `p30` is 30 % and 百分之三十, `y2027` a year,
    `d11-20` is 11月20日 and November 20. Whole numbers below ten are left out: they agree by chance.
    """
    for found in _QUANTITY.finditer(text):
        token = _token(found)
        if token is not None:
            yield found.start(), token


def _token(found: re.Match[str]) -> str | None:
    day = found["zh_day"] or found["en_day"] or found["day_en"]
    if day is not None:
        month = found["zh_month"] or _MONTHS[(found["en_month"] or found["month_en"])[:3].lower()]
        return f"d{int(month)}-{int(day)}"
    if found["figure"] is not None:
        return _figure(found["figure"], found["scale"], share=found["share"] is not None)
    if found["han_share"] is not None:
        value = _han_value(found["han_share"])
        return None if value is None else f"p{value:g}"
    value = _han_value(found["han"]) if found["han"] else None
    return None if value is None else _number(value * _SCALES[found["han_scale"]])


def _figure(figure: str, scale: str | None, *, share: bool) -> str | None:
    value = float(figure.replace(",", ""))
    if share:
        return f"p{value:g}"
    if scale is not None:
        return _number(value * _SCALES[scale.lower()])
    if len(figure) == 4 and 1900 <= value <= 2100:
        return f"y{figure}"
    return _number(value) if value >= 10 or "." in figure else None


def _number(value: float) -> str:
    return f"n{value:.2e}"


def _han_value(numeral: str) -> float | None:
    """Read a Chinese numeral below ten thousand; None where it is none (`十五五`)."""
    if re.fullmatch(r"[\d.]+", numeral):
        return float(numeral) if numeral.count(".") <= 1 and numeral != "." else None
    whole, _, fraction = numeral.partition("点")
    total, digit = 0, None
    for character in whole:
        if character in _HAN_STEPS:
            total += (1 if digit is None else digit) * _HAN_STEPS[character]
            digit = None
        elif digit not in (None, 0):
            return None
        else:
            digit = _HAN_DIGITS.get(character)
    total += digit or 0
    decimals = "".join(str(_HAN_DIGITS.get(character, "")) for character in fraction)
    return float(f"{total}.{decimals or 0}")
