"""`yuewatch subscriptions`: who asks for what, whether it arrives, and what would have come."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from loopback import http
from press import article, story


@pytest.fixture
def filled(desk):
    """Prepare an archive of three stories, one of them carried twice, imported as news."""
    desk.write(subscriptions=[{"id": "quiet", "kinds": ["company"], "severities": ["urgent"]}])
    desk.ingest(article(1), article(2), article(3), article(1, url="https://copy.example/1"))
    return desk


def test_subscriptions_are_listed_with_what_where_when_and_how_much(filled):
    filled.write(
        subscriptions=[
            {
                "id": "me",
                "name": "My desk",
                "places": ["guangdong"],
                "digest": {"every": "daily", "at": "07:30"},
            },
            {"id": "quiet"},
        ]
    )
    mine, other = filled.rows("subscriptions", "list", "--json")
    assert mine["what"] == {"statuses": ["event"], "places": ["guangdong"]}
    assert (mine["when"], mine["alerts"], mine["latest"]) == ("daily digest at 07:30 UTC", {}, None)
    assert other["when"] == "at once"
    assert "places guangdong" in filled.here("subscriptions", "list").out


def test_a_preview_shows_what_would_have_come_at_once_and_stores_nothing(filled):
    filled.write(subscriptions=[{"id": "new-one", "destinations": []}])
    before = filled.state.read_bytes()
    messages = filled.rows("subscriptions", "preview", "new-one", "--json")
    assert [message["reason"] for message in messages] == ["new"] * 3
    assert [message["stories"][0]["title"] for message in messages] == [story(n) for n in (1, 2, 3)]
    assert filled.state.read_bytes() == before
    assert filled.rows("alerts", "list", "--json") == []


def test_a_preview_puts_what_waits_for_a_digest_into_one_message(filled):
    filled.write(subscriptions=[{"id": "daily", "digest": {"every": "daily", "at": "08:00"}}])
    (message,) = filled.rows("subscriptions", "preview", "daily", "--json")
    assert (message["reason"], len(message["stories"])) == ("digest", 3)
    assert message["at"].endswith("T08:00:00+00:00")
    assert "3 stories (digest)" in filled.here("subscriptions", "preview", "daily").out


def test_a_preview_says_what_would_have_stayed_quiet_and_why(desk):
    desk.write(subscriptions=[{"id": "me"}])
    desk.ingest(article(1), origin="import")
    (message,) = desk.rows("subscriptions", "preview", "me", "--json")
    assert (message["destination"], message["reason"]) == (None, "import")
    assert "0 messages, 1 alerts kept quiet" in desk.here("subscriptions", "preview", "me").out


def test_an_office_on_no_list_reaches_who_asks_for_its_place(desk):
    subscriptions = [{"id": place, "places": [place]} for place in ("foshan", "zhuhai")]
    desk.write(pack="guangdong_ai", subscriptions=subscriptions)
    title = "佛山市禅城区工业和信息化局印发人工智能若干措施"
    desk.ingest(replace(article(1), title=title, text=f"{title}，今日起施行。"))
    (message,) = desk.rows("subscriptions", "preview", "foshan", "--json")
    assert [one["title"] for one in message["stories"]] == [title]
    assert desk.here("subscriptions", "preview", "zhuhai").code == 3


def test_a_preview_of_nothing_has_nothing_to_show(filled):
    assert filled.here("subscriptions", "preview", "quiet", "--since", "1s").code == 3
    unknown = filled.here("subscriptions", "preview", "nobody")
    assert (unknown.code, "there is no subscription 'nobody'" in unknown.err) == (4, True)


def test_a_test_message_goes_through_the_real_destinations_and_each_outcome_is_told(desk, loopback):
    site = loopback.site({"/good": http("", 204), "/bad": http("", 500)})
    desk.write(
        subscriptions=[{"id": "me", "name": "My desk", "destinations": ["good", "bad"]}, {"id": "archive"}],
        destinations={
            "good": desk.webhook(f"{site}/good"),
            "bad": desk.webhook(f"{site}/bad"),
        },
    )
    done = desk.here("subscriptions", "test", "me", "--json")
    assert done.code == 5
    assert {row["destination"]: (row["outcome"], row["why"]) for row in done.rows} == {
        "good": ("delivered", "HTTP 204"),
        "bad": ("retry_later", "HTTP 500"),
    }
    (asked,) = loopback.of("/good")
    body = json.loads(asked.body)
    assert body["type"] == "notice"
    assert body["data"]["title"] == "Test message: this is no alert"
    assert "My desk" in body["data"]["lines"][0]
    assert desk.here("subscriptions", "test", "me", "--destination", "good").code == 0
    assert desk.here("subscriptions", "test", "me", "--destination", "bad").code == 1
    assert desk.here("subscriptions", "test", "me", "--destination", "ugly").code == 4
    assert desk.here("subscriptions", "test", "archive").code == 3
