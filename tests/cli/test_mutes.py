"""`yuewatch alerts mute`, `mutes`, `unmute`: always with an end and a comment, and only on what there is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from press import article


@pytest.fixture
def filled(desk):
    desk.write(subscriptions=[{"id": "me"}])
    desk.ingest(article(1))
    return desk


def _mute(desk, *words):
    return desk.here("alerts", "mute", *words, "--comment", "too much of it")


def test_what_is_muted_is_stored_with_its_reason_listed_and_counted(filled):
    assert _mute(filled, "--rule", "robot-unveiled", "--for", "7d").code == 0
    filled.ingest(article(2))
    (muted,) = filled.rows("alerts", "list", "--reason", "muted", "--json")
    assert (muted["url"], muted["deliveries"]) == ("https://gd.example/2", [])
    assert filled.rows("status", "--json")[0]["reasons"] == {"muted": 1, "new": 1}
    assert filled.rows("subscriptions", "list", "--json")[0]["alerts"] == {"muted": 1, "new": 1}
    assert filled.here("alerts", "list", "--reason", "told").code == 3
    assert filled.here("alerts", "list", "--subscription", "other").code == 3


@pytest.mark.parametrize(
    "named",
    [("--organisation", "guangdong-gov"), ("--source", "gd"), ("--subscription", "you"), ("--rule", "robot")],
)
def test_a_name_that_leads_nowhere_is_refused(filled, named):
    refused = _mute(filled, *named, "--for", "1h")
    assert refused.code == 4
    assert "there is no" in refused.err
    assert filled.here("alerts", "mutes").code == 3


def test_a_story_is_muted_by_its_id(filled):
    (alert,) = filled.rows("alerts", "list", "--json")
    assert _mute(filled, "--story", alert["story_id"], "--for", "1d").code == 0
    assert _mute(filled, "--story", "st_unknown", "--for", "1d").code == 1


def test_what_waits_for_a_digest_is_left_out_and_counted(desk):
    digest = {"id": "me", "digest": {"every": "weekly"}, "destinations": ["hook"]}
    desk.write(subscriptions=[digest], destinations={"hook": desk.webhook("http://127.0.0.1:9/")})
    desk.ingest(article(1))
    assert "1 held alerts" in _mute(desk, "--rule", "robot-unveiled", "--for", "8d").out
    assert desk.rows("alerts", "list", "--json")[0]["reason"] == "muted"
    assert desk.here("alerts", "outgoing").code == 3


def test_a_mute_has_an_end_and_a_comment(filled):
    assert _mute(filled, "--subscription", "me").code == 2
    assert _mute(filled, "--subscription", "me", "--for", "1h", "--until", "2099-01-01").code == 2
    assert _mute(filled, "--subscription", "me", "--until", "2001-01-01").code == 2
    assert _mute(filled, "--until", "2099-01-01").code == 2
    assert filled.here("alerts", "mute", "--subscription", "me", "--for", "1h").code == 2


@pytest.mark.parametrize(
    "end", [("--until", "9999-12-31T23:59-12:00"), ("--for", "999999w")], ids=["a time", "a length"]
)
def test_an_end_beyond_all_calendars_is_one_clear_line(filled, end):
    refused = _mute(filled, "--subscription", "me", *end)
    assert (refused.code, end[1] in refused.err, "Traceback" in refused.err) == (2, True, False)


def test_a_comment_without_a_word_is_refused(filled):
    refused = filled.here("alerts", "mute", "--subscription", "me", "--for", "1h", "--comment", " ")
    assert (refused.code, "say in --comment why" in refused.err) == (2, True)


def test_mutes_are_listed_replaced_and_ended(filled):
    _mute(filled, "--subscription", "me", "--until", "2099-01-01T08:00+08:00")
    (row,) = filled.rows("alerts", "mutes", "--json")
    assert (row["kind"], row["value"], row["comment"]) == ("subscription", "me", "too much of it")
    assert row["until"] == "2099-01-01T00:00:00+00:00"
    _mute(filled, "--subscription", "me", "--for", "1h")
    (row,) = filled.rows("alerts", "mutes", "--json")
    assert datetime.fromisoformat(row["until"]) < datetime.now(UTC) + timedelta(hours=2)
    assert filled.here("alerts", "unmute", "--subscription", "me").code == 0
    assert filled.here("alerts", "unmute", "--subscription", "me").code == 3
