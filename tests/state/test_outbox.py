from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from state import destinations, outbox
from state.database import open_writer
from state.deliveries import Notice
from state.ids import derived_id
from state.reasons import Reason
from state.records import Alert, Delivery

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
LEASE = timedelta(seconds=30)


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as database:
        yield database


def alert(story="st_1", rule="policy", subscription="desk", reason=Reason.NEW):
    return Alert(
        derived_id("al", story, rule, subscription),
        story,
        rule,
        subscription,
        NOW,
        reason,
        f"https://x.example/{story}",
    )


def delivery(*alerts, to="mail", state="due", due_at=NOW, id_=None):
    ids = tuple(sorted(one.id for one in alerts))
    return Delivery(id_ or derived_id("dl", to, *ids), to, "desk", ids, state, due_at, NOW)


def put(db, *alerts, to="mail", **changes):
    return outbox.store(db, alerts, [delivery(*alerts, to=to, **changes)], NOW)


def test_what_is_stored_is_claimed_once_and_leased(db):
    (kept,) = put(db, alert())
    (claimed,) = outbox.claim(db, NOW, LEASE, 10)
    assert claimed == replace(kept, state="leased", due_at=NOW + LEASE, attempts=1, since=NOW)
    assert outbox.claim(db, NOW, LEASE, 10) == ()


def test_a_second_alert_for_a_story_rule_and_subscription_is_impossible(db):
    put(db, alert())
    assert put(db, alert()) == ()
    assert db["alerts"].count == 1
    assert db["deliveries"].count == 1


def test_an_alert_raised_silently_first_is_never_delivered_later(db):
    outbox.store(db, [alert(reason=Reason.BASELINE)], [], NOW)
    assert put(db, alert()) == ()


def test_a_delivery_keeps_only_the_alerts_that_are_new(db):
    put(db, alert(rule="policy"), to="mail")
    (kept,) = put(db, alert(rule="policy"), alert(rule="company"), to="hook")
    assert kept.alert_ids == (alert(rule="company").id,)
    assert kept.id == derived_id("dl", "hook", alert(rule="company").id)


def test_a_destination_is_told_of_a_story_once_whatever_rule_finds_it_next(db):
    put(db, alert(rule="policy"))
    second = alert(rule="company")
    assert put(db, second) == ()
    assert db["alerts"].get(second.id)["reason"] == Reason.TOLD


def test_another_destination_still_hears_of_a_story_the_first_was_told_of(db):
    put(db, alert(rule="policy"), to="mail")
    second = alert(rule="company")
    kept = outbox.store(db, [second], [delivery(second, to="mail"), delivery(second, to="hook")], NOW)
    assert [one.destination for one in kept] == ["hook"]
    assert db["alerts"].get(second.id)["reason"] == Reason.NEW


def test_alerts_join_a_delivery_that_is_held_and_leave_with_it(db):
    later = NOW + timedelta(hours=1)
    put(db, alert("st_1"), state="held", due_at=later, id_="dl_digest")
    put(db, alert("st_2"), state="held", due_at=later, id_="dl_digest")
    assert outbox.claim(db, NOW, LEASE, 10) == ()
    (claimed,) = outbox.claim(db, later, LEASE, 10)
    assert set(claimed.alert_ids) == {alert("st_1").id, alert("st_2").id}


def test_what_comes_too_late_for_a_digest_goes_out_by_itself(db):
    put(db, alert("st_1"), state="held", due_at=NOW, id_="dl_digest")
    outbox.claim(db, NOW, LEASE, 10)
    (kept,) = put(db, alert("st_2"), state="held", due_at=NOW, id_="dl_digest")
    assert (kept.state, kept.alert_ids) == ("due", (alert("st_2").id,))
    assert kept.id != "dl_digest"


def test_a_story_in_a_digest_still_held_may_go_out_at_once(db):
    put(db, alert(rule="a"), state="held", due_at=NOW + timedelta(days=1), id_="dl_digest")
    assert len(put(db, alert(rule="b"))) == 1


def test_a_lease_that_runs_out_is_claimed_again_under_the_same_id(db):
    (kept,) = put(db, alert())
    outbox.claim(db, NOW, LEASE, 10)
    (again,) = outbox.claim(db, NOW + LEASE, LEASE, 10)
    assert (again.id, again.attempts, again.since) == (kept.id, 2, NOW)


def test_a_new_process_releases_the_leases_of_the_dead_one(db):
    put(db, alert())
    outbox.claim(db, NOW, LEASE, 10)
    assert outbox.release_leases(db, NOW) == 1
    assert len(outbox.claim(db, NOW, LEASE, 10)) == 1


def test_claims_are_oldest_first_and_bounded(db):
    for number in range(5):
        put(db, alert(f"st_{number}"), due_at=NOW - timedelta(minutes=number))
    claimed = outbox.claim(db, NOW, LEASE, 2)
    assert [one.due_at for one in claimed] == [NOW + LEASE] * 2
    assert {one.alert_ids[0] for one in claimed} == {alert("st_4").id, alert("st_3").id}


def test_a_delivered_one_is_finished(db):
    (kept,) = put(db, alert())
    outbox.claim(db, NOW, LEASE, 10)
    outbox.record(db, outbox.Attempt(kept.id, NOW, "delivered"), "delivered", NOW)
    assert outbox.find(db, kept.id).state == "delivered"
    assert outbox.claim(db, NOW + timedelta(days=9), LEASE, 10) == ()
    assert outbox.count_open(db) == 0


def test_a_failure_waits_for_its_time(db):
    (kept,) = put(db, alert())
    outbox.claim(db, NOW, LEASE, 10)
    later = NOW + timedelta(minutes=5)
    outbox.record(db, outbox.Attempt(kept.id, NOW, "retry_later", "HTTP 500"), "due", later)
    assert outbox.find(db, kept.id).last_error == "HTTP 500"
    assert outbox.agenda(db) == {"mail": later}
    assert outbox.claim(db, NOW, LEASE, 10) == ()
    assert len(outbox.claim(db, later, LEASE, 10)) == 1


def test_a_result_that_comes_after_somebody_dropped_the_delivery_changes_nothing(db):
    (kept,) = put(db, alert())
    outbox.claim(db, NOW, LEASE, 10)
    outbox.release_leases(db, NOW)
    outbox.drop(db, NOW, delivery_id=kept.id)
    outbox.record(db, outbox.Attempt(kept.id, NOW, "retry_later"), "due", NOW)
    assert outbox.find(db, kept.id).state == "dropped"


def park(db, kept):
    outbox.claim(db, NOW, LEASE, 10)
    outbox.record(db, outbox.Attempt(kept.id, NOW, "refused", "HTTP 413"), "parked", NOW)


def test_a_parked_one_is_in_sight_until_it_is_retried(db):
    (kept,) = put(db, alert())
    park(db, kept)
    (parked,) = outbox.listing(db, states=("parked",))
    assert (parked.id, parked.last_error) == (kept.id, "HTTP 413")
    assert outbox.retry(db, NOW, delivery_id=kept.id) == 1
    (claimed,) = outbox.claim(db, NOW, LEASE, 10)
    assert (claimed.attempts, claimed.since) == (1, NOW)  # with all its tries ahead of it


def test_retry_by_destination_enables_it_again(db):
    (kept,) = put(db, alert())
    park(db, kept)
    destinations.keep(db, destinations.Health("mail", 9, NOW, NOW + timedelta(hours=1), NOW, "dead"))
    assert outbox.retry(db, NOW, destination="hook") == 0
    assert outbox.claim(db, NOW, LEASE, 10) == ()
    assert outbox.retry(db, NOW, destination="mail") == 1
    assert len(outbox.claim(db, NOW, LEASE, 10)) == 1


def test_dropping_spares_what_is_delivered(db):
    (done,) = put(db, alert("st_1"))
    outbox.claim(db, NOW, LEASE, 1)
    outbox.record(db, outbox.Attempt(done.id, NOW, "delivered"), "delivered", NOW)
    assert outbox.drop(db, NOW, delivery_id=done.id) == 0
    assert outbox.drop(db, NOW) == 0


def test_dropping_everything_spares_what_is_still_on_its_way(db):
    (kept,) = put(db, alert())
    assert outbox.drop(db, NOW) == 0
    assert outbox.drop(db, NOW, delivery_id=kept.id) == 1


@pytest.mark.parametrize(
    "condition",
    [
        destinations.Health("mail", open_until=NOW + timedelta(seconds=1)),
        destinations.Health("mail", disabled_at=NOW, why="gone"),
    ],
)
def test_a_spared_or_disabled_destination_is_passed_over(db, condition):
    put(db, alert("st_1"), to="mail")
    put(db, alert("st_1", rule="other"), to="hook")
    destinations.keep(db, condition)
    assert [one.destination for one in outbox.claim(db, NOW, LEASE, 10)] == ["hook"]


def test_the_agenda_names_the_earliest_time_and_leaves_out_disabled_ones(db):
    soon, later = NOW + timedelta(minutes=1), NOW + timedelta(minutes=9)
    put(db, alert("st_1"), to="mail", due_at=later)
    put(db, alert("st_2"), to="mail", due_at=soon)
    put(db, alert("st_1", rule="x"), to="hook", due_at=soon)
    put(db, alert("st_1", rule="y"), to="gone", due_at=soon)
    destinations.keep(db, destinations.Health("hook", open_until=later))
    destinations.keep(db, destinations.Health("gone", disabled_at=NOW))
    assert outbox.agenda(db) == {"mail": soon, "hook": later}


@pytest.mark.parametrize(
    "ask", [outbox.agenda, lambda db: outbox.claim(db, NOW, LEASE, 1, destination="well")]
)
def test_what_waits_for_a_dead_destination_costs_the_others_nothing(db, ask):
    def work():
        """Count the steps of SQLite's machine, in tens."""
        steps = []
        db.conn.set_progress_handler(lambda: steps.append(None), 10)
        ask(db)
        db.conn.set_progress_handler(None, 0)
        return len(steps)

    for number in range(10):
        put(db, alert(f"st_{number}"), to="well")
    put(db, alert("st_0", rule="other"), to="dead")
    alone = work()
    for number in range(1, 500):
        put(db, alert(f"st_{number}", rule="other"), to="dead")
    assert work() <= alone + 5


def test_a_delivery_to_a_destination_no_longer_configured_is_parked_in_sight(db):
    (kept,) = put(db, alert())
    assert outbox.park_strays(db, ["hook"], NOW) == {"mail": 1}
    assert outbox.find(db, kept.id).state == "parked"
    assert outbox.park_strays(db, [], NOW) == {}


def test_what_is_held_for_a_destination_no_longer_configured_waits_for_its_time(db):
    later = NOW + timedelta(hours=1)
    put(db, alert(), state="held", due_at=later)
    assert outbox.park_strays(db, [], NOW) == {}
    assert outbox.park_strays(db, [], later) == {"mail": 1}


def test_what_only_lacked_its_destination_is_revived_with_it_unless_it_is_old(db):
    for number, at in enumerate((NOW, NOW + timedelta(days=7))):
        put(db, alert(f"st_{number}"), due_at=at)
        outbox.park_strays(db, [], at)
    put(db, alert("st_3"), due_at=NOW - timedelta(days=1))
    outbox.claim(db, NOW, LEASE, 1)
    outbox.record(db, outbox.Attempt(delivery(alert("st_3")).id, NOW, "refused"), "parked", NOW)
    now, since = NOW + timedelta(days=8), NOW + timedelta(days=1)
    assert outbox.revive_strays(db, ["hook"], since, now) == 0
    assert outbox.revive_strays(db, ["mail"], since, now) == 1
    assert outbox.find(db, delivery(alert("st_1")).id).state == "due"


def test_what_is_sent_elsewhere_instead_is_told_there_once_and_held_as_long(db):
    later = NOW + timedelta(hours=1)
    park(db, *put(db, alert("st_1")))
    put(db, alert("st_2"))
    put(db, alert("st_3"), state="held", due_at=later)
    put(db, alert("st_2", rule="other"), to="hook")
    outbox.notify(db, "mail", Notice("k", "The disk is nearly full"), NOW)
    assert outbox.send_instead(db, NOW, to="hook", destination="mail") == 4
    assert outbox.send_instead(db, NOW, to="hook", destination="mail") == 0
    assert {one.state for one in outbox.listing(db, destination="mail")} == {"dropped"}
    told = [(one.alert_ids, one.due_at) for one in outbox.listing(db, destination="hook")]
    assert sorted(told) == sorted(
        [
            ((), NOW),
            ((alert("st_1").id,), NOW),
            ((alert("st_2", rule="other").id,), NOW),
            ((alert("st_3").id,), later),
        ]
    )


def test_of_all_that_is_parked_only_what_has_a_destination_is_retried(db):
    park(db, *put(db, alert("st_1")))
    assert outbox.retry(db, NOW, among=["hook"]) == 0
    assert outbox.retry(db, NOW, among=["hook", "mail"]) == 1


DEAD = destinations.Health("mail", disabled_at=NOW, why="HTTP 410")


def test_a_disabled_destination_s_deliveries_are_parked_and_all_come_back(db):
    for number in range(3):
        put(db, alert(f"st_{number}"), state="held" if number else "due", id_=f"dl_{number}")
    assert destinations.settle_disabled(db, {}, NOW) == 0
    destinations.keep(db, DEAD)
    assert destinations.settle_disabled(db, {}, NOW) == 3
    assert {one.last_error for one in outbox.listing(db, states=("parked",))} == {
        "destination disabled: HTTP 410"
    }
    assert outbox.retry(db, NOW, destination="mail") == 3


def test_the_fallback_of_a_disabled_destination_gets_what_it_was_not_told_yet(db):
    put(db, alert("st_1"))
    put(db, alert("st_2"))
    put(db, alert("st_2", rule="other"), to="hook")
    destinations.keep(db, DEAD)
    destinations.settle_disabled(db, {"mail": "hook"}, NOW)
    at_hook = list(outbox.listing(db, destination="hook"))
    assert {id_ for one in at_hook for id_ in one.alert_ids} == {
        alert("st_1").id,
        alert("st_2", rule="other").id,
    }


def test_what_is_held_for_a_disabled_destination_gathers_until_its_time(db):
    evening = NOW + timedelta(hours=10)
    destinations.keep(db, DEAD)
    for number in range(3):
        put(db, alert(f"st_{number}"), state="held", due_at=evening, id_="dl_digest")
        assert destinations.settle_disabled(db, {"mail": "hook"}, NOW) == 0
    assert destinations.settle_disabled(db, {"mail": "hook"}, evening) == 1
    (together,) = outbox.listing(db, destination="hook")
    assert (len(together.alert_ids), together.state) == (3, "due")


def test_what_was_parked_is_passed_on_in_one_message_for_each_subscription(db):
    notice = Notice("k", "The disk is nearly full")
    for number in range(60):
        put(db, alert(f"st_{number}"))
    outbox.notify(db, "mail", notice, NOW)
    put(db, alert("st_1", rule="other"), to="hook")
    destinations.keep(db, DEAD)
    destinations.settle_disabled(db, {}, NOW)
    for _ in range(2):
        outbox.pass_on_parked(db, "mail", "hook", NOW, NOW + timedelta(hours=1))
    told = list(outbox.listing(db, destination="hook"))
    assert sorted(len(one.alert_ids) for one in told) == [0, 1, 10, 49]
    assert sum(outbox.load_delivery(db, one.id).notice == notice for one in told) == 1
    outbox.pass_on_parked(db, "mail", "late", NOW + timedelta(seconds=1), NOW + timedelta(hours=1))
    assert list(outbox.listing(db, destination="late")) == []


def test_the_fallback_hears_of_a_change_too_once(db):
    put(db, alert())
    destinations.keep(db, DEAD)
    destinations.settle_disabled(db, {"mail": "hook"}, NOW)
    again = delivery(alert(), id_="dl_update")
    outbox.post_update(db, [again], "lead", NOW)
    destinations.settle_disabled(db, {"mail": "hook"}, NOW)
    outbox.pass_on_parked(db, "mail", "hook", NOW, NOW)
    told = [
        outbox.find(db, row["delivery_id"]).destination + f" {row['change']}"
        for row in db["delivery_alerts"].rows
    ]
    assert sorted(told) == ["hook None", "hook lead", "mail None", "mail lead"]


def test_two_disabled_destinations_that_stand_in_for_each_other_do_not_play_ping_pong(db):
    put(db, alert())
    destinations.keep(db, DEAD)
    destinations.keep(db, destinations.Health("hook", disabled_at=NOW, why="HTTP 410"))
    fallbacks = {"mail": "hook", "hook": "mail"}
    assert [destinations.settle_disabled(db, fallbacks, NOW) for _ in range(3)] == [1, 1, 0]


def test_a_notice_is_told_once_for_each_occasion(db):
    notice = Notice("disk 2026-11-21", "The disk is nearly full", ("2 GB are left.",))
    assert outbox.notify(db, "mail", notice, NOW)
    assert not outbox.notify(db, "mail", notice, NOW)
    (claimed,) = outbox.claim(db, NOW, LEASE, 10)
    assert outbox.load_delivery(db, claimed.id).notice == notice


def test_the_condition_of_a_destination_is_kept(db):
    condition = destinations.Health(
        "mail", 4, NOW, NOW + timedelta(hours=1), failed_at=NOW, losses=2, losing_since=NOW, lost_at=NOW
    )
    assert destinations.health(db, "mail") == destinations.Health("mail")
    destinations.keep(db, condition)
    assert destinations.health(db, "mail") == condition
    assert destinations.every_health(db) == (condition,)
    assert not destinations.enable(db, "mail")
    assert destinations.health(db, "mail") == destinations.Health("mail")
    destinations.keep(db, DEAD)
    assert destinations.enable(db, "mail")
