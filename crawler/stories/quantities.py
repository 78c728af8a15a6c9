"""Read numbers with their scale, shares, years and days from Chinese and English text into one neutral form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal

Quantity = Literal["figure", "count", "year", "share"]
Found = tuple[int, Quantity, str]
"""Where a quantity stands in the text, its kind, and its spelling in both languages."""

_SCALES: Final[Mapping[str, float]] = MappingProxyType(
    {
        "万亿": 1e12, "千亿": 1e11, "百亿": 1e10, "十亿": 1e9, "亿": 1e8, "千万": 1e7, "百万": 1e6, "十万": 1e5, "万": 1e4, "千": 1e3,
        "trillion": 1e12, "tn": 1e12, "billion": 1e9, "bn": 1e9, "b": 1e9, "million": 1e6, "mn": 1e6, "m": 1e6,
        "thousand": 1e3, "k": 1e3, "hundred": 1e2,
    }
)  # fmt: skip
_HAN_DIGITS: Final[Mapping[str, int]] = MappingProxyType(
    {**{c: i for i, c in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
)
_HAN_STEPS: Final[Mapping[str, int]] = MappingProxyType({"十": 10, "百": 100, "千": 1000})
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ONES: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS: Final = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS: Final[Mapping[str, int]] = MappingProxyType(
    {
        **{word: number for number, word in enumerate(_ONES, 1)},
        **{word: number for number, word in enumerate(_TEENS, 10)},
        **{word: number for number, word in zip(range(20, 100, 10), _TENS, strict=True)},
        "dozen": 12,
    }
)

# Each pattern begins with one class of characters, which lets the engine skip to where it can match at all.
_FIGURE: Final = re.compile(
    r"[0-9](?<![A-Za-z0-9.][0-9])(?:(?<=[0-9])[0-9]{0,2}(?:,[0-9]{3})+|[0-9]*)(?:\.[0-9]+)?"
    r"(?:月(?P<day>[0-9]{1,2})日"
    r"|(?:[ 多余几来-]?(?P<scale>万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|千(?![瓦克米年])"
    r"|(?:[tbTB]rillion|[Bb]illion|[Mm]illion|[Tt]housand|[bB]n|[tT]n|[mM]n|[bmkBMK])(?![A-Za-z])))?"
    r"(?P<share> ?(?:%|[Pp]ercent|[Pp]er cent))?)(?![A-Za-z]*[0-9])"
)
_MONTH_BEFORE: Final = re.compile(r"\b([A-Z][a-z]{2})(?:[a-z]{0,6}|t)\.? $")
_MONTH_AFTER: Final = re.compile(r"(?:st|nd|rd|th)? (?:of )?([A-Z][a-z]{2})[a-z]{0,6}\b")
_HAN_NUMERAL: Final = re.compile(
    r"[百一二两三四五六七八九](?:(?<=百)分之(?P<share>[零〇一二两三四五六七八九十百点0-9.]+)"
    r"|(?<=[一二两三四五六七八九])(?:成(?P<half>半)?(?![功立为员本长交果型语分])"
    r"|[零〇一二两三四五六七八九十百千]*(?<=[十百千一二两三四五六七八九])(?P<scale>万亿|亿|万)(?P<rest>[一二三四五六七八九][零一二三四五六七八九十百千]*[十百千])?))"
)
_SPELLED: Final = re.compile(
    r"[TtEeFfSsNnOoDd](?:(?<=[Tt])(?:en|welve|hirteen|wenty|hirty|wo|hree)|(?<=[Ee])(?:leven|ighteen|ighty|ight)"
    r"|(?<=[Ff])(?:ourteen|ifteen|orty|ifty|our|ive)|(?<=[Ss])(?:ixteen|eventeen|ixty|eventy|ix|even)"
    r"|(?<=[Nn])(?:ineteen|inety|ine)|(?<=[Oo])ne|(?<=[Dd])ozen)\b"
    r"(?:[ -](?:one|two|three|four|five|six|seven|eight|nine)\b)?"
    r"(?:[ -](?P<scale>hundred|thousand|million|billion|trillion)\b)?(?P<share> (?:percent|per cent)\b)?"
)


def quantities(text: str, *, han: bool) -> Iterator[Found]:
    """Give the quantities of a text with their positions and kinds, in one spelling for both languages.

    A figure of `4.40e+11` is 4400亿 and 440 billion (three significant digits), a count is a small whole number, a
    share of `30` is 30 % and 百分之三十 and 三成, a year `2027`; `11-20` is the day 11月20日 or November 20, rare
    enough to count as a share does. Whole numbers below ten are left out: they agree by chance.
    """
    for found in _FIGURE.finditer(text):
        read = _figure(text, found)
        if read is not None:
            yield found.start(), *read
    yield from _han_numerals(text) if han else _spelled_numbers(text)


def _figure(text: str, found: re.Match[str]) -> tuple[Quantity, str] | None:
    if found["day"] is not None:
        return "share", f"{int(found[0].split('月')[0])}-{int(found['day'])}"
    scale, share = found["scale"], found["share"]
    figure = found[0]
    if share is not None:
        figure = figure[: -len(share)]
    if scale is not None:
        figure = figure[: -len(scale)].rstrip(" -多余几来")
    value = float(figure.replace(",", ""))
    if share is not None:
        return "share", f"{value:g}"
    if scale is not None:
        return _number(value * _SCALES[scale.lower()])
    if value <= 31 and figure.isdigit():
        month = _month(text, found.start(), found.start() + len(figure))
        if month is not None:
            return "share", f"{month}-{int(value)}"
    if len(figure) == 4 and 1900 <= value <= 2100:
        return "year", figure
    return _number(value) if value >= 10 or "." in figure else None


def _month(text: str, start: int, end: int) -> int | None:
    """Find the English month beside the number of a day."""
    found = _MONTH_BEFORE.search(text, max(0, start - 11), start) or _MONTH_AFTER.match(text, end)
    name = found[1].lower() if found else ""
    return _MONTHS.index(name) + 1 if name in _MONTHS else None


def _han_numerals(text: str) -> Iterator[Found]:
    for found in _HAN_NUMERAL.finditer(text):
        if found["share"] is not None:
            value = _han_value(found["share"])
            if value is not None:
                yield found.start(), "share", f"{value:g}"
        elif found["scale"] is not None:
            value = _han_value(found[0].partition(found["scale"])[0])
            rest = _han_value(found["rest"]) if found["rest"] else 0
            if value is not None and rest is not None:
                yield found.start(), *_number(value * _SCALES[found["scale"]] + rest)
        else:
            yield found.start(), "share", f"{10 * _HAN_DIGITS[found[0][0]] + (5 if found['half'] else 0)}"


def _spelled_numbers(text: str) -> Iterator[Found]:
    for found in _SPELLED.finditer(text):
        parts = re.split("[ -]", found[0].lower())
        if found.start() and text[found.start() - 1].isalnum():
            continue
        first = _WORDS[parts[0]]
        value = first + (_WORDS.get(parts[1], 0) if first >= 20 and len(parts) > 1 else 0)
        if found["share"] is not None:
            yield found.start(), "share", f"{value}"
        elif found["scale"] is not None or value >= 10:
            yield found.start(), *_number(value * (_SCALES[found["scale"]] if found["scale"] else 1))


def _number(value: float) -> tuple[Quantity, str]:
    return "count" if value <= 100 and float(value).is_integer() else "figure", f"{value:.2e}"


def _han_value(numeral: str) -> float | None:
    """Read a Chinese numeral below ten thousand; None where it is none (`十五五`)."""
    if re.fullmatch(r"[0-9.]+", numeral):
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
