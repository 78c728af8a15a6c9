"""Updates on what was told: from a much better source, once, to who asks for them; never a second first alert."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from desk import PACK
from press import article

from alerts.rendering import Renderer
from alerts.view import Names
from crawler.configuration.load import load_configuration
from crawler.station import build_ingest
from state import outbox
from state.deliveries import listing
from state.records import Article, Published
from state.standing import Mute, mute
from state.writer import Writer

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SOURCES = [
    {"id": "paper", "kind": "feed", "url": "https://paper.example/feed", "role": "outlet"},
    {"id": "other", "kind": "feed", "url": "https://other.example/feed", "role": "outlet"},
    {"id": "firm", "kind": "feed", "url": "https://firm.example/feed", "role": "company"},
]


class Newsdesk:
    """Publish the same news in several places, and deliver what is due."""

    def __init__(self, desk, writer):
        self.configuration = load_configuration(desk.file)
        self.ingest = build_ingest(self.configuration)
        self.writer = writer

    def publish(self, source, now=NOW, origin="live"):
        told = replace(article(1, url=f"https://{source}.example/1"), source_id=source)
        return self.writer.run_now(self.ingest.article, told, origin, now)

    def read(self, url, title, text, *, lang="zh", origin="live", day="2026-11-21"):
        page = Article(url, title, text, lang=lang, published=Published(day, "day"), key=url)
        return self.writer.run_now(self.ingest.article, page, origin, NOW)

    def deliver(self, now=NOW):
        def deliver(db):
            for delivery in outbox.claim(db, now, timedelta(minutes=1), 99):
                outbox.record(db, outbox.Attempt(delivery.id, now, "delivered"), "delivered", now)

        self.writer.run_now(deliver)

    def sent(self):
        return self.writer.run_now(lambda db: list(listing(db)))

    def message(self, delivery):
        subscriptions = {one.id: one for one in self.configuration.subscriptions}
        contents = self.writer.run_now(outbox.load_delivery, delivery.id)
        return Renderer(Names(), subscriptions).render(contents)


@pytest.fixture
def newsdesk(desk):
    """Open a newsdesk of a subscription with these wishes, and of others."""
    opened = []

    def open_desk(*others, pack=str(PACK), **wishes):
        mail = {"type": "email", "to": "a@x.example", "from": "b@x.example", "host": "x.example"}
        desk.write(
            pack=pack,
            sources=SOURCES,
            subscriptions=[{"id": "me", "destinations": ["mail"], **wishes}, *others],
            destinations={"mail": mail},
        )
        writer = Writer(desk.state)
        opened.append(writer)
        return Newsdesk(desk, writer)

    yield open_desk
    for writer in opened:
        writer.close()


def test_the_source_itself_is_told_of_in_the_thread_of_the_first_message(newsdesk):
    news = newsdesk(updates=["lead"])
    news.publish("paper")
    news.deliver()
    assert news.publish("firm").alerts == 1
    update, first = news.sent()
    assert update.alert_ids == first.alert_ids
    assert (update.id != first.id, update.state) == (True, "due")
    before, after = news.message(first), news.message(update)
    assert after.thread == before.thread
    assert after.subject == f"Update: {before.subject}"
    assert "the source itself has published this now" in after.text
    assert "the source itself has published this now" in after.html
    (alert,) = after.payload["data"]["stories"][0]["alerts"]
    assert alert["change"] == "lead"
    assert after.payload["data"]["stories"][0]["lead"]["url"] == "https://firm.example/1"
    assert before.payload["data"]["stories"][0]["alerts"][0]["change"] is None


def test_an_update_is_sent_once(newsdesk):
    news = newsdesk(updates=["lead"])
    for source in ("paper", "firm", "other", "paper"):
        news.publish(source)
        news.deliver()
    assert len(news.sent()) == 2


@pytest.mark.parametrize(
    ("wishes", "second", "origin"),
    [
        ({}, "firm", "live"),  # not asked for
        ({"updates": ["lead"]}, "other", "live"),  # no better than the first
        ({"updates": ["lead"]}, "firm", "backfill"),  # no news
    ],
)
def test_there_is_no_update_without_a_reason(newsdesk, wishes, second, origin):
    news = newsdesk(**wishes)
    news.publish("paper")
    news.deliver()
    news.publish(second, origin=origin)
    assert len(news.sent()) == 1


def test_who_was_not_told_yet_gets_the_better_source_at_once_and_no_update(newsdesk):
    news = newsdesk(updates=["lead"], digest={"every": "daily"})
    news.publish("paper")
    news.publish("firm")
    (digest,) = news.sent()
    assert digest.state == "held"
    assert news.message(digest).payload["data"]["stories"][0]["lead"]["url"] == "https://firm.example/1"


def test_an_update_waits_for_the_next_digest_and_for_no_muted_one(newsdesk):
    news = newsdesk(updates=["lead"], digest={"every": "daily"})
    news.publish("paper")
    news.deliver(NOW + timedelta(days=1))
    news.publish("firm", now=NOW + timedelta(days=1))
    update, first = news.sent()
    assert (first.state, update.state, update.held_for) == ("delivered", "held", "digest")


def test_who_left_the_first_word_to_another_subscription_still_hears_of_the_better_source(newsdesk):
    prompt = {"id": "prompt", "destinations": ["mail"]}
    news = newsdesk(prompt, updates=["lead"], digest={"every": "daily"})
    news.publish("paper")
    news.deliver()
    news.publish("firm")
    update, first = news.sent()
    assert (first.subscription, update.subscription, update.state) == ("prompt", "me", "held")
    assert "the source itself has published this now" in news.message(update).text


DRAFT = "深圳市工业和信息化局关于公开征求《深圳市机器人训练场建设管理办法（征求意见稿）》意见的通告"
ISSUED = "深圳市工业和信息化局关于印发《深圳市机器人训练场建设管理办法》的通知"


@pytest.mark.parametrize("wishes", [{}, {"digest": {"every": "daily"}}])
def test_a_new_stage_bears_its_mark_in_a_digest_too(newsdesk, wishes):
    news = newsdesk(pack="guangdong_ai", **wishes)
    news.read("https://gxj.sz.gov.cn/draft.html", DRAFT, f"{DRAFT}。意见反馈截止日期为12月20日。")
    news.deliver(NOW + timedelta(days=1))
    news.read("https://gxj.sz.gov.cn/issued.html", ISSUED, f"{ISSUED}。专项资金15亿元，补贴不超过20%。")
    update, first = news.sent()
    (told,) = news.message(first).payload["data"]["stories"][0]["alerts"]
    assert told["change"] is None
    message = news.message(update)
    assert "Update: a new stage of what you were told of" in message.text
    (told,) = message.payload["data"]["stories"][0]["alerts"]
    assert (told["change"], told["reason"]) == ("stage", "update")


REPORT = "Shenzhen issues measures for humanoid robot training grounds"
NUMBER = "深工信规〔2026〕12号"


@pytest.mark.parametrize(
    ("first", "alerts"),
    [
        ({}, 1),  # the subscription did not ask for English
        ({"origin": "baseline"}, 1),  # nobody heard of it
        ({"origin": "backfill", "day": "2026-03-01"}, 0),  # an old paper is no news, whoever repeats it
    ],
)
def test_a_policy_is_news_to_whom_its_first_report_did_not_reach(newsdesk, first, alerts):
    news = newsdesk(pack="guangdong_ai", languages=["zh"])
    text = f"{REPORT}, a paper numbered {NUMBER} says. It covers artificial intelligence and robots."
    report = news.read("https://english.example/report.html", REPORT, text, lang="en", **first)
    notice = news.read(
        "https://gxj.sz.gov.cn/issued.html", ISSUED, f"{ISSUED}（{NUMBER}）。专项资金15亿元，补贴不超过20%。"
    )
    assert report.story_id != notice.story_id
    (match,) = [match for match in notice.matches if match.rule == "policy-issued"]
    assert "this stage of the policy was told of before" in match.reason
    assert len(news.sent()) == alerts


def test_a_mute_silences_updates_too(newsdesk):
    news = newsdesk(updates=["lead"])
    news.publish("paper")
    news.deliver()
    news.writer.run_now(mute, Mute("source", "firm", NOW + timedelta(days=1), "no", NOW))
    news.publish("firm")
    assert len(news.sent()) == 1
