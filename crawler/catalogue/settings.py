"""What a user may write about one source, checked."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

import re2
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from w3lib.encoding import resolve_encoding

from crawler.configuration.duration import Duration
from crawler.leads.address import canonical_key
from crawler.leads.listing import check_selector
from state.records import Source, SourceKind, SourceRole

SHORTEST = timedelta(seconds=1)
"""The shortest pace a source may be given; `yuewatch check` remarks on less than a minute for a site of others."""
EVERY = {1: timedelta(minutes=15), 2: timedelta(minutes=30), 3: timedelta(hours=2)}
"""The pace of each tier where a source names none."""

_ID = r"^[a-z0-9][a-z0-9._-]{0,63}$"
_LANG = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
_SLOT = re.compile(r"\{([^{}]*)\}")


def _checked_url(url: str) -> str:
    if slots := _SLOT.findall(url):
        raise ValueError(f"{{{slots[0]}}} is not filled in; add `{slots[0]}:`, or write the whole address")
    canonical_key(url)
    return url


def _checked_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f"{zone!r} is no time zone of the IANA list; write one like Asia/Shanghai"
        ) from error
    return zone


def _checked_charset(charset: str) -> str:
    if resolve_encoding(charset) is None:
        raise ValueError(f"{charset!r} is no charset we know; write one like utf-8, gb18030 or big5")
    return charset


def _checked_pattern(pattern: str) -> str:
    quiet = re2.Options()
    quiet.log_errors = False
    try:
        re2.compile(pattern, quiet)
    except re2.error as error:
        why = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else error
        raise ValueError(f"{pattern!r} is no RE2 expression ({why}); RE2 has no look-around") from error
    return pattern


def _checked_selector(selector: str) -> str:
    check_selector(selector)
    return selector


def is_language(tag: str) -> bool:
    """Tell whether a tag may stand as `lang`."""
    return re.match(_LANG, tag) is not None


Url = Annotated[str, AfterValidator(_checked_url)]
Zone = Annotated[str, AfterValidator(_checked_zone)]
Charset = Annotated[str, AfterValidator(_checked_charset)]
Pattern = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_checked_pattern)]
Selector = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_checked_selector)]
JsonPath = Annotated[str, Field(max_length=200)]


class _Strict(BaseModel):
    """Refuse keys nobody knows: a misspelt key that is silently ignored is a source that silently fails."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paging(_Strict):
    """Where a listing goes on, for backfills: `url` is the address of a further page, from the source's own address on.

    It holds `{page}`, counted from `first`, or `{year}`, `{month}` and `{day}` for listings by date. `field` is for
    listings that take the number of the page as a parameter of the query, or of the form where they are asked by POST.
    """

    url: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    field_: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(default=None, alias="field")
    first: Annotated[int, Field(ge=0, le=1000)] = 2
    last: Annotated[int, Field(ge=1, le=100_000)] = 1000

    @model_validator(mode="after")
    def _leads_on(self) -> Self:
        if (self.url is None) == (self.field_ is None):
            raise ValueError("says where pages are in two ways or none; write either `url` or `field`")
        slots = set(_SLOT.findall(self.url or "{page}"))
        unknown = slots - {"page", "year", "month", "day"}
        if unknown:
            raise ValueError(
                f"{{{min(unknown)}}} is no slot; use {{page}}, or {{year}}, {{month}} and {{day}}"
            )
        if not slots & {"page", "month", "day"}:
            raise ValueError("leads to one page only; put {page}, or {year} and {month}, into `url`")
        return self


class FeedOptions(_Strict):
    """Options of a feed."""

    pattern: Pattern | None = None
    paging: Paging | None = None


class SitemapOptions(_Strict):
    """Options of a sitemap. `children` limits an index to the children whose address fits."""

    pattern: Pattern | None = None
    children: Pattern | None = None
    news_only: bool = False
    since: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    newest: Literal["top", "bottom"] = "top"


class ListingOptions(_Strict):
    """Options of a listing page: CSS selectors, a pattern for addresses, or both."""

    item: Selector | None = None
    link: Selector | None = None
    title: Selector | None = None
    date: Selector | None = None
    pattern: Pattern | None = None
    paging: Paging | None = None

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if self.item is None and self.pattern is None:
            raise ValueError(
                "says neither `item` nor `pattern`; write one, or every link would count as news"
            )
        return self


class JsonFields(_Strict):
    """Where an item keeps what; each a dotted path or a list of paths of which the first with a value counts."""

    url: JsonPath | list[JsonPath] | None = None
    title: JsonPath | list[JsonPath] | None = None
    date: JsonPath | list[JsonPath] | None = None
    summary: JsonPath | list[JsonPath] | None = None
    content: JsonPath | list[JsonPath] | None = None
    lang: JsonPath | list[JsonPath] | None = None


class JsonOptions(_Strict):
    """Options of a JSON listing. `script` selects the script of an HTML page that holds the JSON."""

    script: Selector | None = None
    items: JsonPath = ""
    fields_: JsonFields = Field(default=JsonFields(), alias="fields")
    url_template: Annotated[str, Field(max_length=500)] | None = None
    where: dict[str, str | int | bool] = Field(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"
    form: dict[str, str] = Field(default_factory=dict)
    pattern: Pattern | None = None
    paging: Paging | None = None


class SourceSettings(_Strict):
    """Describe one source as its user writes it.

    The block named like `kind` holds that kind's options; a block of another kind is an error.
    """

    id: Annotated[str, Field(pattern=_ID)]
    kind: SourceKind
    url: Url
    name: Annotated[str, Field(max_length=200)] = ""
    role: SourceRole = "outlet"
    lang: Annotated[str, Field(pattern=_LANG)] | None = None
    zone: Zone = "UTC"
    charset: Charset | None = None
    places: tuple[str, ...] = ()
    tier: Annotated[int, Field(ge=1, le=3)] = 2
    every: Annotated[Duration, Field(ge=SHORTEST, le=timedelta(days=30))] | None = None
    adaptive: bool = True
    enabled: bool = True
    browser: bool = False
    baseline: bool = True
    max_leads: Annotated[int, Field(ge=1, le=2000)] = 200
    family: str | None = None
    expected_per_week: Annotated[float, Field(gt=0, le=100_000)] | None = None
    remark: Annotated[str, Field(max_length=1000)] = ""
    feed: FeedOptions | None = None
    sitemap: SitemapOptions | None = None
    listing: ListingOptions | None = None
    json_: JsonOptions | None = Field(default=None, alias="json")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        blocks = {"feed": self.feed, "sitemap": self.sitemap, "listing": self.listing, "json": self.json_}
        for kind, block in blocks.items():
            if block is not None and kind != self.kind:
                raise ValueError(
                    f"has a block `{kind}` but is of kind {self.kind}; remove it or change the kind"
                )
        if self.kind == "listing" and self.listing is None:
            raise ValueError(
                "is of kind listing and says not which links count; add `listing:` with item or pattern"
            )
        return self

    def to_source(self) -> Source:
        """Give the value that the rest of the system works with; unset options are left out."""
        blocks: dict[SourceKind, _Strict | None] = {
            "feed": self.feed,
            "sitemap": self.sitemap,
            "listing": self.listing,
            "json": self.json_,
        }
        block = blocks[self.kind]
        options: dict[str, Any] = (
            block.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True) if block else {}
        )
        return Source(
            id=self.id,
            kind=self.kind,
            url=self.url,
            name=self.name or self.id,
            role=self.role,
            lang=self.lang,
            zone=self.zone,
            charset=self.charset,
            places=self.places,
            tier=self.tier,
            every=self.every or EVERY[self.tier],
            adaptive=self.adaptive,
            enabled=self.enabled,
            browser=self.browser,
            baseline=self.baseline,
            max_leads=self.max_leads,
            options=options,
            family=self.family,
            expected_per_week=self.expected_per_week,
            remark=self.remark,
        )
