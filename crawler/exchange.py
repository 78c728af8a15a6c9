"""Bring articles in from JSON lines and give everything out as JSON lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from sqlite_utils import Database

from crawler.leads.address import canonical_key
from crawler.reading.dates.moment import zone_named
from crawler.reading.dates.structured import read_date
from crawler.reading.page import read_page, read_text
from crawler.shapes import alert_shape, article_shape, match_shape, story_shape
from state import articles, deliveries, matches, stories
from state.errors import ReadError
from state.records import Article, Page, Precision, Published, Source

Noun = Literal["articles", "stories", "matches", "alerts"]
MAX_LINE = 32 * 2**20
_FIRST_YEAR, _LAST_YEAR = 1990, 2200


def _stripped(value: Any) -> Any:
    """Take blanks off; nothing but blanks is nothing. Half a surrogate pair, which JSON can write, is refused."""
    if not isinstance(value, str):
        return value
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"it holds half a character (at {error.start})") from error
    return value.strip() or None


Text = Annotated[str | None, BeforeValidator(_stripped)]


class GivenDate(BaseModel):
    """Read the `published` of an export, so that what was given out can be brought in again as it was."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    value: Text = None
    precision: Precision | None = None
    evidence: Text = None
    raw: Text = None
    zone_assumed: bool = False
    conflicts: tuple[str, ...] = ()


class Row(BaseModel):
    """Read one line of an import; unknown keys are kept out of the way, so that other systems' exports fit."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    url: Annotated[str, BeforeValidator(_stripped), Field(min_length=1, max_length=4096)]
    title: Text = None
    text: Text = None
    html: str | None = None
    published: GivenDate = GivenDate()
    source: Text = None
    lang: Text = None
    publisher: Text = None
    original_source: Text = None
    author: Text = None
    fetched_at: AwareDatetime | None = None

    @field_validator("published", mode="before")
    @classmethod
    def _is_dated(cls, value: Any) -> Any:
        return {"value": value} if value is None or isinstance(value, str) else value

    @field_validator("lang")
    @classmethod
    def _is_language(cls, value: str | None) -> str | None:
        """Keep the language of `zh-CN` or `en_GB`, as subscriptions ask for it."""
        return re.split("[-_]", value.lower())[0] if value else None

    @field_validator("fetched_at")
    @classmethod
    def _is_in_our_time(cls, value: datetime | None) -> datetime | None:
        if value is not None and not _FIRST_YEAR <= value.year <= _LAST_YEAR:
            raise ValueError(f"nothing was fetched in the year {value.year}")
        return value

    @model_validator(mode="after")
    def _says_something(self) -> Row:
        if not (self.text or self.html or self.title):
            raise ValueError("it has neither text nor html nor title")
        given = self.published.value
        if given is not None and self.html is None and read_date(given, UTC) is None:
            raise ValueError(f"published {given[:60]!r} is neither a day nor a time in ISO 8601")
        return self


@dataclass(frozen=True, slots=True)
class BadRow:
    """Name a line that was skipped, and why."""

    line: int
    why: str


def read_rows(lines: Iterable[bytes]) -> Iterator[tuple[int, Row] | BadRow]:
    """Read JSON lines; a bad one is reported by its number and the rest goes on. Blank lines are nothing."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            if len(line) > MAX_LINE:
                raise ValueError(f"the line is longer than {MAX_LINE // 2**20} MiB")  # noqa: TRY301 - one place tells of bad rows
            row = Row.model_validate(json.loads(line))
            _check_address(row.url)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"]))
            why = first["msg"].removeprefix("Value error, ")
            yield BadRow(number, f"{place}: {why}" if place else why)
        except (ValueError, RecursionError) as error:
            yield BadRow(number, f"{error}")
        else:
            yield number, row


def article_of(row: Row, source: Source | None) -> Article:
    """Make the article of one row, in a worker: what the row gives wins over what is read from its html.

    Raises UnreadablePage where the html holds no article and the row says nothing else.
    """
    moment = row.fetched_at.astimezone(UTC) if row.fetched_at is not None else None
    article = _from_html(row, source, moment) if row.html else None
    if article is None or row.text is not None:
        title = row.title if row.title is not None else article.title if article is not None else None
        given = read_text(
            row.url, row.text or "", title=title, source=source, fetched_at=moment, lang=row.lang
        ).article
        article = given if article is None else replace(article, text=given.text, folded=given.folded)
    return replace(
        article,
        url=row.url,
        key=canonical_key(row.url),
        title=row.title if row.title is not None else article.title,
        lang=row.lang if row.lang is not None else article.lang,
        published=_published(row.published, source) or article.published,
        publisher=row.publisher or article.publisher,
        original_source=row.original_source or article.original_source,
        author=row.author or article.author,
        source_id=row.source,
        fetched_at=moment,
    )


def _from_html(row: Row, source: Source | None, moment: datetime | None) -> Article | None:
    """Read the html; None where it holds no article but the row says enough itself."""
    body = (row.html or "").encode("utf-8", "surrogatepass")
    headers = {"content-type": "text/html; charset=utf-8"}
    page = Page(row.url, row.url, body, moment, headers=headers, source_id=row.source)
    try:
        return read_page(page, source).article
    except ReadError:
        if row.text or row.title:
            return None
        raise


def _published(given: GivenDate, source: Source | None) -> Published | None:
    zone = zone_named(source.zone if source is not None else "UTC")
    moment = read_date(given.value, zone) if given.value else None
    if moment is None:
        return None
    return Published(
        moment.value,
        given.precision or moment.precision,
        given.evidence or "given",
        given.raw or given.value,
        zone_assumed=given.zone_assumed or moment.zone_assumed,
        conflicts=given.conflicts,
    )


def _check_address(url: str) -> None:
    canonical_key(url)
    if urlsplit(url).username is not None:
        raise ValueError("the address holds a login, which would be stored and shown")


def export(db: Database, noun: Noun) -> Iterator[dict[str, Any]]:
    """Give every row of one noun in its stable shape, in the order it was stored."""
    if noun == "articles":
        for row in articles.every(db):
            yield article_shape(articles.article_of(row)) | {
                "story_id": row["story_id"],
                "relation": row["relation"],
                "origin": row["origin"],
            }
    elif noun == "stories":
        for story_id in stories.ids(db):
            story = stories.find(db, story_id)
            if story is not None:
                yield story_shape(story)
    elif noun == "matches":
        for row, match in matches.every(db):
            yield match_shape(row["article_url"], row["story_id"], match)
    else:
        for alert, carrying in deliveries.every_alert(db):
            yield alert_shape(alert, carrying)
