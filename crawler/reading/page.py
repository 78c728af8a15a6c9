"""Turn the bytes of one page into one article. This is the whole walk; each step has a module of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from crawler.reading.attribution import Attribution, attribute
from crawler.reading.charset import decode, is_binary
from crawler.reading.credits import Credits, join_labels, read_credits
from crawler.reading.dates.choose import choose_date, printed_claims, structured_claims
from crawler.reading.dates.given import given_date
from crawler.reading.dates.zone import page_zone
from crawler.reading.fields import take_fields
from crawler.reading.furniture import drop_furniture, line_keys
from crawler.reading.language import detect_language
from crawler.reading.nearby import Nearby
from crawler.reading.pdf import read_pdf
from crawler.reading.plaintext import split_lines, split_text
from crawler.reading.readpage import ReadPage
from crawler.reading.repetition import fold_repetition
from crawler.reading.structured import Claims
from crawler.reading.title import title_tail
from crawler.reading.twins import folded_outside
from crawler.reading.webpage import Reading, read_html
from state.errors import UnreadablePage
from state.records import Article, Folded, Lead, Page, Source

# A work report has 20,000 characters, a long read 60,000, a five-year plan 100,000.
MAX_TEXT = 400_000
_MEDIA = ("image/", "audio/", "video/", "font/", "application/zip", "application/msword", "application/vnd.")


def read_page(
    page: Page,
    source: Source | None = None,
    lead: Lead | None = None,
    furniture: frozenset[str] = frozenset(),
) -> ReadPage:
    """Read `page` into an article.

    Args:
        page: what was fetched; its header names are lower case.
        source: where it was found: the zone of its times, its name and its encoding, as configured.
        lead: what the source said of it: title, time, content are witnesses.
        furniture: line keys that `furniture.host_furniture` found for the page's host.

    Raises:
        UnreadablePage: no article is in it; the message says why and what can be done.
    """
    reading = _open(page, source, lead)
    url = lead.key if lead else page.url
    return _finish(reading, url, source=source, lead=lead, fetched_at=page.fetched_at, furniture=furniture)


def read_text(
    url: str,
    text: str,
    *,
    title: str | None = None,
    source: Source | None = None,
    fetched_at: datetime | None = None,
    published: str | None = None,
    lang: str | None = None,
    furniture: frozenset[str] = frozenset(),
) -> ReadPage:
    """Read plain `text`, one paragraph a line, as an imported row or a saved file gives it.

    What is given wins over what is read: `title`, `published` (any form a feed may use) and `lang`. The text may
    be empty where there is a title.

    Raises:
        UnreadablePage: there is neither text nor title.
    """
    found, lines = split_text(text, title)
    done = _finish(
        Reading(found, lines), url, source=source, lead=None, fetched_at=fetched_at, furniture=furniture
    )
    return with_given(done, source=source, published=published, lang=lang)


def with_given(
    read: ReadPage,
    *,
    source: Source | None = None,
    title: str | None = None,
    published: str | None = None,
    lang: str | None = None,
) -> ReadPage:
    """Let what somebody gives with a page win over what was read from it; the date read is kept as a conflict."""
    article = read.article
    zone = page_zone(article.url, article.lang, "", source.zone if source else None)
    date = given_date(published, article.published, zone) if published else article.published
    given = replace(article, title=title or article.title, lang=lang or article.lang, published=date)
    return ReadPage(given, read.line_keys)


def _open(page: Page, source: Source | None, lead: Lead | None) -> Reading:
    """Read the page as what it is; its first bytes say so more truly than its header."""
    declared = page.headers.get("content-type", "").split(";")[0].strip().lower()
    head = page.body[:1024].lstrip()
    if head.startswith(b"%PDF-") or (declared == "application/pdf" and not head.startswith(b"<")):
        text, title = read_pdf(page.body, page.url)
        found, lines = split_text(text, (lead.title if lead else None) or title)
        return Reading(found, lines)
    if declared.startswith(_MEDIA):
        raise UnreadablePage(
            f"{page.url}: it is {declared}, which holds no text we can read; it was skipped, open it by hand"
        )
    decoded = decode(page.body, page.headers, source.charset if source else None)
    if is_binary(decoded.text):
        raise UnreadablePage(f"{page.url}: it is no text in any encoding; it was skipped, open it by hand")
    notes = (f"read as {decoded.charset}, as its bytes show",) if decoded.contradicts else ()
    if declared == "text/plain":
        found, lines = split_text(decoded.text)
        return Reading(found, lines, notes=notes)
    reading = read_html(decoded.text, page.url, lead)
    return replace(reading, notes=(*reading.notes, *notes))


def _finish(
    reading: Reading,
    url: str,
    *,
    source: Source | None,
    lead: Lead | None,
    fetched_at: datetime | None,
    furniture: frozenset[str],
) -> ReadPage:
    """Take the steps that all documents share: furniture, credits, folding, language, date, attribution."""
    claims, title = reading.claims, reading.title
    lines = _bounded(reading.lines)
    notes = (
        (*reading.notes, "cut, it is longer than any article")
        if len(lines) < len(reading.lines)
        else reading.notes
    )
    # Before the host's furniture goes: every page of an office has the same labels.
    fields, rest = take_fields(lines)
    paragraphs, credit_lines = split_lines(drop_furniture(rest, furniture), title)
    paragraphs, folded = _fold(title, paragraphs)
    folded = folded if folded.copies else folded_outside(paragraphs, reading.twins)
    if not paragraphs and not title:
        raise UnreadablePage(f"{url}: neither text nor title was found; it was skipped, check what was sent")
    text = "\n".join(paragraphs)
    declared = (lead.lang if lead else None) or claims.lang or (source.lang if source else None)
    lang = detect_language(f"{title or ''}\n{text}", declared=declared)
    nearby = (*reading.nearby, *(Nearby(line, "body") for line in join_labels([*fields, *credit_lines])))
    about = list(dict.fromkeys(line.text for line in nearby))
    zone = page_zone(url, lang, "\n".join(about), source.zone if source else None)
    printed, phrase = printed_claims(nearby, zone, fetched_at)
    structured = structured_claims(claims, zone, **_said(lead))
    published = choose_date(url, structured, printed, zone=zone, fetched_at=fetched_at, phrase=phrase)
    credit = _attribute(read_credits(about, paragraphs[-2:]), claims, title)
    article = Article(
        url=url,
        title=title,
        text=text,
        lang=lang,
        published=published,
        publisher=credit.publisher or _name_of(source),
        original_source=credit.original_source,
        chain=credit.chain,
        author=credit.author,
        folded=folded,
        source_id=source.id if source else None,
        fetched_at=fetched_at,
        notes=notes,
    )
    return ReadPage(article, line_keys(lines))


def _said(lead: Lead | None) -> dict[str, str | None]:
    """Give the date that a listing states as what it is: an edited article is no new one."""
    if lead is None:
        return {}
    return {"lastmod" if lead.changed else "feed": lead.published}


def _name_of(source: Source | None) -> str | None:
    """Give the name people gave the source; its id is none."""
    return source.name if source and source.name and source.name != source.id else None


def _bounded(lines: Sequence[str]) -> list[str]:
    """Take the lines that fit into the longest text we are ready to carry through all later stages."""
    total = 0
    kept: list[str] = []
    for line in lines:
        total += len(line) + 1
        if total > MAX_TEXT:
            return kept or [line[:MAX_TEXT]]
        kept.append(line)
    return kept


def _fold(title: str | None, paragraphs: Sequence[str]) -> tuple[list[str], Folded]:
    """Fold with the title in front, so that a copy that begins with the title loses that too."""
    opening = [title] if title else []
    lines, folded = fold_repetition([*opening, *paragraphs])
    return lines[len(opening) :], folded


def _attribute(told: Credits, claims: Claims, title: str | None) -> Attribution:
    names = (claims.publisher, claims.first("og:site_name", "sitename", "application-name", "publisher"))
    publisher = next((name for name in names if name and "://" not in name), None)
    declared = claims.first("author", "article:author_name", "byl", "dc.creator", "parsely-author")
    return attribute(
        told,
        publisher=publisher or title_tail(claims.page_title, title),
        authors=claims.authors or ((declared,) if declared else ()),
        declared_source=claims.first("contentsource", "source", "article:source", "mediaid"),
    )
