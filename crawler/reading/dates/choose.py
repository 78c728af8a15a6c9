"""Choose the publication date among everything a page claims, and keep what disagrees."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from crawler.reading.credits import is_credit_line
from crawler.reading.dates.moment import RANK, Moment
from crawler.reading.dates.printed import Printed, find_dates, narrow
from crawler.reading.dates.relative import find_phrase, resolve, resolve_month_day
from crawler.reading.dates.structured import read_date
from crawler.reading.dates.url import read_url_date
from crawler.reading.nearby import Nearby
from crawler.reading.structured import Claims
from state.records import Published

_META_PUBLISHED = (
    "pubdate",
    "publishdate",
    "article:published_time",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "article.published",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "citation_publication_date",
    "parsely-pub-date",
    "sailthru.date",
    "publication_date",
    "publish_date",
    "publish-date",
    "publishtime",
    "pubtime",
    "firstpublishedtime",
    "article:create_at",
    "weibo: article:create_at",
    "weibo:article:create_at",
    "cxenseparse:recs:publishtime",
    "createdate",
    "date",
)
_META_MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "last-modified",
    "weibo:article:update_at",
)
_GAP = r"[^\d〇零○一二三四五六七八九]{0,14}$"
_UPDATED = re.compile(
    rf"(?:更新|修改|最后编辑|修订|\b(?:updated?|modified|edited|aktualisiert|actualizado|aggiornato|güncelleme)\b){_GAP}",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"(?:发布|發布|发表|發表|刊发|刊登|上传|录入|公开|报道|发稿|日期|时间|時間|\b(?:datum|stand|veröffentlicht|publié|publicado|pubblicato|fecha|published|publication|posted|released?|issued|date|on)\b)"
    + _GAP,
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"(?:成文|发文日期|印发|签署|签发|通过|生效|实施|施行|废止|截止|截至|有效|期限|活动|会议|举办|举行|开会|开幕|报名|出生|成立|注册|版权|©"
    r"|\b(?:deadline|effective|expires?|valid|until|through|event|when|copyright|since|founded|born|due|closing|closed?|from|to)\b)"
    + _GAP,
    re.IGNORECASE,
)
_CHANGES = frozenset({"updated", "lastmod"})
_RIVALS = frozenset({"json-ld", "meta", "time", "feed", "url", "label", "printed"})
# A date that its line only mentions is no dateline: beside a real one stand a name, a source, a few controls.
_MAX_BESIDE = 60
# A sentence about a day, or a picture's caption, is no dateline however short it is.
_PROSE = re.compile(
    r"[。！？!]|[a-z]{4}\.(?:\s+[A-Z]|$)|◆\.\s+[A-Z]|◆(?:在|于|摄)|◆\s?,\s?(?!星期|周[一二三四五六日]|农历)[\u4e00-\u9fff]{5}"
    r"|资料图|資料圖|图为|圖為|供图|供圖|摄\)?$|(?i:\bphoto(?:graph)?\s*(?::|/|by\b|courtesy\b)|\bfile photo\b|\bgetty images\b)"
)
_TRUST = {
    "json-ld": 0, "meta": 0, "time": 1, "feed": 1, "url": 2, "label": 3, "printed": 4, "above": 5, "relative": 6, "updated": 7,
    "lastmod": 8,
}  # fmt: skip
_TODAY = re.compile(
    r"星期|周[一二三四五六日]|今天|今日|today|(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class DateClaim:
    """Hold one date somebody claims, with the kind of evidence that says it."""

    moment: Moment
    evidence: str


def structured_claims(
    claims: Claims, zone: tzinfo, feed: str | None = None, lastmod: str | None = None
) -> list[DateClaim]:
    """List the dates the page and its feed or sitemap declare to machines."""
    candidates: list[tuple[str | None, str]] = [(claims.date_published, "json-ld")]
    candidates += [(claims.meta.get(name), "meta") for name in _META_PUBLISHED]
    candidates += [(tag.value, "time") for tag in claims.times if tag.published][:1]
    candidates.append((feed, "feed"))
    candidates.append((claims.date_modified, "updated"))
    candidates += [(claims.meta.get(name), "updated") for name in _META_MODIFIED]
    candidates.append((lastmod, "lastmod"))
    return _read_all(candidates, zone)


def _read_all(candidates: Sequence[tuple[str | None, str]], zone: tzinfo) -> list[DateClaim]:
    read = ((read_date(text, zone), evidence) for text, evidence in candidates)
    return [DateClaim(moment, evidence) for moment, evidence in read if moment is not None]


def printed_claims(
    lines: Sequence[Nearby], zone: tzinfo, fetched_at: datetime | None, *, day_first: bool | None = None
) -> tuple[list[DateClaim], str | None]:
    """Read the datelines among `lines`; also give the first phrase that needs a fetch time nobody knows."""
    claims: list[DateClaim] = []
    phrase: str | None = None
    for line in lines:
        found = find_dates(line.text, zone, day_first=day_first)
        for printed in found:
            evidence = _evidence(line, printed)
            if evidence is not None:
                claims.append(DateClaim(printed.moment, evidence))
        if found or line.place in {"above", "tail"} or len(line.text) > _MAX_BESIDE:
            continue
        moment = _relative(line.text, zone, fetched_at)
        if moment is not None:
            claims.append(DateClaim(moment, "relative"))
        elif phrase is None and (match := find_phrase(line.text)):
            phrase = match[0].strip()
    return claims, phrase


def _evidence(line: Nearby, printed: Printed) -> str | None:
    """Tell what a printed date proves, None where it is another date than the article's.

    Above the headline sites print today's date, below the text the dates of other stories: only labels count there.
    """
    plain = narrow(line.text)
    before = plain[max(0, printed.start - 30) : printed.start]
    if _OTHER.search(before):
        return None
    if _UPDATED.search(before):
        return "updated"
    beside = len(plain) - (printed.end - printed.start)
    if _PUBLISHED.search(before) and beside <= 3 * _MAX_BESIDE:
        return "label"
    if line.place == "tail" or beside > _MAX_BESIDE or (line.place == "above" and _TODAY.search(plain)):
        return None
    if _is_prose(plain, printed.start, printed.end):
        return None
    return "printed" if line.place != "above" else "above"


def _is_prose(plain: str, start: int, end: int) -> bool:
    """Tell whether the line around the date `plain[start:end]` is a sentence or a caption and no dateline."""
    return _PROSE.search(f"{plain[:start]}◆{plain[end:]}") is not None and not is_credit_line(plain)


def _relative(line: str, zone: tzinfo, fetched_at: datetime | None) -> Moment | None:
    if fetched_at is None:
        return None
    moment = resolve(line, fetched_at, zone) or resolve_month_day(line, fetched_at, zone)
    plain = narrow(line)
    start = plain.find(narrow(moment.raw)) if moment else -1
    return None if start >= 0 and moment and _is_prose(plain, start, start + len(moment.raw)) else moment


def choose_date(
    url: str,
    structured: Sequence[DateClaim],
    printed: Sequence[DateClaim],
    *,
    zone: tzinfo,
    fetched_at: datetime | None,
    phrase: str | None = None,
) -> Published:
    """Choose the most trusted date, at the best precision that agrees with it, and keep those that do not.

    A date after the fetch is nobody's publication date. Where a declared date is just the moment of delivery
    and address and print agree on another day, those two are believed.
    """
    in_url = read_url_date(url, zone)
    claims = [*structured, *([DateClaim(in_url, "url")] if in_url else []), *printed]
    possible = [claim for claim in claims if _is_possible(claim.moment, fetched_at)]
    if not possible:
        return Published(raw=phrase)
    possible.sort(key=lambda claim: _TRUST[claim.evidence])
    chosen = _outvoted(possible, fetched_at) or possible[0]
    best = _refine(chosen, possible)
    rivals = {c.moment.value for c in possible if c.evidence in _RIVALS and not c.moment.agrees(best.moment)}
    return Published(
        value=best.moment.value,
        precision=best.moment.precision,
        evidence="printed" if best.evidence == "above" else best.evidence,
        raw=best.moment.raw,
        zone_assumed=best.moment.zone_assumed,
        conflicts=tuple(sorted(rivals)),
    )


def _is_possible(moment: Moment, fetched_at: datetime | None) -> bool:
    if fetched_at is None:
        return True
    # A bare day in a zone ahead of us, or a clock that is off, may seem to lie in the future.
    return moment.instant <= fetched_at + timedelta(days=1)


def _outvoted(claims: Sequence[DateClaim], fetched_at: datetime | None) -> DateClaim | None:
    first = claims[0]
    if fetched_at is None or first.evidence not in {"json-ld", "meta", "time"}:
        return None
    delivered = abs(first.moment.instant - fetched_at) < timedelta(hours=1) if first.moment.at else False
    if not delivered:
        return None
    others = [
        c
        for c in claims[1:]
        if c.evidence in {"url", "label", "printed", "feed"} and not c.moment.agrees(first.moment)
    ]
    kinds = {c.evidence for c in others if c.moment.agrees(others[0].moment)} if others else set()
    return others[0] if len(kinds) > 1 else None


def _refine(chosen: DateClaim, claims: Sequence[DateClaim]) -> DateClaim:
    """Take the time of day from another claim of the same day where the chosen one has only the day."""
    if chosen.moment.at is not None:
        return chosen
    same = [
        claim
        for claim in claims
        if claim.moment.day == chosen.moment.day
        and claim.moment.at is not None
        and claim.evidence not in _CHANGES
    ]
    return max(same, key=lambda claim: RANK[claim.moment.precision], default=chosen)
