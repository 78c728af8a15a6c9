"""When a destination is told of a story, and how often, as several subscriptions ask for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from press import article

from crawler.configuration.load import load_configuration
from crawler.station import build_ingest
from state import outbox
from state.records import Published
from state.standing import Mute, mute
from state.writer import Writer

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)  # a Saturday
MAIL = {"type": "email", "to": "a@x.example", "from": "b@x.example", "host": "x.example"}
PROMPT = {"id": "prompt", "destinations": ["mail"]}
WEEKLY = {"id": "weekly", "destinations": ["mail"], "digest": {"every": "weekly"}}
DAILY = {"id": "daily", "destinations": ["mail"], "digest": {"every": "daily"}}


class Town:
    """Publish news in a configured yuewatch, send what is due, and look at who was told."""

    def __init__(self, desk, writer):
        self.desk = desk
        self.writer = writer

    def publish(self, number, now=NOW, **changes):
        # Read anew each time, as after a reload.
        ingest = build_ingest(load_configuration(self.desk.file))
        told = replace(article(number), **changes)
        return self.writer.run_now(ingest.article, told, "live", now)

    def send(self, now):
        """Deliver what is due; give the addresses that each message tells of, by destination."""

        def send(db):
            sent = []
            for delivery in outbox.claim(db, now, timedelta(minutes=1), 99):
                outbox.record(db, outbox.Attempt(delivery.id, now, "delivered"), "delivered", now)
                contents = outbox.load_delivery(db, delivery.id)
                sent.append((delivery.destination, sorted({one.article.url for one in contents.alerts})))
            return sent

        return self.writer.run_now(send)

    def mute(self, kind, value, **length):
        self.writer.run_now(mute, Mute(kind, value, NOW + timedelta(**length), "too much of it", NOW))

    def reasons(self):
        """Give the reason of each alert, by number of its article and subscription."""
        return {
            (int(row["url"].rpartition("/")[2]), row["subscription"]): row["reason"]
            for row in self.desk.rows("alerts", "list", "--json")
        }


@pytest.fixture
def town(desk):
    opened = []

    def settle(*subscriptions, **destinations):
        desk.write(subscriptions=list(subscriptions), destinations={"mail": MAIL} | destinations)
        writer = Writer(desk.state)
        opened.append(writer)
        return Town(desk, writer)

    yield settle
    for writer in opened:
        writer.close()


def url(number):
    return f"https://gd.example/{number}"


@pytest.mark.parametrize("subscriptions", [(PROMPT, WEEKLY), (WEEKLY, PROMPT)])
def test_who_asks_first_is_told_first_in_whatever_order_they_are_written(town, subscriptions):
    place = town(*subscriptions)
    place.publish(1)
    assert place.send(NOW) == [("mail", [url(1)])]
    assert place.reasons() == {(1, "prompt"): "new", (1, "weekly"): "told"}
    assert place.send(NOW + timedelta(days=8)) == []


@pytest.mark.parametrize("subscriptions", [(DAILY, WEEKLY), (WEEKLY, DAILY)])
def test_of_two_digests_the_earlier_one_tells(town, subscriptions):
    place = town(*subscriptions)
    place.publish(1)
    assert place.send(NOW + timedelta(days=1)) == [("mail", [url(1)])]
    assert place.send(NOW + timedelta(days=8)) == []


def test_a_digest_leaves_out_what_went_out_before_it(town):
    place = town(WEEKLY)
    place.publish(1)
    place.publish(2)
    # The desk takes another subscription, and another page carries the first story.
    place.desk.write(subscriptions=[WEEKLY, PROMPT], destinations={"mail": MAIL})
    place.publish(1, url="https://copy.example/1", key="https://copy.example/1")
    assert place.send(NOW) == [("mail", ["https://copy.example/1"])]
    assert place.send(NOW + timedelta(days=8)) == [("mail", [url(2)])]


def test_each_destination_is_told_at_its_own_time(town):
    both = PROMPT | {"destinations": ["mail", "other"]}
    place = town(WEEKLY | {"destinations": ["mail", "third"]}, both, other=MAIL, third=MAIL)
    place.publish(1)
    assert sorted(place.send(NOW)) == [("mail", [url(1)]), ("other", [url(1)])]
    assert place.send(NOW + timedelta(days=8)) == [("third", [url(1)])]
    assert place.reasons() == {(1, "prompt"): "new", (1, "weekly"): "digest"}


def copy(number, **changes):
    """Give what makes a story's next article: the same words at another address."""
    address = f"https://copy.example/{number}"
    return {"url": address, "key": address, "source_id": "copy"} | changes


def test_a_mute_on_a_source_leaves_its_story_to_others(town):
    place = town(PROMPT)
    place.mute("source", "gd", days=1)
    place.publish(1, source_id="gd")
    assert place.send(NOW) == []
    assert place.reasons() == {(1, "prompt"): "muted_article"}
    place.publish(1, **copy(1))
    assert place.send(NOW) == [("mail", ["https://copy.example/1"])]
    assert place.reasons() == {(1, "prompt"): "new"}


def test_a_mute_on_a_rule_silences_a_story_for_good(town):
    place = town(PROMPT)
    place.mute("rule", "robot-unveiled", days=1)
    place.publish(1)
    place.publish(1, now=NOW + timedelta(days=2), **copy(1))
    assert place.send(NOW + timedelta(days=2)) == []
    assert place.reasons() == {(1, "prompt"): "muted"}


def test_an_old_page_leaves_its_story_to_a_fresh_one(town):
    place = town(PROMPT)
    place.publish(1, published=Published("2026-01-01", "day"))
    assert place.reasons() == {(1, "prompt"): "old"}
    place.publish(1, **copy(1, published=Published("2026-11-21", "day")))
    assert place.send(NOW) == [("mail", ["https://copy.example/1"])]


def test_a_reprint_without_a_date_is_as_old_as_its_story(town):
    place = town(PROMPT)
    place.publish(1, published=Published("2019-03-04", "day"))
    place.publish(1, **copy(1, published=Published()))
    assert place.send(NOW) == []
    assert place.reasons() == {(1, "prompt"): "old"}


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("rule", "robot-unveiled", "muted"),
        ("subscription", "weekly", "muted"),
        ("story", None, "muted"),
        ("source", "gd", "muted_article"),
        ("organisation", "guangdong", "muted_article"),
    ],
)
def test_what_is_muted_while_it_is_held_is_left_out(town, kind, value, reason):
    place = town(WEEKLY)
    ingested = place.publish(1, source_id="gd")
    place.mute(kind, value or ingested.story_id, days=8)
    assert place.reasons() == {(1, "weekly"): reason}
    assert place.send(NOW + timedelta(days=8)) == []


def test_the_rest_of_a_digest_is_sent_without_what_was_muted(town):
    place = town(WEEKLY)
    muted = place.publish(1)
    place.publish(2)
    place.mute("story", muted.story_id, days=8)
    assert place.send(NOW + timedelta(days=8)) == [("mail", [url(2)])]


def test_a_mute_that_ends_before_the_digest_leaves_it_whole(town):
    place = town(WEEKLY)
    muted = place.publish(1)
    place.mute("story", muted.story_id, hours=1)
    assert place.send(NOW + timedelta(days=8)) == [("mail", [url(1)])]


def test_a_story_muted_by_its_source_while_it_was_held_is_told_by_the_next(town):
    place = town(WEEKLY)
    place.publish(1, source_id="gd")
    place.mute("source", "gd", days=8)
    place.publish(1, **copy(1))
    assert place.send(NOW + timedelta(days=8)) == [("mail", ["https://copy.example/1"])]


def test_groups_keep_a_long_interval_from_when_the_one_before_was_sent(town):
    place = town(PROMPT | {"group": {"wait": "30s", "interval": "1d"}})

    def after(**length):
        return NOW + timedelta(**length)

    place.publish(1)
    assert len(place.send(after(minutes=1))) == 1
    place.publish(2, now=after(hours=1))  # waits for tomorrow
    assert place.send(after(hours=24)) == []
    assert len(place.send(after(hours=24, minutes=1))) == 1
    place.publish(3, now=after(hours=26))
    assert place.send(after(hours=48)) == []
    assert place.send(after(hours=48, minutes=1)) == [("mail", [url(3)])]


@pytest.mark.parametrize("first", ["capped", "prompt"])
def test_a_cap_counts_what_another_subscription_sent_to_the_same_destination(town, first):
    capped = PROMPT | {"id": "capped", "per_hour": 1, "sources": ["gd"]}
    subscriptions = [capped, PROMPT] if first == "capped" else [PROMPT, capped]
    place = town(*subscriptions)
    place.desk.write(
        sources=[{"id": "gd", "kind": "feed", "url": "https://gd.example/feed"}],
        subscriptions=subscriptions,
        destinations={"mail": MAIL},
    )
    place.publish(1, source_id="gd")
    place.desk.write(
        sources=[{"id": "gd", "kind": "feed", "url": "https://gd.example/feed"}],
        subscriptions=[capped],
        destinations={"mail": MAIL},
    )
    place.publish(2, source_id="gd")
    assert place.send(NOW) == [("mail", [url(1)])]
    assert place.reasons()[2, "capped"] == "over_cap"
