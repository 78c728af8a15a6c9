from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from markup import ATTACKS, FIELDS, active_parts, attacked

from state import articles, outbox, stories
from state.records import Evidence, Link, Placement, Published, Span

LINKS = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "vbscript:x", "data:text/html,<script>x</script>",
    "file:///etc/passwd", "//evil.example/x", 'https://x.example/"><script>x</script>', "https://x.example/' onclick='x", "blob:https://x/y",
    "https://x.example/<script>", "ftp://x.example/", "https:// evil.example", "mailto:x@evil.example", "about:blank", "view-source:https://x/",
]  # fmt: skip


@pytest.fixture
def rendered(newsroom, writer, now):
    """Render an alert with one field of it replaced."""

    def rendered(field=None, value="", **wishes):
        match, changes, names = newsroom.match, {}, {}
        if field == "sentence":
            spans = (Span(value[:3], 0, 3, "x"),)
            match = replace(match, evidence=(Evidence(value, 0, len(value), spans),))
        elif field == "kind":
            match = replace(match, kind=value or "x")
        elif field == "rule":
            names = {"rules": {match.rule: value}, "subscriptions": {"s1": value}}
        elif field == "surface":
            changes["entities"] = (replace(newsroom.article.entities[0], surface=value),)
        elif field in ("title", "publisher", "lang"):
            changes[field] = value
        if not newsroom.subscriptions:
            newsroom.subscribe("desk", **wishes)
        (delivery,) = newsroom.publish(found=[match], **changes)
        if field == "carrier":
            story = f"st_{newsroom.published}"
            copy = replace(
                newsroom.article,
                url=f"https://copy{newsroom.published}.example/",
                publisher=value,
                title=value,
            )
            writer.run_now(articles.insert, copy, "live", now)
            writer.run_now(stories.place, copy.url, Placement(story, "copy", value, becomes_lead=False), now)
        return newsroom.message(delivery, **names)

    return rendered


def test_there_are_enough_attacks():
    assert len(ATTACKS) >= 250


@pytest.mark.parametrize("field", FIELDS)
def test_no_attack_in_any_field_becomes_markup(field):
    for attack in ATTACKS:
        message = attacked(field, attack)
        assert active_parts(message.html) == []
        assert "\x1b" not in message.text
        assert "\n" not in message.subject


@pytest.mark.parametrize("link", LINKS)
def test_only_web_links_become_links(newsroom, link):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish(url=link)
    message = newsroom.message(delivery)
    assert active_parts(message.html) == []
    assert "<a " not in message.html
    assert message.payload["data"]["stories"][0]["lead"]["url"] is None


def test_templates_in_foreign_text_are_printed_as_they_are(rendered):
    for text in ("{{7*7}}", "{0.__class__}", "%s", "${x}"):
        message = rendered("title", text)
        assert text in message.text
        assert text in message.subject


def test_the_text_form_reads_well(newsroom):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish()
    assert (
        newsroom.message(delivery).text
        == f"""\
Guangdong issues plan for computing hubs
Policy · announcement
Published: 2026-11-21 17:30 UTC+08:00 · Example Daily
https://news.example/1.html

  The province will build three computing hubs for *artificial intelligence* by 2028.

Names: The province
You get this because rule gd-policy of your subscription s1 asks for it.

--\x20
To stop these messages, unsubscribe with your mail program or tell whoever runs this yuewatch.
Delivery: {delivery.id}"""
    )


def test_labels_are_in_the_subscribers_language_and_quotations_in_their_own(rendered):
    message = rendered(lang="zh")
    assert message.subject == "【政策】Guangdong issues plan for computing hubs"
    assert "政策 · 发布" in message.text
    assert "发布时间：2026-11-21 17:30 UTC+08:00" in message.text
    assert "*artificial intelligence*" in message.text


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        (Published("2026-11-21", "day", "label"), "2026-11-21 · "),
        (
            Published("2026-11-21T17:30:00+08:00", "minute", zone_assumed=True),
            "2026-11-21 17:30 UTC+08:00 (zone assumed) · ",
        ),
        (Published("2026-11-21T17:30:09+00:00", "second"), "2026-11-21 17:30:09 UTC+00:00 · "),
        (Published("2026-11-21T17:00:00-03:30", "hour"), "2026-11-21 17:00 UTC-03:30 · "),
        (Published(raw="1 day ago"), "date not given · "),
    ],
)
def test_a_date_is_shown_as_exactly_as_it_is_known(newsroom, published, shown):
    newsroom.subscribe("desk")
    assert f"Published: {shown}" in newsroom.message(newsroom.publish(published=published)[0]).text


def test_overlapping_marks_become_one(rendered, newsroom):
    sentence = "Shenzhen AI plan"
    spans = (Span("AI plan", 9, 16, "b"), Span("AI", 9, 11, "a"), Span("Shenzhen", 0, 8, "c"))
    newsroom.match = replace(newsroom.match, evidence=(Evidence(sentence, 0, 16, spans),))
    assert "*Shenzhen* *AI plan*" in rendered().text


def test_a_very_long_sentence_is_shown_around_its_first_mark(rendered, newsroom):
    sentence = "字" * 2000 + "人工智能" + "字" * 2000
    newsroom.match = replace(
        newsroom.match,
        evidence=(Evidence(sentence, 0, len(sentence), (Span("人工智能", 2000, 2004, "ai"),)),),
    )
    shown = next(line for line in rendered().text.splitlines() if "人工智能" in line)
    assert shown.strip().startswith("…字")
    assert "*人工智能*" in shown
    assert len(shown) < 620


def test_other_carriers_are_named_with_their_relation_and_corroboration_apart(newsroom, writer, now):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish()
    for number in range(12):
        newsroom.publish(story="st_1", publisher=f"Paper {number}")
    own = replace(newsroom.article, url="https://own.example/", publisher="Own Paper")
    writer.run_now(articles.insert, own, "live", now)
    writer.run_now(
        stories.place, own.url, Placement("st_own", None, links=(Link("st_1", "corroborates", "x"),)), now
    )
    message = newsroom.message(delivery)
    assert "Also carried by: \n  - Paper 0 (copy) https://news.example/2.html" in message.text
    assert "and 4 more" in message.text
    assert "Also reported independently by: \n  - Own Paper https://own.example/" in message.text
    assert active_parts(message.html) == []


def test_a_digest_is_one_message_with_the_most_severe_story_first(newsroom, writer, match):
    newsroom.subscribe("desk")
    ids = []
    for severity in ("low", "urgent", "normal"):
        found = [replace(match, severity=severity)]
        (delivery,) = newsroom.publish(found=found, title=f"A {severity} story")
        ids.append(delivery.id)
    writer.run_now(lambda db: db.execute("UPDATE delivery_alerts SET delivery_id = ?", [ids[0]]))
    message = newsroom.message(replace(delivery, id=ids[0]))
    assert message.subject == "3 stories: A urgent story"
    assert message.thread is None
    places = [message.text.index(f"A {severity} story") for severity in ("urgent", "normal", "low")]
    assert places == sorted(places)
    assert [story["severity"] for story in message.payload["data"]["stories"]] == ["urgent", "normal", "low"]


def test_a_digest_bears_the_time_at_which_it_was_first_sent(newsroom, writer, now):
    newsroom.subscribe("mail")
    newsroom.publish()
    sent, lease = now + timedelta(days=7), timedelta(hours=1)
    for moment in (sent, sent + 2 * lease):
        (claimed,) = writer.run_now(outbox.claim, moment, lease, 1)
        message = newsroom.message(claimed)
        assert message.created == sent
        assert message.payload["timestamp"] == sent.isoformat(timespec="milliseconds")


def test_several_rules_on_one_story_show_it_once_with_every_reason(newsroom, match):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish(found=[match, replace(match, rule="gd-computing", kind="company")])
    message = newsroom.message(delivery)
    assert message.text.count("Guangdong issues plan") == 1
    assert "Policy · Company · announcement" in message.text
    assert "rule gd-policy of" in message.text
    assert "rule gd-computing of" in message.text


def test_a_story_without_title_or_match_is_still_told(newsroom, writer):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish(title=None)
    writer.run_now(lambda db: db.execute("DELETE FROM matches"))
    message = newsroom.message(delivery)
    assert message.subject == "[yuewatch] (no headline)"
    assert active_parts(message.html) == []


def test_a_headline_is_quoted_only_where_it_is_all_the_evidence(newsroom, match):
    newsroom.subscribe("desk")
    title = newsroom.article.title
    headline = Evidence(title, 0, len(title), (Span("plan", 17, 21, "plan"),), where="title")
    both = replace(match, evidence=(headline, *match.evidence))
    assert "issues *plan*" not in newsroom.message(newsroom.publish(found=[both])[0]).text
    alone = replace(match, evidence=(headline,))
    assert "issues *plan*" in newsroom.message(newsroom.publish(found=[alone])[0]).text


def test_a_rule_is_named_in_the_subscribers_language(newsroom):
    newsroom.subscribe("desk", lang="zh")
    message = newsroom.message(
        newsroom.publish()[0], rules={"gd-policy": "Plan"}, rules_zh={"gd-policy": "规划"}
    )
    assert "规则“规划”" in message.text
    assert message.payload["data"]["stories"][0]["alerts"][0]["rule_name"] == "Plan"
