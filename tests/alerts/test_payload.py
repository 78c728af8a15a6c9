from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.payload import MOST_BYTES, as_json, notice_payload, payload
from alerts.view import Names
from state.deliveries import AlertContents, Carrier, Contents, Notice
from state.records import Alert, Article, Delivery, Entity, Evidence, Match, Span


@pytest.fixture
def contents(newsroom):
    newsroom.subscribe("hook", name="Guangdong AI")
    return newsroom.contents(newsroom.publish()[0])


def size(body):
    return len(as_json(body).encode())


def test_the_payload_tells_what_where_when_and_why(contents, match):
    body = payload(contents, Names(rules={"gd-policy": "Policy of Guangdong"}))
    assert (body["type"], body["version"], body["timestamp"]) == ("alert", 1, "2026-11-21T10:00:00.000+00:00")
    assert body["data"]["delivery_id"] == contents.delivery.id
    (story,) = body["data"]["stories"]
    assert story["lead"] == {
        "url": "https://news.example/1.html",
        "title": "Guangdong issues plan for computing hubs",
        "lang": "en",
        "published": {
            "value": "2026-11-21T17:30:00+08:00",
            "precision": "minute",
            "evidence": "meta",
            "zone_assumed": False,
        },
        "publisher": "Example Daily",
        "original_source": None,
    }
    (alert,) = story["alerts"]
    assert (alert["rule"], alert["rule_name"]) == ("gd-policy", "Policy of Guangdong")
    assert (alert["kind"], alert["status"], alert["severity"], alert["reason"]) == (
        "policy",
        "event",
        "normal",
        "new",
    )
    (evidence,) = alert["evidence"]
    assert evidence["sentence"] == match.evidence[0].sentence
    (term,) = evidence["terms"]
    assert evidence["sentence"][term["start"] : term["end"]] == term["text"] == "artificial intelligence"


def many(contents, count, **changes):
    """Give a delivery of `count` stories like the one in `contents`."""
    (told,) = contents.alerts
    alerts = tuple(
        replace(told, alert=replace(told.alert, id=f"al_{n}", story_id=f"st_{n}"), **changes)
        for n in range(count)
    )
    return replace(contents, alerts=alerts)


def test_a_digest_too_large_lists_what_fits_and_counts_the_rest(contents):
    body = payload(many(contents, 500), Names())
    shown = len(body["data"]["stories"])
    assert body["type"] == "digest"
    assert size(body) <= MOST_BYTES
    assert shown >= 10
    assert shown + body["data"]["more_stories"] == 500


def test_before_a_story_is_left_out_all_are_thinned(contents):
    carriers = tuple(Carrier(f"https://copy{n}.example/", None, f"Paper {n}", "zh", "copy") for n in range(8))
    full = payload(many(contents, 5, carriers=carriers, carried_by=40), Names())
    assert [len(story["also_carried_by"]) for story in full["data"]["stories"]] == [8] * 5
    thin = payload(many(contents, 18, carriers=carriers, carried_by=40), Names())
    assert thin["data"]["more_stories"] == 0
    assert thin["data"]["stories"][-1]["also_carried_by"] == []
    assert thin["data"]["stories"][-1]["carried_by"] == 40


words = st.text(max_size=3000) | st.sampled_from(
    ["长" * 5000, "\x00" * 5000, "\ud800" * 700, "🚀" * 3000, '"\\' * 4000]
)


@given(
    title=words,
    sentence=words,
    name=words,
    rule=st.text(max_size=60),
    count=st.integers(1, 12),
    rules=st.integers(1, 30),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_payload_is_beyond_the_standard_s_20_kb(now, title, sentence, name, rule, count, rules):
    spans = tuple(Span(sentence[:100], 0, len(sentence[:100]), name) for _ in range(50))
    evidence = (Evidence(sentence, 0, len(sentence), spans),) * 5
    url = "https://news.example/" + "a" * 1900
    article = Article(
        url,
        title,
        sentence,
        publisher=name,
        original_source=name,
        entities=(Entity("x", "x", name, 0, 1),) * 40,
    )
    alerts = tuple(
        AlertContents(
            Alert(f"al_{s}_{r}", f"st_{s}", f"{r}{rule}", "desk", now, "new", url),
            article,
            article,
            Match(rule, "policy", "event", "normal", evidence),
            tuple(Carrier(url, title, name, "en", "copy") for _ in range(20)),
            20,
        )
        for s in range(count)
        for r in range(rules)
    )
    delivery = Delivery("dl_1", "hook", "desk", (), "due", now, now)
    body = payload(Contents(delivery, alerts), Names())
    assert size(body) <= MOST_BYTES
    assert json.loads(as_json(body))["data"]["stories"][0]["alerts"]
    assert len(body["data"]["stories"]) + body["data"]["more_stories"] == count


@pytest.mark.parametrize("length", [40, 300, 900])
def test_no_line_of_a_notice_is_lost_however_long_they_are(now, length):
    delivery = Delivery("dl_1", "ops", "operators", (), "due", now, now)
    lines = tuple(f"{number} {'源' * length}" for number in range(36))
    body = notice_payload(delivery, Notice("k", "yuewatch needs a hand", lines))
    assert len(as_json(body).encode()) <= MOST_BYTES
    assert [line.split()[0] for line in body["data"]["lines"]] == [str(number) for number in range(36)]
    assert body["data"]["more_lines"] == 0


def test_lines_of_a_notice_that_do_not_fit_are_counted(now):
    delivery = Delivery("dl_1", "ops", "operators", (), "due", now, now)
    body = notice_payload(delivery, Notice("k", "yuewatch needs a hand", ("源" * 900,) * 100))
    assert len(as_json(body).encode()) <= MOST_BYTES
    assert body["data"]["more_lines"] == 100 - len(body["data"]["lines"]) > 0
