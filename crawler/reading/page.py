"""Turn the bytes of one page into one article. This is the whole walk; each step has a module of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from lxml import html

from crawler.reading.attribution import attribute, read_credits
from crawler.reading.blocks import Block, cut_blocks, fold_key, squeeze, weigh
from crawler.reading.body import Body, Witness, read_body
from crawler.reading.charset import Decoded, decode
from crawler.reading.dates.choose import choose_date, printed_claims, structured_claims
from crawler.reading.dates.zone import page_zone
from crawler.reading.document import parse_html
from crawler.reading.furniture import drop_furniture, line_keys
from crawler.reading.language import detect_language
from crawler.reading.pdf import read_pdf
from crawler.reading.plaintext import split_lines, split_text
from crawler.reading.repetition import fold_repetition
from crawler.reading.structured import Claims, collect_claims
from crawler.reading.title import choose_title
from state.errors import UnreadablePage
from state.records import Article, Folded, Lead, Page, Source

_HEADER_BLOCKS = 25
_TAIL_BLOCKS = 12
_HEADER_WEIGHT = 400
_MIN_WEIGHT = 30
_MANY_LINKS = 3


@dataclass(frozen=True, slots=True)
class ReadPage:
    """Hold the article a page says, and the keys of its lines, which the state remembers for the host."""

    article: Article
    line_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """Hold what one kind of document yields before the steps that all kinds share.

    `lines` are the candidate paragraphs; `around` are lines near them that may carry dates and credits.
    """

    title: str | None
    lines: tuple[str, ...]
    around: tuple[str, ...] = ()
    claims: Claims = field(default_factory=Claims)
    notes: tuple[str, ...] = ()


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
    url = lead.key if lead else page.url
    kind = _kind(page)
    if kind == "pdf":
        text, title = read_pdf(page.body, page.url)
        plain = split_text(text)
        reading = _Reading(plain.title or title, plain.paragraphs, plain.about)
    else:
        decoded = decode(page.body, page.headers, source.charset if source else None)
        if kind == "text":
            plain = split_text(decoded.text)
            reading = _Reading(plain.title, plain.paragraphs, plain.about)
        else:
            reading = _read_html(decoded, page, lead)
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
    plain = split_text(text, title)
    reading = _Reading(plain.title, plain.paragraphs, plain.about)
    lead = Lead(url=url, key=url, source_id="", title=title, published=published, lang=lang)
    done = _finish(reading, url, source=source, lead=lead, fetched_at=fetched_at, furniture=furniture)
    given = replace(done.article, lang=lang or done.article.lang)
    return ReadPage(given, done.line_keys)


def _kind(page: Page) -> str:
    declared = page.headers.get("content-type", "").split(";")[0].strip().lower()
    head = page.body[:1024].lstrip()
    if head.startswith(b"%PDF-") or (declared == "application/pdf" and not head.startswith(b"<")):
        return "pdf"
    if declared.startswith(("image/", "audio/", "video/", "font/")) or declared in {
        "application/zip",
        "application/msword",
    }:
        raise UnreadablePage(
            f"{page.url}: it is {declared}, which holds no text we can read; it was skipped, open it by hand"
        )
    return "text" if declared == "text/plain" else "html"


def _read_html(decoded: Decoded, page: Page, lead: Lead | None) -> _Reading:
    tree = parse_html(decoded.text)
    if tree is None:
        raise UnreadablePage(f"{page.url}: the page is empty; it was skipped, check the address in a browser")
    claims = collect_claims(tree)
    blocks = cut_blocks(tree.find("body"))
    body = read_body(
        tree, blocks, Witness(claims.article_body, claims.first("og:description", "description"))
    )
    title = choose_title(claims, blocks, lead.title if lead else None)
    lines, notes = _witnessed_lines(body, claims, lead)
    if sum(weigh(line) for line in lines) < _MIN_WEIGHT:
        raise UnreadablePage(
            f"{page.url}: {_why_empty(tree, blocks)}; it was skipped, exclude such addresses in the source"
        )
    around = _around(blocks, body, title)
    if decoded.evidence == "bytes":
        notes = (*notes, f"read as {decoded.charset}, as its bytes show")
    return _Reading(title, lines, around, claims, notes)


def _witnessed_lines(
    body: Body, claims: Claims, lead: Lead | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take the body as read, or a witness (JSON-LD, feed) where that has clearly more than a scrap of body."""
    lines = tuple(line.text for line in body.lines)
    weight = sum(weigh(line) for line in lines)
    for name, witness in (("JSON-LD", claims.article_body), ("feed", lead.content if lead else None)):
        told = _witness_lines(witness)
        if sum(weigh(line) for line in told) > max(2 * weight, 4 * _MIN_WEIGHT) and weight < 400:
            return told, (f"body taken from its {name}",)
    return lines, ()


def _witness_lines(text: str | None) -> tuple[str, ...]:
    if not text:
        return ()
    if "<" in text and ">" in text:
        tree = parse_html(text)
        blocks = cut_blocks(tree.find("body")) if tree is not None else []
        return tuple(block.text for block in blocks)
    return tuple(line for line in (squeeze(raw) for raw in text.splitlines()) if line)


def _why_empty(tree: html.HtmlElement, blocks: Sequence[Block]) -> str:
    if tree.find(".//input[@type='password']") is not None:
        return "it asks for a login and shows no article"
    if len([block for block in blocks if block.linked > 0.5]) > max(_MANY_LINKS, len(blocks) // 3):
        return "it is a list of links and no article"
    return "no article was found in it" if blocks else "it shows nothing without running its scripts"


def _around(blocks: Sequence[Block], body: Body, title: str | None) -> tuple[str, ...]:
    """Give the short lines from just above the title to the body's first line, and the few after its last."""
    places = {id(block): index for index, block in enumerate(blocks)}
    own = [places[id(line.block)] for line in body.lines if line.block is not None]
    if not own:
        return tuple(block.text for block in blocks[:_HEADER_BLOCKS] if block.weight <= _HEADER_WEIGHT)
    key = fold_key(title or "")
    heads = [
        i
        for i, block in enumerate(blocks[: own[0] + 1])
        if key and (block.key == key or (block.heading and block.key in key))
    ]
    top = max((heads[-1] if heads else own[0]) - 8, own[0] - 2 * _HEADER_BLOCKS, 0)
    before = blocks[top : own[0]]
    after = blocks[own[-1] + 1 : own[-1] + 1 + _TAIL_BLOCKS]
    return tuple(
        b.text for b in (*before, *after) if b.weight <= _HEADER_WEIGHT and b.key != key and not b.hidden
    )


def _finish(
    reading: _Reading,
    url: str,
    *,
    source: Source | None,
    lead: Lead | None,
    fetched_at: datetime | None,
    furniture: frozenset[str],
) -> ReadPage:
    """Take the steps that all documents share: furniture, credits, folding, language, date, attribution."""
    keys = line_keys(reading.lines)
    plain = split_lines(drop_furniture(reading.lines, furniture), reading.title)
    paragraphs, folded = _fold(reading.title, plain.paragraphs)
    if not paragraphs and not reading.title:
        raise UnreadablePage(
            f"{url}: neither text nor title was found; it was skipped, check what the source delivers"
        )
    text = "\n".join(paragraphs)
    declared = (lead.lang if lead else None) or reading.claims.lang or (source.lang if source else None)
    lang = detect_language(f"{reading.title or ''}\n{text}", declared=declared)
    credit_lines = list(dict.fromkeys((*reading.around, *plain.about)))
    zone = page_zone(url, lang, "\n".join(credit_lines), source.zone if source else None)
    printed, phrase = printed_claims(credit_lines, zone, fetched_at)
    published = choose_date(
        url,
        structured_claims(reading.claims, zone, lead.published if lead else None),
        printed,
        zone=zone,
        fetched_at=fetched_at,
        phrase=phrase,
    )
    told = read_credits([*credit_lines, *paragraphs[-2:]])
    attribution = attribute(
        told,
        publisher=_publisher(reading.claims),
        authors=_declared_authors(reading.claims),
        declared_source=reading.claims.first("contentsource", "source", "article:source", "mediaid"),
    )
    article = Article(
        url=url,
        title=reading.title,
        text=text,
        lang=lang,
        published=published,
        publisher=attribution.publisher or (source.name or None if source else None),
        original_source=attribution.original_source,
        chain=attribution.chain,
        author=attribution.author,
        folded=folded,
        source_id=source.id if source else None,
        fetched_at=fetched_at,
        notes=reading.notes,
    )
    return ReadPage(article, keys)


def _fold(title: str | None, paragraphs: Sequence[str]) -> tuple[list[str], Folded]:
    """Fold with the title in front, so that a copy that begins with the title loses that too."""
    opening = [title] if title else []
    lines, folded = fold_repetition([*opening, *paragraphs])
    return lines[len(opening) :], folded


def _publisher(claims: Claims) -> str | None:
    return claims.publisher or claims.first("og:site_name", "sitename", "application-name", "publisher")


def _declared_authors(claims: Claims) -> tuple[str, ...]:
    declared = claims.first("author", "article:author_name", "byl", "dc.creator", "parsely-author")
    return claims.authors or ((declared,) if declared else ())
