from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from state import outbox
from state.database import open_writer
from state.deliveries import Notice
from state.records import Alert, Delivery
from state.standing import Mute, Sent, mute, mutes, standing, unmute

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as database:
        yield database


def send(db, number, *, created=NOW, state="due", due_at=None, held_for=None, to="mail"):
    alert = Alert(f"al_{number}", f"st_{number}", "r", "desk", created, "new", "https://x.example/")
    delivery = Delivery(
        f"dl_{number}", to, "desk", (alert.id,), state, due_at or created, created, held_for=held_for
    )
    outbox.store(db, [alert], [delivery], created)


def test_nothing_stands_in_an_empty_state(db):
    assert standing(db, NOW).sent == {}


def test_the_messages_of_the_last_hour_are_counted_by_destination(db):
    send(db, 1, created=NOW - timedelta(minutes=61))
    send(db, 2, created=NOW - timedelta(minutes=59))
    send(db, 3, created=NOW - timedelta(minutes=1))
    send(db, 4, to="hook")
    stands = standing(db, NOW)
    assert stands.sent_to("desk", "mail") == Sent(2, NOW - timedelta(minutes=1), None)
    assert stands.sent_to("desk", "hook").this_hour == 1
    assert stands.sent_to("another", "mail") == Sent(2)


def test_digests_and_notices_do_not_count_against_the_cap_and_dropped_ones_not_at_all(db):
    send(db, 1, state="held", due_at=NOW + timedelta(hours=1), held_for="over_cap")
    send(db, 2)
    outbox.drop(db, NOW, delivery_id="dl_2")
    outbox.notify(db, "mail", Notice("disk", "The disk is full"), NOW)
    assert standing(db, NOW).sent_to("desk", "mail") == Sent(0, None, None)


def test_a_group_is_open_until_it_is_released(db):
    release = NOW + timedelta(seconds=30)
    send(db, 1, state="held", due_at=release, held_for="grouped")
    assert standing(db, NOW).sent["desk", "mail"].open_group == release
    outbox.claim(db, release, timedelta(minutes=1), 1)
    assert standing(db, release).sent["desk", "mail"] == Sent(0, release, None)


def test_a_mute_stands_until_its_end_with_its_comment(db):
    silence = Mute("rule", "gd-policy", NOW + timedelta(days=1), "congress week", NOW)
    mute(db, silence)
    assert mutes(db, NOW) == (silence,)
    assert standing(db, NOW).mutes == (silence,)
    assert mutes(db, NOW + timedelta(days=1)) == ()


def test_the_later_word_on_a_thing_counts(db):
    for days in (1, 3):
        mute(db, Mute("story", "st_1", NOW + timedelta(days=days), f"{days} days", NOW))
    assert [item.comment for item in mutes(db, NOW)] == ["3 days"]


def test_a_mute_can_be_ended(db):
    mute(db, Mute("source", "daily", NOW + timedelta(days=1), "", NOW))
    assert unmute(db, "source", "daily")
    assert not unmute(db, "source", "daily")
    assert mutes(db, NOW) == ()
