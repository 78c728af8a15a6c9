"""Write everything that follows from one article in one transaction; nothing is sent here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlite_utils import Database

from alerts.routing import route
from alerts.subscription import Subscription
from alerts.updates import LEAD, lead_updates
from crawler.health import watch
from crawler.leads.address import canonical_key
from crawler.news import own_news
from crawler.reading.readpage import ReadPage
from crawler.stories.dictionary import Dictionary
from crawler.stories.lead import HostRoles, rank, role_of, speaks_itself
from crawler.stories.place import place
from crawler.threads import follow
from crawler.timetable import is_adaptive, taught_by_archive
from rules.matcher import Matcher
from state import articles, furniture, matches, outbox, pages, rhythms, stories, updates
from state.health import Read
from state.policies import Stage
from state.records import Article, Entity, Lead, Match, Origin, Page, Placement, Source
from state.standing import NOTHING_STANDS, Standing, standing


@dataclass(frozen=True, slots=True)
class Ingested:
    """Report what became of one article; `new` is False where its address was known already.

    `alerts` counts the deliveries that result, `raised` names the subscriptions that have a new alert.
    """

    article: Article
    story_id: str | None
    placement: Placement | None
    matches: tuple[Match, ...]
    alerts: int
    new: bool
    raised: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ingest:
    """Hold what the walk's one transaction needs, built once from the configuration."""

    matcher: Matcher
    sources: Mapping[str, Source]
    subscriptions: Sequence[Subscription]
    max_age: timedelta
    dictionary: Dictionary | None = None
    roles: HostRoles = field(default_factory=dict)

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
        outdone = self._outdone(db, article, placement)
        stories.place(db, article.url, placement, now)
        # A page that apes another is no announcement, whatever words stand on it.
        clone = role_of(article.url, source, self.roles) == "clone"
        announced = () if clone else findings.matches
        found, known_stages = follow(db, announced, placement.story_id, article.url, now)
        matches.store(db, article.url, placement.story_id, found, now)
        story = stories.find(db, placement.story_id)
        assert story is not None
        fresh = self._is_news(db, article, story.id, zone, now)
        stands = self._standing(db, found, known_stages, now) if found else NOTHING_STANDS
        routed = route(
            article=article,
            source=source,
            story=story,
            matches=own_news(db, found, _contained(placement)),
            subscriptions=self.subscriptions,
            origin=origin,
            fresh=fresh,
            now=now,
            standing=stands,
        )
        alerts = len(outbox.store(db, routed.alerts, routed.deliveries, now))
        if outdone and fresh and origin == "live":
            alerts += self._tell_of_lead(db, article, story.id, now)
        raised = frozenset(alert.subscription for alert in routed.alerts)
        return Ingested(article, placement.story_id, placement, found, alerts, new=True, raised=raised)

    def _standing(
        self, db: Database, found: Sequence[Match], known: Mapping[str, Sequence[Stage]], now: datetime
    ) -> Standing:
        return replace(
            standing(db, now),
            followers=_followers(db, found),
            informed={rule: self._informed(db, told, now) for rule, told in known.items()},
        )

    def _informed(self, db: Database, told: Sequence[Stage], now: datetime) -> frozenset[str]:
        """Give the subscriptions to which a stage of a policy is no news.

        As long as it is news at all, those that heard of it: who did not ask for the first report may ask for the next.
        """
        since = min(
            min(stage.first_seen, articles.earliest_date(db, stage.story_id) or now) for stage in told
        )
        if now - since > self.max_age:
            return frozenset(subscription.id for subscription in self.subscriptions)
        return updates.informed(db, [stage.article_url for stage in told])

    def _outdone(self, db: Database, article: Article, placement: Placement) -> bool:
        """Tell whether the issuer or the company itself takes a story's lead from somebody who quoted it."""
        story = stories.find(db, placement.story_id) if placement.becomes_lead else None
        lead = articles.find(db, story.lead) if story is not None else None
        if lead is None:
            return False
        ranks = (rank(one, self.source_of(one.source_id), self.roles) for one in (article, lead))
        return speaks_itself(*ranks)

    def _tell_of_lead(self, db: Database, article: Article, story_id: str, now: datetime) -> int:
        """Send updates on a story's new lead to who was told of the story and asks for them; give their number."""
        deliveries = lead_updates(
            told=updates.told(db, story_id),
            article=article,
            story_id=story_id,
            subscriptions=self.subscriptions,
            now=now,
            standing=standing(db, now),
        )
        outbox.post_update(db, deliveries, LEAD, now)
        return len(deliveries)

    def _placement(
        self, db: Database, article: Article, source: Source | None, others: Sequence[Entity], now: datetime
    ) -> Placement:
        twin = articles.with_key(db, article.key, but=article.url)
        if twin is None:
            return place(db, article, source, now, self.dictionary, others, self.roles)
        story_id = stories.of_article(db, twin)
        assert story_id is not None
        return Placement(
            story_id,
            "same_document",
            f"both addresses lead to the document {article.key}",
            becomes_lead=False,
        )

    def _is_news(self, db: Database, article: Article, story_id: str, zone: str, now: datetime) -> bool:
        """Tell whether an article is news; a copy without a date is as old as the story that it joins."""
        known = articles.earliest_date(db, story_id) if article.published.instant(zone) is None else None
        return self.is_fresh(article, zone, now) if known is None else now - known <= self.max_age

    def is_fresh(self, article: Article, zone: str, now: datetime) -> bool:
        """Tell whether an article is news; one without a date is, because its source has only now shown it."""
        published = article.published.instant(zone)
        return published is None or now - published <= self.max_age


def _followers(db: Database, found: Sequence[Match]) -> frozenset[str]:
    """Give the subscriptions that were told of earlier stages of the policies that matches announce."""
    earlier = {item["url"] for match in found for item in match.facts.get("earlier", ())}
    return updates.followers(db, sorted(earlier)) if earlier else frozenset()


def _contained(placement: Placement) -> list[str]:
    return [link.story_id for link in placement.links if link.kind == "contains" and not link.inbound]


def _key(final_url: str, lead_key: str) -> str:
    try:
        return canonical_key(final_url)
    except ValueError:
        return lead_key


def host_of(url: str) -> str:
    """Give the host of an address, the unit by which furniture is learned."""
    return urlsplit(url).netloc.lower()
