"""Read phrases that mean a date only together with the time the page was fetched."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from crawler.reading.dates.moment import Moment, build, of_instant
from crawler.reading.dates.printed import AFTER, narrow, read_clock, stated_zone
from state.records import Precision

_NUMBER_WORDS = {
    **{char: number for number, char in enumerate("一二三四五六七八九十", start=1)},
    "两": 2, "几": None, "数": None, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
_UNITS: dict[str, tuple[timedelta, Precision]] = {
    "second": (timedelta(seconds=1), "minute"),
    "秒": (timedelta(seconds=1), "minute"),
    "minute": (timedelta(minutes=1), "minute"),
    "min": (timedelta(minutes=1), "minute"),
    "分": (timedelta(minutes=1), "minute"),
    "hour": (timedelta(hours=1), "hour"),
    "hr": (timedelta(hours=1), "hour"),
    "小时": (timedelta(hours=1), "hour"),
    "小時": (timedelta(hours=1), "hour"),
    "钟头": (timedelta(hours=1), "hour"),
    "day": (timedelta(days=1), "day"),
    "天": (timedelta(days=1), "day"),
    "日": (timedelta(days=1), "day"),
}
_AGO = re.compile(
    r"(?<![\d.])(?P<count>\d{1,3}|[一二三四五六七八九十两]|\b(?:an?|one|two|three|four|five|six|seven|eight|nine|ten)\b)"
    r"\s*(?:个)?\s*(?P<unit>秒|分钟?|分鐘|小时|小時|钟头|天|日|(?:seconds?|minutes?|mins?|hours?|hrs?|days?)\b)"
    r"\s*(?:之?前|ago\b)",
    re.IGNORECASE,
)
_HALF_HOUR = re.compile(r"半个?小时前|half an hour ago", re.IGNORECASE)
_NOW = re.compile(r"刚刚|刚才|剛剛|\bjust now\b|\bmoments ago\b", re.IGNORECASE)
_HINT = re.compile(r"[前刚剛今昨上]|ago\b|now\b|today|yesterday|last", re.IGNORECASE)
_NAMED_DAY = re.compile(
    r"(?P<name>今天|今日|昨天|昨日|前天|前日|[今昨前][早晨晚夜](?=\s*\d{1,2}\s*[:点點时時])|\btoday\b|\byesterday\b)",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\d{1,3}\s*(?:个?月|周|星期|年|weeks?|months?|years?)\s*(?:前|ago\b)|(?:上周|last week|a (?:week|month|year) ago)",
    re.IGNORECASE,
)
_NAMED = {"今": 0, "today": 0, "昨": 1, "yesterday": 1, "前": 2}
_MONTH_DAY = re.compile(
    r"(?<![\d年\-/.])(?:(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]|(?P<month2>\d{2})[-/](?P<day2>\d{2})(?=\s+\d{1,2}:\d{2}))(?![\d/-])"
)


def find_phrase(line: str) -> re.Match[str] | None:
    """Find a relative phrase in `line`, resolvable or vague ("2 weeks ago")."""
    plain = narrow(line)
    if not _HINT.search(plain):
        return None
    for pattern in (_HALF_HOUR, _AGO, _NOW, _NAMED_DAY, _VAGUE):
        match = pattern.search(plain)
        if match:
            return match
    return None


def end_of_phrase(plain: str, phrase: re.Match[str]) -> int:
    """Tell where a phrase found in `plain` ends, with the time of day that follows the name of a day."""
    if phrase.re is not _NAMED_DAY:
        return phrase.end()
    after = AFTER.match(plain, _end_of_day(phrase))
    return max(after.end() if after and after["hour"] else 0, phrase.end())


def resolve(line: str, fetched_at: datetime, zone: tzinfo) -> Moment | None:
    """Resolve the phrase in `line` against the time of fetching, None where it is too vague to name a day."""
    plain = narrow(line)
    here = fetched_at.astimezone(zone)
    if match := _HALF_HOUR.search(plain):
        return of_instant(here - timedelta(minutes=30), "minute", match[0], zone_assumed=False)
    if match := _AGO.search(plain):
        return _resolve_ago(match, here)
    if match := _NOW.search(plain):
        return of_instant(here, "minute", match[0], zone_assumed=False)
    if match := _NAMED_DAY.search(plain):
        return _resolve_named(match, plain, here, zone)
    return None


def resolve_month_day(line: str, fetched_at: datetime, zone: tzinfo) -> Moment | None:
    """Read "3月5日 09:12" or "03-05 09:12" as its last occurrence before the time of fetching."""
    plain = narrow(line)
    match = _MONTH_DAY.search(plain)
    if match is None:
        return None
    month, day = int(match["month"] or match["month2"]), int(match["day"] or match["day2"])
    here = fetched_at.astimezone(zone)
    for year in (here.year, here.year - 1):
        moment = _at((year, month, day), plain, match, match.end(), zone)
        if moment is not None and moment.instant <= here + timedelta(hours=1):
            return moment
    return None


def _resolve_ago(match: re.Match[str], here: datetime) -> Moment | None:
    word = match["count"].lower()
    count = int(word) if word.isdigit() else _NUMBER_WORDS.get(word)
    unit = match["unit"].lower()
    step = next((value for name, value in _UNITS.items() if unit.startswith(name)), None)
    if count is None or step is None:
        return None
    return of_instant(here - count * step[0], step[1], match[0].strip(), zone_assumed=False)


def _resolve_named(match: re.Match[str], plain: str, here: datetime, zone: tzinfo) -> Moment | None:
    name = match["name"].lower()
    ago = _NAMED[name] if name in _NAMED else _NAMED[name[0]]
    day = (here - timedelta(days=ago)).date()
    return _at((day.year, day.month, day.day), plain, match, _end_of_day(match), zone)


def _end_of_day(match: re.Match[str]) -> int:
    """Tell where the name of the day ends: of "昨晚8点" the second sign belongs to the time."""
    name = match["name"]
    return match.start() + 1 if name[0] in _NAMED and name[1] not in "天日" else match.end()


def _at(day: tuple[int, int, int], plain: str, match: re.Match[str], end: int, zone: tzinfo) -> Moment | None:
    """Build the moment of the day that `match` names in `plain`, at the time that follows it at `end`."""
    after = AFTER.match(plain, end)
    clock, precision = read_clock(after) if after and after["hour"] else (None, "day")
    if after is None or clock is None:
        return build(day, None, "day", zone, match[0].strip())
    stated = stated_zone(after["zone"], zone)
    raw = plain[match.start() : after.end()].strip()
    return build(day, clock, precision, stated or zone, raw, zone_assumed=stated is None)
