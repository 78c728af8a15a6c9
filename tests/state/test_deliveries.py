from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from state import articles, deliveries, matches, outbox, stories
from state.database import open_writer
from state.records import Alert, Article, Delivery, Evidence, Link, Match, Placement

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
MATCH = Match("policy", "policy", "event", "high", (Evidence("A plan.", 0, 7),))


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as database:
        yield database


def carry(db, url, story_id, relation=None, links=()):
    article = Article(url, f"Title of {url}", "A plan.", publisher=f"Publisher of {url}")
    articles.insert(db, article, "live", NOW)
    placement = Placement(story_id, relation, "same words", relation is None, links)
    stories.place(db, url, placement, NOW)


def send(db, url, story_id, delivery_id="dl_1", to="mail"):
    alert = Alert(f"al_{story_id}", story_id, "policy", "desk", NOW, "new", url)
    delivery = Delivery(delivery_id, to, "desk", (alert.id,), "due", NOW, NOW)
    return outbox.store(db, [alert], [delivery], NOW)[0]


def test_contents_hold_what_a_message_needs(db):
    carry(db, "https://a.example/", "st_1")
    carry(db, "https://b.example/", "st_1", "copy")
    carry(db, "https://c.example/", "st_2", links=(Link("st_1", "corroborates", "same figures"),))
    matches.store(db, "https://b.example/", "st_1", (MATCH,), NOW)
    kept = send(db, "https://b.example/", "st_1")
    contents = deliveries.load_delivery(db, kept.id)
    (told,) = contents.alerts
    assert contents.delivery == kept
    assert told.article.url == "https://b.example/"
    assert told.lead.url == "https://a.example/"
    assert told.match == MATCH
    assert [(c.url, c.relation) for c in told.carriers] == [("https://b.example/", "copy")]
    assert told.carried_by == 1
    assert [c.url for c in told.corroborating] == ["https://c.example/"]


def test_many_carriers_are_named_in_part_and_counted_in_whole(db):
    carry(db, "https://a.example/", "st_1")
    for number in range(30):
        carry(db, f"https://copy{number}.example/", "st_1", "copy")
    kept = send(db, "https://a.example/", "st_1")
    (told,) = deliveries.load_delivery(db, kept.id).alerts
    assert (len(told.carriers), told.carried_by) == (deliveries.MOST_CARRIERS, 30)


def test_an_alert_whose_article_was_erased_is_left_out(db):
    carry(db, "https://a.example/", "st_1")
    kept = send(db, "https://a.example/", "st_1")
    db.execute("DELETE FROM articles")
    assert deliveries.load_delivery(db, kept.id).alerts == ()


def test_an_alert_whose_article_no_longer_matches_is_told_without_evidence(db):
    carry(db, "https://a.example/", "st_1")
    kept = send(db, "https://a.example/", "st_1")
    assert deliveries.load_delivery(db, kept.id).alerts[0].match is None


def test_an_unknown_delivery_is_none(db):
    assert deliveries.load_delivery(db, "dl_unknown") is None
    assert deliveries.find(db, "dl_unknown") is None


def test_listings_filter_by_state_and_destination(db):
    carry(db, "https://a.example/", "st_1")
    first = send(db, "https://a.example/", "st_1", "dl_1", "mail")
    second = send(db, "https://a.example/", "st_2", "dl_2", "hook")
    outbox.drop(db, NOW, delivery_id=second.id)
    assert [d.id for d in deliveries.listing(db)] == ["dl_2", "dl_1"]
    assert [d.id for d in deliveries.listing(db, states=("due", "parked"))] == [first.id]
    assert [d.id for d in deliveries.listing(db, destination="hook")] == [second.id]
    assert [d.id for d in deliveries.listing(db, limit=1)] == ["dl_2"]
    assert deliveries.counts(db) == {("mail", "due"): 1, ("hook", "dropped"): 1}
    assert deliveries.reasons(db) == {"new": 2}


def test_every_alert_comes_with_its_deliveries(db):
    carry(db, "https://a.example/", "st_1")
    kept = send(db, "https://a.example/", "st_1")
    ((alert, carrying),) = deliveries.every_alert(db)
    assert (alert.story_id, carrying) == ("st_1", (kept,))


def test_attempts_are_remembered_in_order(db):
    carry(db, "https://a.example/", "st_1")
    kept = send(db, "https://a.example/", "st_1")
    for outcome in ("retry_later", "delivered"):
        outbox.claim(db, NOW, timedelta(0), 1)
        state = "due" if outcome == "retry_later" else "delivered"
        attempt = outbox.Attempt(kept.id, NOW, outcome, "why", timedelta(milliseconds=12))
        outbox.record(db, attempt, state, NOW)
    assert [(t.outcome, t.took) for t in deliveries.attempts(db, kept.id)] == [
        ("retry_later", timedelta(milliseconds=12)),
        ("delivered", timedelta(milliseconds=12)),
    ]
