"""Write everything that follows from one article in one transaction; nothing is sent here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlite_utils import Database

from alerts.routing import route
from alerts.subscription import Subscription
from crawler.health import watch
from crawler.leads.address import canonical_key
from crawler.reading.page import ReadPage
from crawler.stories.dictionary import Dictionary
from crawler.stories.place import place
from crawler.threads import follow
from crawler.timetable import is_adaptive, taught_by_archive
from rules.matcher import Matcher
from state import articles, furniture, matches, outbox, pages, rhythms, stories
from state.health import Read
from state.records import Article, Entity, Lead, Match, Origin, Page, Placement, Source
from state.standing import NOTHING_STANDS, standing


@dataclass(frozen=True, slots=True)
class Ingested:
    """Report what became of one article; `new` is False where its address was known already."""

    article: Article
    story_id: str | None
    placement: Placement | None
    matches: tuple[Match, ...]
    alerts: int
    new: bool


@dataclass(frozen=True, slots=True)
class Ingest:
    """Hold what the walk's one transaction needs, built once from the configuration."""

    matcher: Matcher
    sources: Mapping[str, Source]
    subscriptions: Sequence[Subscription]
    max_age: timedelta
    dictionary: Dictionary | None = None

    def source_of(self, source_id: str | None) -> Source | None:
        """Give a source by its id, None where it is no longer configured."""
        return self.sources.get(source_id) if source_id is not None else None

    def page(
        self, db: Database, reading: ReadPage, page: Page, lead: Lead, origin: Origin, now: datetime
    ) -> Ingested:
        """Ingest the article of a fetched page and mark the page as done."""
        article = reading.article
        furniture.remember(db, host_of(page.final_url), page.final_url, article.title, reading.line_keys, now)
        article = replace(article, url=page.final_url, key=_key(page.final_url, lead.key))
        ingested = self.article(db, article, origin, now)
        if origin != "backfill":
            watch.after_page(db, lead.source_id, Read(len(article.text), article.lang), now)
        pages.mark_done(db, lead.key)
        return ingested

    def article(self, db: Database, article: Article, origin: Origin, now: datetime) -> Ingested:
        """Ingest one article: find entities and matches, its story, its alerts; store all of it."""
        if articles.exists(db, article.url):
            return Ingested(article, stories.of_article(db, article.url), None, (), 0, new=False)
        source = self.source_of(article.source_id)
        findings = self.matcher.read(article, source)
        article = replace(article, entities=findings.entities)
        zone = source.zone if source is not None else "UTC"
        articles.insert(db, article, origin, now, zone)
        if origin == "backfill" and source is not None and is_adaptive(source):
            rhythm = rhythms.load(db, source.id, now)
            rhythms.store(db, source.id, taught_by_archive(rhythm, source, article.published, now))
        placement = self._placement(db, article, source, findings.others, now)
        stories.place(db, article.url, placement, now)
        found, known_stages = follow(db, findings.matches, placement.story_id, article.url, now)
        matches.store(db, article.url, placement.story_id, found, now)
        story = stories.find(db, placement.story_id)
        assert story is not None
        routed = route(
            article=article,
            source=source,
            story=story,
            matches=[match for match in _own_news(db, found, placement) if match.rule not in known_stages],
            subscriptions=self.subscriptions,
            origin=origin,
            fresh=self.is_fresh(article, zone, now),
            now=now,
            standing=standing(db, now) if found else NOTHING_STANDS,
        )
        outbox.store(db, routed.alerts, routed.deliveries, now)
        return Ingested(article, placement.story_id, placement, found, len(routed.deliveries), new=True)

    def _placement(
        self, db: Database, article: Article, source: Source | None, others: Sequence[Entity], now: datetime
    ) -> Placement:
        twin = articles.with_key(db, article.key, but=article.url)
        if twin is None:
            return place(db, article, source, now, self.dictionary, others)
        story_id = stories.of_article(db, twin)
        assert story_id is not None
        return Placement(
            story_id,
            "same_document",
            f"both addresses lead to the document {article.key}",
            becomes_lead=False,
        )

    def is_fresh(self, article: Article, zone: str, now: datetime) -> bool:
        """Tell whether an article is news; one without a date is, because its source has only now shown it."""
        published = article.published.instant(zone)
        return published is None or now - published <= self.max_age


def _own_news(db: Database, found: tuple[Match, ...], placement: Placement) -> tuple[Match, ...]:
    """Give the matches whose evidence is not all quoted from stories that are known and merely contained in this one.

    A daily brief repeats the opening paragraphs of what was told before; it announces nothing itself.
    """
    contained = [link.story_id for link in placement.links if link.kind == "contains" and not link.inbound]
    told = [article for story_id in contained for article in articles.of_story(db, story_id)]
    carried = "\n".join(f"{article.title}\n{article.text}" for article in told)
    return tuple(match for match in found if not all(item.sentence in carried for item in match.evidence))


def _key(final_url: str, lead_key: str) -> str:
    try:
        return canonical_key(final_url)
    except ValueError:
        return lead_key


def host_of(url: str) -> str:
    """Give the host of an address, the unit by which furniture is learned."""
    return urlsplit(url).netloc.lower()
