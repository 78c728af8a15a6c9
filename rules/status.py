"""Tell an announcement from a mention: known documents, past years, wording that recalls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz

from rules.documents import Documents, KnownDocument, bare_title
from rules.evidence import main_sentence
from rules.papers import own_numbers, own_spans, standing
from rules.query import leaves
from rules.reading import Reading
from rules.rule import Rule
from rules.window import LEAD, Firing, Span, found, holds
from state.records import Article, MatchStatus

# A document keeps being news for about a month; afterwards a text about it recalls it.
NEWS_OF_A_DOCUMENT = timedelta(days=30)
# An announcement reported within two months may still name last year's month.
GRACE = timedelta(days=60)
# Of 100; copies of a title scored above these, titles of sister documents below.
LIKE_CHARACTERS = 80
LIKE_WORDS = 85
MARKS_NEEDED = 2
LONGEST_QUOTE = 200
# "In 2016", 早在2016年
LONGEST_OPENING = 4
MOST_QUOTES = 5
_YEAR = re.compile(r"(?<![\d〔\[(-])((?:19|20)\d\d)(?![\d〕\]-])(?:年(\d{1,2})月)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_BEFORE = re.compile(
    rf"\b({'|'.join(_MONTHS)})[a-z]*\.? (?:\d{{1,2}}(?:st|nd|rd|th)?,? )?$", re.IGNORECASE
)
_TITLE_YEAR = re.compile(r"(?:19|20)\d\d")
_TARGET = re.compile(
    r"(?:\b(?:by|until|through|before|beyond|towards?)(?: the end of)? |[到至])$", re.IGNORECASE
)
_TITLE = re.compile(r'《[^《》]{4,200}》|"[^"]{12,200}"')


def status_of(
    firing: Firing, rule: Rule, reading: Reading, documents: Documents, day: date | None
) -> tuple[MatchStatus, str]:
    """Judge one firing.

    Args:
        firing: Where the rule fired.
        rule: The rule, which may recall or never announce.
        reading: The article.
        documents: What is known from before.
        day: When the article was published, as far as known.
    """
    if rule.status == "mention":
        return "mention", "it is named here, not announced"
    main = main_sentence(firing, reading)
    span = (main.start, main.end)
    if rule.recalls is not None and holds(rule.recalls, reading, firing.unit, span):
        words = found(leaves(rule.recalls), reading, span)
        shown = ", ".join(dict.fromkeys(reading.text.original(hit.start, hit.end) for hit in words[:3]))
        return (
            "mention",
            f"the wording recalls or doubts: {shown}" if shown else "the wording recalls or doubts",
        )
    past = None if rule.past_years == "allow" else _past(firing, span, reading, day)
    if past is not None:
        return "mention", f"it tells of {past}"
    document = known_document(firing, reading, documents) if rule.kind == "policy" else None
    if document is not None and day is not None and day > document.day + NEWS_OF_A_DOCUMENT:
        return "mention", f"the document is known since {document.day.isoformat()}: {document.titles[0]}"
    return "event", "announced in the headline" if firing.in_title else "announced in the text"


def published_day(article: Article, zone: str) -> date | None:
    """Give the day an article was published on, in the zone of the pack; None where that is unknown."""
    instant = article.published.instant(zone)
    if instant is None:
        return None
    return instant.astimezone(ZoneInfo(zone)).date()


def _past(firing: Firing, span: Span, reading: Reading, day: date | None) -> str | None:
    """Give the past time that a firing is about; a headline can hide what the lead opens with ("2016年，…")."""
    past = _past_year(firing, span, reading, day)
    if past is not None or not firing.in_title or day is None:
        return past
    plain = reading.text.folded.plain
    for sentence in firing.unit.lead(1):
        year = _YEAR.search(plain, sentence.start, sentence.end)
        if year is not None and year.start() - sentence.start <= LONGEST_OPENING:
            return _past_year(firing, (sentence.start, sentence.end), reading, day)
    return None


def _past_year(firing: Firing, span: Span, reading: Reading, day: date | None) -> str | None:
    """Give the past time that a sentence is about, if all the years it names are past.

    Where the article's own day is unknown, only a sentence below the lead that names a year is taken as recalling:
    news writes the year only of what is not of this year.
    """
    years = list(_years(reading.text.folded.plain, *span))
    if not years:
        return None
    year, month = max(years)
    if day is None:
        lead = firing.unit.lead(LEAD)
        lead_end = lead[-1].end if lead else 0
        return None if firing.in_title or span[0] < lead_end else str(year)
    if year >= day.year:
        return None
    last = date(year, month, 28) if month else date(year, 12, 31)
    return str(year) if month == 0 or last + GRACE < day else None


def _years(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the years named outside of titles and targets ("by 2027"), with the month or 0."""
    titles = [title.span() for title in _TITLE.finditer(plain, start, end)]
    for match in _YEAR.finditer(plain, start, end):
        before = plain[max(start, match.start() - 20) : match.start()]
        if _TARGET.search(before) or any(begin <= match.start() < stop for begin, stop in titles):
            continue
        named = _MONTH_BEFORE.search(before)
        month = _MONTHS.index(named.group(1)[:3].lower()) + 1 if named else int(match.group(2) or 0)
        yield int(match.group(1)), month if month <= 12 else 0


def known_document(firing: Firing, reading: Reading, documents: Documents) -> KnownDocument | None:
    """Find the known document that a firing is about: by number, by likeness of title, or by its marks.

    Papers that it only rests on do not count; but where nothing else is named, they are what the sentence is about.
    """
    folded = reading.text.folded
    spans = own_spans(firing)
    numbers = _numbers(firing, reading, documents, spans)
    newest = max((int(year) for number in numbers for year in _TITLE_YEAR.findall(number)), default=0)
    here = _numbers(firing, reading, documents, [span for span in spans if span in _top(firing)])
    quoted = _quoted(firing, reading, documents)
    titled = bool(quoted)
    if not quoted and firing.in_title:
        quoted = [folded.plain[firing.start : firing.end][:LONGEST_QUOTE]]
    start, end = firing.unit.span
    item = folded.lower[start:end]
    best: tuple[float, KnownDocument] | None = None
    for known in documents.known:
        # A number of a later year is that of a successor, whatever its title.
        if newest > known.day.year:
            continue
        if known.number is not None and any(number.endswith(known.number) for number in here):
            return known
        likeness = max((_likeness(known, quote) for quote in quoted), default=0.0)
        if likeness > 0 and (best is None or likeness > best[0]):
            best = likeness, known
        # The figures of a known paper stand in its successors, too, which have a title of their own.
        if not titled and _marks(known, item) >= MARKS_NEEDED:
            return known
    return None if best is None else best[1]


def _top(firing: Firing) -> tuple[Span, ...]:
    """Give where a number of a known document counts: where the rule fired, and the headline."""
    title = firing.unit.title
    fired = (firing.start, firing.end)
    return (fired,) if title is None else (fired, (title.start, title.end))


def _numbers(firing: Firing, reading: Reading, documents: Documents, spans: list[Span]) -> list[str]:
    """Give the numbers in some spans that can be those of the item's own paper, folded."""
    plain = reading.text.folded.plain
    return [plain[start:end] for (start, end), _ in own_numbers(firing, reading, documents, spans)]


def _quoted(firing: Firing, reading: Reading, documents: Documents) -> list[str]:
    """Give the titles quoted where a rule fired: those not merely cited, else all."""
    plain = reading.text.folded.plain
    titles = list(islice(_TITLE.finditer(plain, firing.start, firing.end), MOST_QUOTES))
    own = [title for title in titles if standing(documents, plain, firing.start, title.start()) != "cited"]
    return [title.group()[1:-1] for title in own or titles]


def _marks(known: KnownDocument, item: str) -> int:
    """Count the marks of a document in an item; of two that share words the longer counts."""
    taken: list[Span] = []
    for mark in sorted(known.marks, key=len, reverse=True):
        place = item.find(mark)
        while place >= 0 and any(place < stop and begin < place + len(mark) for begin, stop in taken):
            place = item.find(mark, place + 1)
        if place >= 0:
            taken.append((place, place + len(mark)))
    return len(taken)


def _likeness(known: KnownDocument, quote: str) -> float:
    """Compare a quoted title with a document's (Indel similarity of characters or word sets); 0 where it is another.

    Titles that name different years are different documents, however alike: plans return every few years.
    """
    best = 0.0
    quoted_years, other = set(_TITLE_YEAR.findall(quote)), bare_title(quote)
    for title, bare in zip(known.titles, known.bare_titles, strict=True):
        years = set(_TITLE_YEAR.findall(title))
        if years and quoted_years and not years & quoted_years:
            continue
        words = bare.isascii()
        score = fuzz.token_set_ratio(bare, other) if words else fuzz.ratio(bare, other)
        if score >= (LIKE_WORDS if words else LIKE_CHARACTERS):
            best = max(best, score)
    return best
