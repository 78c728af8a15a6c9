"""The frozen values that travel between folders. They hold no behaviour beyond what derives from themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

SourceKind = Literal["feed", "sitemap", "listing", "json"]
SourceRole = Literal["issuer", "company", "outlet", "national", "aggregator", "republisher", "clone"]
Origin = Literal["live", "baseline", "backfill", "import"]
Precision = Literal["second", "minute", "hour", "day"]
Relation = Literal["same_document", "copy", "translation", "rewrite"]
LinkKind = Literal["contains", "corroborates"]
MatchStatus = Literal["event", "mention"]
Severity = Literal["urgent", "high", "normal", "low"]
DeliveryState = Literal["held", "due", "leased", "delivered", "parked", "dropped"]


_PORTS = {"http": 80, "https": 443}


def host_of(url: str) -> str:
    """Give the host of a web address, with a port that is not the scheme's own: `gd.example`, `gd.example:8080`.

    Addresses that lead to one server have one host, however they are written. Raises ValueError for a port that is none.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in {None, _PORTS.get(parts.scheme)} else f"{host}:{parts.port}"


@dataclass(frozen=True, slots=True)
class Source:
    """Name one place to look, with its schedule and manners.

    `zone` is the IANA zone of times printed without one; `places` are gazetteer ids the whole source is about
    (a bare "省政府" counts only in a Guangdong source); `options` holds what only one kind of source needs
    (selectors, JSON paths), already validated; `browser` says that its pages come to be by script.
    """

    id: str
    kind: SourceKind
    url: str
    name: str = ""
    role: SourceRole = "outlet"
    lang: str | None = None
    zone: str = "UTC"
    charset: str | None = None
    places: tuple[str, ...] = ()
    tier: int = 2
    every: timedelta = timedelta(minutes=30)
    adaptive: bool = True
    enabled: bool = True
    baseline: bool = True
    max_leads: int = 200
    options: dict[str, Any] = field(default_factory=dict)
    browser: bool = False
    family: str | None = None
    expected_per_week: float | None = None
    remark: str = ""

    @property
    def host(self) -> str:
        """Give the host, the unit of pace and shared crawls."""
        return host_of(self.url)


@dataclass(frozen=True, slots=True)
class Lead:
    """Hold a link worth fetching, with what the source said about it.

    `url` is as the source gave it, made absolute; `key` is its canonical form and identity. `content` is a
    body the feed itself carries (HTML), empty where it carries none. `changed` tells that `published` is only the
    time of the last change, as a sitemap's `lastmod` is.
    """

    url: str
    key: str
    source_id: str
    title: str | None = None
    published: str | None = None
    summary: str | None = None
    content: str | None = None
    lang: str | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Hold the bytes that came back for one lead, with what is needed to read them again years later."""

    url: str
    final_url: str
    body: bytes
    fetched_at: datetime | None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    source_id: str | None = None
    robots: str = "allowed"


@dataclass(frozen=True, slots=True)
class Published:
    """Tell when an article was published, how exactly, and how we know.

    `value` is ISO 8601: a date where `precision` is "day", else a time with its offset. None means that the page
    does not say, however much `raw` hints ("1 day ago" without a fetch time). `evidence` names the kind of proof
    ("json-ld", "meta", "url", "label", "feed", "lastmod", "given", …); `conflicts` holds other dates the page claims.
    """

    value: str | None = None
    precision: Precision | None = None
    evidence: str | None = None
    raw: str | None = None
    zone_assumed: bool = False
    conflicts: tuple[str, ...] = ()

    def instant(self, zone: str = "UTC") -> datetime | None:
        """Give the earliest aware UTC time that `value` can mean; a bare day begins in `zone`."""
        if self.value is None:
            return None
        if len(self.value) == 10:
            day = date.fromisoformat(self.value)
            return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        return datetime.fromisoformat(self.value).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Folded:
    """Count what was folded away as repetition inside one page."""

    copies: int = 0
    chars_removed: int = 0


@dataclass(frozen=True, slots=True)
class Entity:
    """Point at one gazetteer entity in an article's text: `text[start:end] == surface`."""

    id: str
    kind: str
    surface: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Article:
    """Say what a page says; lines of `text` are paragraphs, separated by a single newline.

    `url` is the address as it was given or reached, `key` its canonical form: two addresses of one document have
    one key. The pipeline sets `key`; readers may leave it empty.
    """

    url: str
    title: str | None
    text: str
    lang: str | None = None
    published: Published = Published()
    publisher: str | None = None
    original_source: str | None = None
    chain: tuple[str, ...] = ()
    author: str | None = None
    folded: Folded = Folded()
    entities: tuple[Entity, ...] = ()
    source_id: str | None = None
    fetched_at: datetime | None = None
    notes: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Point at one term that took part in a match, inside its sentence: `sentence[start:end] == text`."""

    text: str
    start: int
    end: int
    concept: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Quote the sentence that proves a match; `where` tells whether offsets count in title or text."""

    sentence: str
    start: int
    end: int
    spans: tuple[Span, ...] = ()
    where: Literal["title", "text"] = "text"


@dataclass(frozen=True, slots=True)
class Match:
    """Say that a rule found something in an article, and prove it.

    `kind` is the rule's ("policy", "company", …). `status` is "event" where this text announces it and "mention"
    where it only refers to it; `reason` says in a few words why.
    """

    rule: str
    kind: str
    status: MatchStatus
    severity: Severity
    evidence: tuple[Evidence, ...]
    reason: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """Name one article of a story, how it relates to the lead and what shows it, in words.

    A `clone` apes a government page on a foreign host: it is counted, but never linked to in an alert.
    """

    url: str
    relation: Relation
    evidence: str
    clone: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Join an article's story to another that it contains or corroborates.

    `inbound` turns the direction round: the other story contains this one.
    """

    story_id: str
    kind: LinkKind
    evidence: str
    inbound: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """Hold the articles that are one piece of news; `lead` is the URL of the best member, not among `members`."""

    id: str
    lead: str
    members: tuple[Member, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Same:
    """Name a story that turned out to be the same piece of news, and what shows it, in words."""

    story_id: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Decide where an article goes.

    `relation` is None where it opens the story `story_id`; `evidence` says in words why it joined one.
    `becomes_lead` is True where it is a better lead than the present one (always so for an opener). `merges` names
    stories that the article shows to be this one, `clones` addresses that ape a government page.
    """

    story_id: str
    relation: Relation | None = None
    evidence: str = ""
    becomes_lead: bool = True
    links: tuple[Link, ...] = ()
    merges: tuple[Same, ...] = ()
    clones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """Tell one subscription of one story by one rule: exactly one row, ever. `reason` names why it was sent or not."""

    id: str
    story_id: str
    rule: str
    subscription: str
    created: datetime
    reason: str
    article_url: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """Carry alerts to one destination; `id` stays the same over all attempts, so a receiver can key on it.

    `since` is the time of the first of these attempts, `held_for` the reason it waited for others to join it.
    """

    id: str
    destination: str
    subscription: str
    alert_ids: tuple[str, ...]
    state: DeliveryState
    due_at: datetime
    created: datetime
    attempts: int = 0
    last_error: str | None = None
    since: datetime | None = None
    held_for: str | None = None

    @property
    def told(self) -> datetime:
        """Give the time to be shown on it: of the first attempt, the same over all; a digest came to be long before."""
        return self.since or self.created
