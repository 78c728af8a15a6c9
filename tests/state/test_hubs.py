"""Hubs of feeds, and how we stand with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from state import hubs, sources
from state.database import open_writer
from state.sources import Poll

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
HUB, TOPIC = "https://hub.example/", "https://news.example/feed"


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as opened:
        sources.register(opened, "news", TOPIC, NOW)
        hubs.offer(opened, "news", HUB, TOPIC, NOW)
        yield opened


def due(db, now=NOW, *, enabled=("news",)):
    return [(one.source_id, mode) for one, mode in hubs.due(db, enabled, now)]


def subscribe(db, lease=timedelta(days=10)):
    hubs.ask(db, "news", "subscribe", "token", "secret", NOW + HOUR)
    hubs.verify(db, "news", "subscribe", lease, NOW)


def test_a_hub_is_asked_at_once_and_again_where_it_never_verifies(db):
    assert due(db) == [("news", "subscribe")]
    hubs.ask(db, "news", "subscribe", "token", "secret", NOW + HOUR)
    assert due(db) == []
    assert due(db, NOW + HOUR) == [("news", "subscribe")]


def test_a_lease_is_renewed_a_day_before_its_end(db):
    subscribe(db)
    assert due(db, NOW + timedelta(days=8, hours=23)) == []
    assert due(db, NOW + timedelta(days=9)) == [("news", "subscribe")]


def test_the_same_offer_changes_nothing_another_begins_anew(db):
    subscribe(db)
    hubs.offer(db, "news", HUB, TOPIC, NOW)
    assert hubs.every(db)[0].state == "active"
    hubs.offer(db, "news", "https://other.example/", TOPIC, NOW)
    (one,) = hubs.every(db)
    assert (one.state, one.token, one.secret) == ("offered", None, None)


def test_a_hub_that_denies_is_asked_later(db):
    subscribe(db)
    hubs.fail(db, "news", "the hub denied it", NOW + 24 * HOUR)
    assert (hubs.every(db)[0].state, due(db), due(db, NOW + 24 * HOUR)) == (
        "refused",
        [],
        [("news", "subscribe")],
    )


def test_the_subscription_of_a_source_that_is_switched_off_is_ended(db):
    subscribe(db)
    assert due(db, enabled=()) == [("news", "unsubscribe")]
    hubs.ask(db, "news", "unsubscribe", "token", "secret", NOW + HOUR)
    assert due(db, enabled=()) == []
    hubs.verify(db, "news", "unsubscribe", timedelta(0), NOW)
    assert hubs.every(db) == ()


def test_a_hub_that_never_lets_go_is_forgotten(db):
    subscribe(db)
    hubs.ask(db, "news", "unsubscribe", "token", "secret", NOW + HOUR)
    assert due(db, NOW + HOUR, enabled=()) == []
    assert hubs.every(db) == ()


def test_a_source_switched_on_again_is_subscribed_again(db):
    subscribe(db)
    hubs.ask(db, "news", "unsubscribe", "token", "secret", NOW + HOUR)
    assert due(db) == [("news", "subscribe")]


@pytest.mark.parametrize(
    ("polled", "error", "due_at"),
    [
        (NOW - HOUR, None, NOW),
        (NOW - timedelta(seconds=20), None, NOW + timedelta(seconds=40)),
        (NOW - HOUR, "HTTP 500", NOW + 5 * HOUR),
    ],
    ids=["at once", "a minute after the last look", "not while it fails"],
)
def test_a_ring_makes_a_feed_due(db, polled, error, due_at):
    sources.record_poll(db, Poll("news", polled, NOW + 5 * HOUR, error=error))
    hubs.ring(db, "news", NOW)
    assert sources.all_states(db)["news"].next_due == due_at
    assert hubs.every(db)[0].pushes == 1
