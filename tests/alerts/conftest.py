"""What the alert tests share: a story in a real state file, a clock to set, real receivers on loopback."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from functools import partial

import pytest
from certificates import write_certificate

from alerts.rendering import Renderer
from alerts.routing import route
from alerts.subscription import Subscription
from alerts.view import Names
from state import articles, matches, outbox, stories
from state.records import Article, Entity, Evidence, Match, Placement, Published, Span, Story
from state.standing import standing
from state.writer import Writer

NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
SENTENCE = "The province will build three computing hubs for artificial intelligence by 2028."


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def advance(self, **length):
        self.now += dt.timedelta(**length)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def writer(tmp_path):
    with Writer(tmp_path / "state.db") as writer:
        yield writer


@pytest.fixture(scope="session")
def article():
    return Article(
        url="https://news.example/2026/plan.html",
        title="Guangdong issues plan for computing hubs",
        text=SENTENCE,
        lang="en",
        published=Published("2026-11-21T17:30:00+08:00", "minute", "meta"),
        publisher="Example Daily",
        entities=(Entity("guangdong", "province", "The province", 0, 12),),
        source_id="example-daily",
        fetched_at=NOW,
    )


@pytest.fixture(scope="session")
def match():
    start = SENTENCE.index("artificial")
    return Match(
        rule="gd-policy",
        kind="policy",
        status="event",
        severity="normal",
        evidence=(
            Evidence(
                SENTENCE,
                0,
                len(SENTENCE),
                (Span("artificial intelligence", start, start + 23, "ai"),),
            ),
        ),
        reason="a plan is announced",
    )


@dataclass
class Newsroom:
    """Put stories into the state, as the pipeline does: article, story, matches, alerts, deliveries at once."""

    writer: Writer
    article: Article
    match: Match
    subscriptions: list[Subscription] = field(default_factory=list)
    published: int = 0

    def subscribe(self, *destinations, **wishes):
        subscription = Subscription(id=f"s{len(self.subscriptions) + 1}", destinations=destinations, **wishes)
        self.subscriptions.append(subscription)
        return subscription

    def publish(self, *, now=NOW, story=None, found=None, fresh=True, origin="live", **changes):
        """Give the deliveries that one more article causes, in a story of its own unless one is named."""
        self.published += 1
        url = changes.pop("url", f"https://news.example/{self.published}.html")
        written = replace(self.article, url=url, **changes)
        found = (self.match,) if found is None else found
        story_id = story or f"st_{self.published}"
        relation = "copy" if story else None
        placement = Placement(story_id, relation, "same words", becomes_lead=not story)

        def change(db):
            articles.insert(db, written, origin, now)
            stories.place(db, url, placement, now)
            matches.store(db, url, story_id, tuple(found), now)
            routed = route(
                article=written,
                source=None,
                story=Story(story_id, url),
                matches=found,
                subscriptions=self.subscriptions,
                origin=origin,
                fresh=fresh,
                now=now,
                standing=standing(db, now),
            )
            return outbox.store(db, routed.alerts, routed.deliveries, now)

        return self.writer.run_now(change)

    def find(self, delivery):
        return self.writer.run_now(outbox.find, delivery.id)

    def attempts(self, delivery):
        from state.deliveries import attempts

        return self.writer.run_now(attempts, delivery.id)

    def contents(self, delivery):
        return self.writer.run_now(outbox.load_delivery, delivery.id)

    def renderer(self, **names):
        return Renderer(Names(**names), {one.id: one for one in self.subscriptions})

    def message(self, delivery, **names):
        return self.renderer(**names).render(self.contents(delivery))


@pytest.fixture(scope="session")
def open_newsroom(article, match):
    return partial(Newsroom, article=article, match=match)


@pytest.fixture
def newsroom(writer, open_newsroom):
    return open_newsroom(writer)


@pytest.fixture
def message(newsroom):
    """One rendered alert."""
    newsroom.subscribe("desk")
    return newsroom.message(newsroom.publish()[0])


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """Make a certificate for 127.0.0.1 and give the files of certificate and key."""
    return write_certificate(tmp_path_factory.mktemp("certificate"), "127.0.0.1", "localhost")
