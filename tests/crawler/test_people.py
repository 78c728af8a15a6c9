"""People who subscribe by command: nothing before they confirm, nothing after they leave, nothing kept once erased."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.subscription import Subscription
from crawler import people
from state import outbox, retention, subscribers
from state.deliveries import listing, load_delivery
from state.errors import StateError
from state.records import Alert, Delivery
from state.retention import Limits
from state.writer import Writer

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
WEEK = timedelta(days=7)
ADDRESS = "li.wei+news@newsroom.example"
DESK = Subscription(id="desk", name="Policy desk", destinations=("hook",))
LIMITS = Limits(timedelta(days=90), timedelta(days=90), timedelta(days=30), WEEK)


@pytest.fixture
def writer(tmp_path):
    with Writer(tmp_path / "state.db") as opened:
        yield opened


@pytest.fixture
def asked(writer):
    """Ask for one subscription; give the subscriber and the token of the confirmation mail."""
    return _ask(writer, NOW)


def _ask(writer, now):
    writer.run_now(people.add, ADDRESS, "desk", now)
    assert writer.run_now(people.invite, {"desk": DESK}, now) == 1
    (one,) = writer.run_now(subscribers.of_address, ADDRESS)
    mail = next(iter(writer.run_now(lambda db: list(listing(db, destination=one.id)))))
    notice = writer.run_now(load_delivery, mail.id).notice
    return one, notice.lines[1].rpartition(": ")[2]


def _send(db, to, state="delivered"):
    alert = Alert("al_1", "st_1", "rule", "desk", NOW, "new", "https://gd.example/1")
    outbox.store(db, [alert], [Delivery("dl_1", to, "desk", ("al_1",), "due", NOW, NOW)], NOW)
    outbox.claim(db, NOW, timedelta(minutes=1), 9, destination=to)
    outbox.record(db, outbox.Attempt("dl_1", NOW, "delivered"), state, NOW)


def test_who_has_not_confirmed_is_written_to_once_and_routed_nothing(writer, asked):
    one, _ = asked
    assert writer.run_now(people.invite, {"desk": DESK}, NOW) == 0
    (routed,) = people.with_people([DESK], writer.run_now(people.audience).people)
    assert routed.destinations == ("hook",)
    assert one.state == "pending"


def test_who_has_confirmed_is_routed_to_by_an_id_without_the_address(writer, asked):
    one, token = asked
    assert writer.run_now(people.confirm, token, WEEK, NOW) == "desk"
    assert writer.run_now(people.confirm, token, WEEK, NOW) == "desk"
    (routed,) = people.with_people([DESK], writer.run_now(people.audience).people)
    assert routed.destinations == ("hook", one.id)
    assert "newsroom" not in one.id
    assert writer.run_now(people.add, ADDRESS, "desk", NOW) == "confirmed"


@pytest.mark.parametrize(
    "spoil",
    [str.upper, lambda token: token[:-1], lambda token: token + "a", lambda _: "", lambda _: "é.\ud800"],
)
def test_a_token_that_is_not_ours_confirms_nothing(writer, asked, spoil):
    one, token = asked
    with pytest.raises(StateError, match="confirms nothing"):
        writer.run_now(people.confirm, spoil(token), WEEK, NOW)
    assert writer.run_now(subscribers.find, one.id).state == "pending"


def test_a_token_is_good_for_one_request_one_purpose_and_some_days(writer, asked):
    _, first = asked
    with pytest.raises(StateError, match="too old"):
        writer.run_now(people.confirm, first, WEEK, NOW + timedelta(days=8))
    with pytest.raises(StateError, match="ends nothing"):
        writer.run_now(people.unsubscribe, first, NOW)
    _, second = _ask(writer, NOW + timedelta(days=8))
    with pytest.raises(StateError, match="confirms nothing"):
        writer.run_now(people.confirm, first, WEEK, NOW + timedelta(days=8))
    assert writer.run_now(people.confirm, second, WEEK, NOW + timedelta(days=8)) == "desk"


def test_who_leaves_gets_nothing_more_and_may_come_back_by_confirming(writer, asked):
    one, token = asked
    writer.run_now(people.confirm, token, WEEK, NOW)
    code = writer.run_now(people.audience).codes[one.id]
    writer.run_now(_send, one.id, "parked")
    assert writer.run_now(people.unsubscribe, code, NOW) == "desk"
    assert writer.run_now(people.unsubscribe, code, NOW) == "desk"
    assert {row.state for row in writer.run_now(lambda db: list(listing(db)))} == {"dropped"}
    assert writer.run_now(people.audience) == people.NOBODY
    with pytest.raises(StateError, match="ended"):
        writer.run_now(people.confirm, token, WEEK, NOW)
    _, again = _ask(writer, NOW + timedelta(hours=1))
    assert writer.run_now(people.confirm, again, WEEK, NOW + timedelta(hours=1)) == "desk"


def test_an_export_holds_everything_and_an_erasure_leaves_no_byte(writer, asked):
    one, token = asked
    writer.run_now(people.confirm, token, WEEK, NOW)
    writer.run_now(_send, one.id)
    (kept,) = writer.run_now(people.export, ADDRESS)
    assert (kept["address"], kept["state"]) == (ADDRESS, "confirmed")
    assert [message["articles"] for message in kept["messages"]] == [[], ["https://gd.example/1"]]

    assert writer.run_now(people.erase, ADDRESS) == 1
    writer._thread.submit(writer._fold).result()
    assert writer.run_now(people.export, ADDRESS) == []
    assert writer.run_now(lambda db: list(listing(db))) == []
    files = [file for file in writer.path.parent.iterdir() if file.is_file()]
    assert len(files) > 1
    assert [file.name for file in files if ADDRESS.encode() in file.read_bytes()] == []
    assert writer.run_now(people.erase, ADDRESS) == 0


def test_what_has_been_kept_long_enough_is_forgotten_and_nothing_else(writer, asked):
    one, token = asked
    forget = retention.prune
    assert writer.run_now(forget, LIMITS, NOW + timedelta(days=6)) == 0
    writer.run_now(people.confirm, token, WEEK, NOW)
    writer.run_now(_send, one.id)
    assert writer.run_now(forget, LIMITS, NOW + timedelta(days=89)) == 0
    assert writer.run_now(forget, LIMITS, NOW + timedelta(days=91)) == 1  # the one attempt
    assert writer.run_now(subscribers.find, one.id).state == "confirmed"
    assert [row.id for row in writer.run_now(lambda db: list(listing(db, states=["delivered"])))] == ["dl_1"]

    code = writer.run_now(people.audience).codes[one.id]
    writer.run_now(people.unsubscribe, code, NOW)
    writer.run_now(forget, LIMITS, NOW + timedelta(days=31))
    assert writer.run_now(subscribers.every) == ()
    assert writer.run_now(lambda db: list(listing(db))) == []


def test_a_request_that_nobody_confirms_is_forgotten(writer, asked):
    assert writer.run_now(retention.prune, LIMITS, NOW + timedelta(days=8)) == 1
    assert writer.run_now(subscribers.every) == ()


def test_export_and_erasure_find_an_address_in_whatever_case_it_is_written(writer):
    for address in ("Li.Wei@newsroom.example", "li.wei@newsroom.example", "li.wei@other.example"):
        writer.run_now(people.add, address, "desk", NOW)
    assert len(writer.run_now(people.export, "LI.wei@newsroom.example")) == 2
    assert writer.run_now(people.erase, "li.WEI@newsroom.example") == 2
    assert len(writer.run_now(people.export, "li.wei@other.example")) == 1
