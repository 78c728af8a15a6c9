"""Feeds of alerts: what feed readers make of them, whatever the headlines hold."""

from __future__ import annotations

import json
from datetime import timedelta
from xml.etree import ElementTree as ET

import feedparser
import pytest

from alerts.feeds import make_feed, write_feed
from alerts.view import Names
from state.deliveries import latest_stories

HOSTILE = (
    "<script>alert(1)</script> & ]]> <!-- {{ 7*7 }} \x00\x0b\ufffe\U0001f680 \u202eevil\u2028 "
    "=?utf-8?q?a=0D=0Ab?= " + "长" * 300
)


@pytest.fixture
def feed(newsroom):
    """Give the feed of the newsroom's only subscription."""

    def feed(limit=50, address=None):
        (subscription,) = newsroom.subscriptions
        stories = newsroom.writer.run_now(latest_stories, subscription.id, limit)
        return make_feed(subscription, stories, Names(), address)

    return feed


def test_feed_readers_read_atom_back(newsroom, feed, now):
    newsroom.subscribe(name="Policy desk")
    newsroom.publish(title="First")
    newsroom.publish(title="Second & <last>", now=now + timedelta(hours=1))
    read = feedparser.parse(write_feed(feed(address="https://x.example/s1.atom"), "atom"))
    assert not read.bozo
    assert (read.version, read.feed.title) == ("atom10", "yuewatch: Policy desk")
    assert read.feed.links[0].href == "https://x.example/s1.atom"
    latest, first = read.entries
    assert latest.title == "Second & <last>"
    assert (first.title, first.link) == ("First", "https://news.example/1.html")
    assert latest.updated == (now + timedelta(hours=1)).isoformat()
    assert "<strong>artificial intelligence</strong>" in first.content[0].value
    assert len({latest.id, first.id, read.feed.id}) == 3


def test_a_json_feed_says_the_same(newsroom, feed, now):
    newsroom.subscribe(name="政策", lang="zh")
    newsroom.publish(title="First")
    read = json.loads(write_feed(feed(), "json"))
    assert read["version"] == "https://jsonfeed.org/version/1.1"
    assert (read["title"], read["language"]) == ("yuewatch: 政策", "zh")
    (item,) = read["items"]
    assert (item["title"], item["url"]) == ("First", "https://news.example/1.html")
    assert (item["date_published"], item["tags"]) == (now.isoformat(), ["政策"])
    assert "<strong>" in item["content_html"]


def test_hostile_headlines_leave_the_xml_well_formed_and_without_markup(newsroom, feed):
    newsroom.subscribe(name=HOSTILE)
    newsroom.publish(title=HOSTILE, publisher=HOSTILE, text=f"{HOSTILE} {newsroom.article.text}")
    written = write_feed(feed(), "atom")
    root = ET.fromstring(written)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {
        "feed", "id", "title", "updated", "author", "name", "entry", "link", "published", "category", "content",
    }  # fmt: skip
    (content,) = root.iter("{http://www.w3.org/2005/Atom}content")
    assert "<script" not in content.text
    assert "49" not in content.text.replace("{{ 7*7 }}", "")
    assert not feedparser.parse(written).bozo
    (item,) = json.loads(write_feed(feed(), "json"))["items"]
    assert "<script" not in item["content_html"]


def test_a_feed_is_bounded_the_latest_first_and_leaves_out_what_was_kept_quiet(newsroom, feed, now):
    newsroom.subscribe()
    for number in range(5):
        newsroom.publish(title=f"Story {number}", now=now + timedelta(minutes=number))
    newsroom.publish(title="Old", fresh=False, now=now + timedelta(hours=1))
    assert [entry.story.headline for entry in feed(limit=3).entries] == ["Story 4", "Story 3", "Story 2"]
    assert len(feed().entries) == 5


def test_copies_and_other_rules_stay_one_entry(newsroom, feed, match):
    from dataclasses import replace

    newsroom.subscribe()
    newsroom.publish(story=None)
    before = feed()
    newsroom.publish(story="st_1", found=(match, replace(match, rule="gd-computing")))
    (entry,) = feed().entries
    assert entry.id == before.entries[0].id


def test_an_empty_feed_is_a_feed(newsroom, feed):
    newsroom.subscribe()
    read = feedparser.parse(write_feed(feed(), "atom"))
    assert (read.bozo, read.entries) == (False, [])
    assert json.loads(write_feed(feed(), "json"))["items"] == []
