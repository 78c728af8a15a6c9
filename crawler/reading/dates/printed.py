"""Read dates as people print them, in Chinese and English, with year, month and day all there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo

from crawler.reading.dates.moment import Moment, build, zone_named
from state.records import Precision

# Full-width digits, colons and brackets become narrow ones, one for one, so that positions stay true.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20, 0x202F: 0x20}
_DIGITS = {
    **{char: i for i, char in enumerate("〇一二三四五六七八九")},
    "零": 0,
    "○": 0,
    "Ｏ": 0,
    "O": 0,
    "◯": 0,
    "元": 1,
}
_MONTHS = {
    "jan": 1, "january": 1, "feb": 2, "february": 2, "mar": 3, "march": 3, "apr": 4, "april": 4, "may": 5, "jun": 6, "june": 6,
    "jul": 7, "july": 7, "aug": 8, "august": 8, "sep": 9, "sept": 9, "september": 9, "oct": 10, "october": 10,
    "nov": 11, "november": 11, "dec": 12, "december": 12,
}  # fmt: skip
_OFFSETS = {
    "z": 0.0, "utc": 0.0, "gmt": 0.0, "wet": 0.0, "bst": 1.0, "cet": 1.0, "cest": 2.0, "eet": 2.0, "eest": 3.0, "msk": 3.0,
    "ist": 5.5, "ict": 7.0, "hkt": 8.0, "sgt": 8.0, "bjt": 8.0, "pht": 8.0, "jst": 9.0, "kst": 9.0, "aest": 10.0, "aedt": 11.0,
    "est": -5.0, "edt": -4.0, "cdt": -5.0, "mst": -7.0, "mdt": -6.0, "pst": -8.0, "pdt": -7.0, "cst": -6.0,
}  # fmt: skip
_DAYLIGHT = {"et": "America/New_York", "ct": "America/Chicago", "pt": "America/Los_Angeles"}
_CHINA_TIME = frozenset({"北京时间", "北京時間", "beijingtime", "hongkongtime"})
_AFTERNOON = frozenset({"下午", "傍晚", "pm"})
_NIGHT = frozenset({"晚上", "晚间", "夜间", "晚", "夜"})
_FIRST_YEAR, _LAST_YEAR = 1990, 2100

_MONTH_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ZONE_NAME = "|".join(name for name in (*_OFFSETS, *_DAYLIGHT) if name != "z")
_ZONE = rf"(?P<zone>\(?(?:(?:utc|gmt)\s*[+-]\s*\d{{1,2}}(?::?\d{{2}})?|[+-]\d{{2}}:?\d{{2}}|z\b|(?:{_ZONE_NAME})\b|北京时间|北京時間|beijing\s+time|hong\s+kong\s+time)\)?)"
_CLOCK = (
    r"(?P<half>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|夜间|[早晨晚夜](?=\s*\d))?\s*(?P<hour>\d{1,2})"
    rf"(?:\s*(?::|时|時|点|點|(?<=\d)\.(?=\d\d\s*(?:[ap]\.?m|(?:{_ZONE_NAME})\b)))\s*(?P<minute>\d{{2}})(?:\s*分)?"
    r"(?:\s*[:]?\s*(?<=[:分\s])(?P<second>\d{2})(?:\s*秒|[.,]\d{1,9})?)?|(?=\s*[ap]\.?m\b)|\s*(?:时|點|点)(?!\d))"
    rf"\s*(?P<noon>[ap]\.?\s?m\b\.?)?\s*{_ZONE}?"
)
_DAY_NAME = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"
_WEEKDAY = rf"(?:\s*\(?\s*(?:星期|周|週)[一二三四五六日天]\s*\)?|,?\s*{_DAY_NAME})?"
_AFTER = rf"{_WEEKDAY}(?:\s*(?:t(?=\d)|,?\s*at\b|,|\||·|•|–|—|-(?=\s)|/(?=\s))?\s*{_CLOCK})?"
_HAN_DIGIT = "[〇零○ＯO◯一二三四五六七八九]"
_HAN_SMALL = "[元〇一二三四五六七八九十]{1,3}"
_FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\d.])(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})(?![\d]|\.\d){_AFTER}",
        rf"(?<!\d)(?P<year>\d{{4}})\s*年\s*(?P<month>\d{{1,2}})\s*月\s*(?P<day>\d{{1,2}})\s*(?:[日号號]|(?!\d)){_AFTER}",
        rf"(?P<year>{_HAN_DIGIT}{{4}})\s*年\s*(?P<month>{_HAN_SMALL})\s*月\s*(?P<day>{_HAN_SMALL})\s*[日号號]{_AFTER}",
        rf"(?:民國|民国)\s*(?P<roc>\d{{2,3}})\s*年\s*(?P<month>\d{{1,2}})\s*月\s*(?P<day>\d{{1,2}})\s*日{_AFTER}",
        rf"\b(?P<month>{_MONTH_NAME})\b\.?\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s+(?P<year>\d{{4}})\b{_AFTER}",
        rf"(?<![\d:.])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+(?:of\s+)?(?P<month>{_MONTH_NAME})\b\.?[\s,-]+(?P<year>\d{{4}})\b{_AFTER}",
        rf"(?<![\d.])(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?(?P<year>\d{{4}})(?![\d]|\.\d){_AFTER}",
        rf"(?<![\d/-])(?P<first>\d{{1,2}})(?P<sep>[/-])(?P<second_>\d{{1,2}})(?P=sep)(?P<year>\d{{4}})(?![\d/-]){_AFTER}",
    )
)
# What may follow the name of a day: its weekday, its time, a zone; it matches the empty string, too.
AFTER = re.compile(_AFTER, re.IGNORECASE)
_YEAR = re.compile(rf"\d{{4}}|{_HAN_DIGIT}{{4}}\s*年|[國国]\s*\d{{2,3}}\s*年")
_CLOCK_BEFORE = re.compile(
    rf"(?:^|(?<=[\s|,;(]))(?:{_CLOCK})\s*,?\s*(?:on\s+)?(?:{_DAY_NAME},?\s+)?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Printed:
    """Hold a date found in a line: `line[start:end]` is its raw text."""

    moment: Moment
    start: int
    end: int


def narrow(line: str) -> str:
    """Make full-width signs narrow without moving any character."""
    return line.translate(_NARROW)


def find_dates(line: str, zone: tzinfo, *, day_first: bool | None = None) -> list[Printed]:
    """Find every full date in `line`, left to right; a time without a zone is read in `zone`.

    `05/03/2026` stays unread unless `day_first` says how its site counts: a guess would be an invented date.
    """
    plain = narrow(line)
    found: list[Printed] = []
    if not _YEAR.search(plain):
        return found
    for form in _FORMS:
        for match in form.finditer(plain):
            printed = _read(match, plain, line, zone, day_first=day_first)
            if printed is not None and not any(
                printed.start < p.end and p.start < printed.end for p in found
            ):
                found.append(printed)
    return sorted(found, key=lambda printed: printed.start)


def _read(
    match: re.Match[str], plain: str, line: str, zone: tzinfo, *, day_first: bool | None
) -> Printed | None:
    day = _day(match.groupdict(), day_first=day_first)
    if day is None or not _FIRST_YEAR <= day[0] <= _LAST_YEAR:
        return None
    start, clock_match = match.start(), match if match["hour"] else None
    if clock_match is None:
        clock_match = _CLOCK_BEFORE.search(plain[: match.start()])
        start = clock_match.start() if clock_match else start
    end = match.end()
    clock, precision = read_clock(clock_match) if clock_match else (None, "day")
    if clock_match and clock is None:
        start, end = match.start(), _clock_start(match) if match["hour"] else match.end()
    stated = stated_zone(clock_match["zone"] if clock_match else None, zone)
    raw = line[start:end].strip()
    moment = build(day, clock, precision, stated or zone, raw, zone_assumed=stated is None)
    return Printed(moment, start, start + len(line[start:end].rstrip())) if moment else None


def _day(fields: dict[str, str | None], *, day_first: bool | None) -> tuple[int, int, int] | None:
    first, second = fields.get("first"), fields.get("second_")
    if first and second:
        year, a, b = int(fields["year"] or 0), int(first), int(second)
        if a > 12 or b > 12 or a == b:
            return (year, b, a) if a > 12 or a == b else (year, a, b)
        return None if day_first is None else ((year, b, a) if day_first else (year, a, b))
    roc = fields.get("roc")
    year_text, month, day = fields.get("year"), fields["month"] or "", fields["day"] or ""
    year = int(roc) + 1911 if roc else _han_year(year_text or "")
    return year, _small(month), _small(day)


def _han_year(text: str) -> int:
    return (
        int(text)
        if text.isdecimal() and text.isascii()
        else int("".join(str(_DIGITS[c.upper()]) for c in text))
    )


def _small(text: str) -> int:
    """Read a month or day: digits, an English month name, or 十/十二/二十/二十一/三十一."""
    if text.isascii():
        return int(text) if text.isdigit() else _MONTHS[text.lower().rstrip(".")]
    if "十" not in text:
        return sum(_DIGITS[char] * 10**power for power, char in enumerate(reversed(text)))
    tens, _, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _clock_start(match: re.Match[str]) -> int:
    return match.start("half") if match["half"] else match.start("hour")


def read_clock(match: re.Match[str]) -> tuple[tuple[int, int, int] | None, Precision]:
    """Read hour, minute and second of a matched clock, None where there is no such time of day.

    "晚上12:05" and "晚上1点" may belong to the day before or to the next: neither is read.
    """
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    half = match["half"] or re.sub(r"[.\s]", "", (match["noon"] or "").lower())
    if (half in _AFTERNOON and hour < 12) or (half == "中午" and hour < 3):
        hour += 12
    elif half in {"am", "凌晨"} and hour == 12:
        hour = 0
    elif half in _NIGHT and hour <= 12:
        if hour < 5 or hour == 12:
            return None, "day"
        hour += 12
    precision: Precision = "second" if match["second"] else "minute" if match["minute"] else "hour"
    if hour > 23 or minute > 59 or second > 59:
        return None, "day"
    return (hour, minute, second), precision


def stated_zone(text: str | None, zone: tzinfo) -> tzinfo | None:
    """Read a printed zone; CST is China's where the source is, else North America's."""
    name = re.sub(r"[\s()]", "", (text or "").lower())
    if name in _CHINA_TIME or (name == "cst" and str(zone).startswith("Asia/")):
        return timezone(timedelta(hours=8))
    if name in _DAYLIGHT:
        return zone_named(_DAYLIGHT[name])
    hours = _OFFSETS.get(name)
    if hours is not None:
        return timezone(timedelta(hours=hours)) if hours else UTC
    found = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", name)
    return _offset(found[1], found[2], found[3]) if found else None


def _offset(sign: str, hours: str, minutes: str | None) -> tzinfo | None:
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset >= timedelta(hours=15):
        return None
    return timezone(-offset if sign == "-" else offset)
