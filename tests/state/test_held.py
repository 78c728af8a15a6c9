"""What is held leaves without what was told, or muted, before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from state import held, outbox
from state.database import open_writer
from state.reasons import Reason
from state.records import Alert, Delivery

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
LEASE = timedelta(seconds=30)


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as database:
        yield database


def alert(story, rule="policy", subscription="desk"):
    address = f"https://x.example/{story}"
    return Alert(f"{story} {rule} {subscription}", story, rule, subscription, NOW, Reason.DIGEST, address)


def hold(db, *alerts, until=LATER, to="mail"):
    ids = tuple(one.id for one in alerts)
    digest = Delivery(f"{to} {until}", to, "desk", ids, "held", until, NOW, held_for="digest")
    return outbox.store(db, alerts, [digest], NOW)


def send(db, *alerts, to="mail"):
    ids = tuple(one.id for one in alerts)
    return outbox.store(db, alerts, [Delivery(f"{to} {ids}", to, "desk", ids, "due", NOW, NOW)], NOW)


def carried(db, **which):
    return [one.alert_ids for one in outbox.listing(db, **which)]


def reason(db, one):
    return db["alerts"].get(one.id)["reason"]


def test_an_urgent_rule_takes_a_story_out_of_the_digest_it_waits_in(db):
    waiting, other, urgent = alert("st_1"), alert("st_2"), alert("st_1", rule="quake")
    hold(db, waiting)
    hold(db, other)
    send(db, urgent)
    assert carried(db, states=("due",)) == [(urgent.id,)]
    assert carried(db, states=("held",)) == [(other.id,)]
    assert (reason(db, waiting), reason(db, other)) == (Reason.TOLD, Reason.DIGEST)


def test_a_digest_that_is_emptied_is_no_more_and_may_be_opened_again(db):
    hold(db, alert("st_1"))
    send(db, alert("st_1", rule="quake"))
    assert carried(db, states=("held", "dropped")) == []
    hold(db, alert("st_2"))
    assert carried(db, states=("held",)) == [(alert("st_2").id,)]


def test_a_digest_elsewhere_is_left_alone_and_its_alert_too(db):
    waiting = alert("st_1")
    digests = [Delivery(to, to, "desk", (waiting.id,), "held", LATER, NOW) for to in ("mail", "hook")]
    outbox.store(db, [waiting], digests, NOW)
    send(db, alert("st_1", rule="quake"), to="mail")
    assert carried(db, destination="hook") == [(waiting.id,)]
    assert reason(db, waiting) == Reason.DIGEST


def test_what_has_been_claimed_is_left_alone(db):
    hold(db, alert("st_1"))
    outbox.claim(db, LATER, LEASE, 1)
    assert send(db, alert("st_1", rule="quake")) == ()
    assert carried(db, states=("leased",)) == [(alert("st_1").id,)]


def test_of_two_digests_the_later_one_leaves_a_story_to_the_earlier_one(db):
    hold(db, alert("st_1"), until=LATER + timedelta(days=6))
    hold(db, alert("st_1", rule="quake"))
    hold(db, alert("st_1", rule="flood"), until=LATER + timedelta(days=1))
    assert carried(db) == [(alert("st_1", rule="quake").id,)]


def update(db, *deliveries):
    outbox.post_update(db, deliveries, "lead", NOW)


def test_an_update_that_waits_is_taken_out_for_nothing_but_the_same_update(db):
    told, other = alert("st_1"), alert("st_1", rule="quake")
    (first,) = send(db, told)
    outbox.drop(db, NOW, delivery_id=first.id)
    update(db, Delivery("weekly", "mail", "desk", (told.id,), "held", LATER + timedelta(days=6), NOW))
    send(db, other)
    assert carried(db, states=("held",)) == [(told.id,)]
    update(db, Delivery("daily", "mail", "desk", (other.id,), "held", LATER, NOW))
    assert carried(db, states=("held",)) == [(other.id,)]


def test_two_subscriptions_hear_of_one_change_once_where_they_share_a_destination(db):
    one, other = alert("st_1"), alert("st_1", subscription="wire")
    send(db, one, other)
    update(
        db,
        Delivery("digest", "mail", "desk", (one.id,), "held", LATER, NOW),
        Delivery("at once", "mail", "wire", (other.id,), "due", NOW, NOW),
    )
    assert outbox.find(db, "digest") is None
    assert outbox.find(db, "at once").alert_ids == (other.id,)


def test_what_is_held_for_a_subscription_that_is_gone_is_dropped_in_sight(db):
    hold(db, alert("st_1"))
    send(db, alert("st_2"))
    assert held.drop_strays(db, ["desk", "wire"], NOW) == {}
    assert held.drop_strays(db, [], NOW) == {"desk": 1}
    (dropped,) = outbox.listing(db, states=("dropped",))
    assert (dropped.alert_ids, dropped.last_error) == (
        (alert("st_1").id,),
        "no such subscription is configured",
    )
    assert carried(db, states=("due",)) == [(alert("st_2").id,)]


def test_what_comes_after_a_digest_was_dropped_waits_together_for_its_time(db):
    hold(db, alert("st_1"))
    held.drop_strays(db, [], NOW)
    for story in ("st_2", "st_3"):
        hold(db, alert(story))
    assert carried(db, states=("held",)) == [(alert("st_2").id, alert("st_3").id)]
    assert carried(db, states=("due",)) == []


def test_what_goes_out_costs_the_same_however_much_is_held(db):
    def work(number):
        """Count the steps of SQLite's machine, in tens."""
        steps = []
        db.conn.set_progress_handler(lambda: steps.append(None), 10)
        send(db, alert(f"st_{number}", rule="quake"))
        db.conn.set_progress_handler(None, 0)
        return len(steps)

    hold(db, alert("st_0"), alert("st_1"))
    alone = work(0)
    for number in range(2, 500):
        hold(db, alert(f"st_{number}"))
    assert work(1) <= alone + 20
