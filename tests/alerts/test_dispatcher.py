from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from time import monotonic

import pytest
from structlog.testing import capture_logs

from alerts.destination import Destination
from alerts.dispatcher import Dispatcher
from alerts.outcome import Delivered, Gone, Refused, RetryLater
from alerts.retry import EMAIL, WEBHOOK, Schedule
from alerts.timing import Digest, Group, QuietHours, Timing
from state import destinations as conditions
from state import outbox, sources
from state.deliveries import Notice
from state.sources import Poll

QUICK = Schedule((timedelta(milliseconds=20), timedelta(milliseconds=20)))


class Desk:
    """A destination that does what it is told, one outcome a try, and remembers what it got."""

    def __init__(self, *outcomes, schedule=WEBHOOK, id_="desk", fallback=None):
        self.outcomes = list(outcomes) or [Delivered()]
        self.messages = []
        self.destination = Destination(id_, "test", self.send, schedule, timedelta(seconds=20), fallback)

    def send(self, message):
        self.messages.append(message)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome() if callable(outcome) else outcome


@pytest.fixture
def dispatcher(newsroom, clock):
    def dispatcher(*desks, clock=clock, **options):
        opened = {desk.destination.id: desk.destination for desk in desks}
        return Dispatcher(newsroom.writer, opened, clock, newsroom.renderer(), **options)

    return dispatcher


@asynccontextmanager
async def running(dispatcher):
    stop = asyncio.Event()
    run = asyncio.create_task(dispatcher.run(stop))
    await asyncio.sleep(0.05)
    yield
    stop.set()
    await run


async def until(condition, seconds=10):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in threads and in the database
            await asyncio.sleep(0.005)


async def one_try(dispatcher, clock):
    """Deliver what is due now, and nothing that only becomes due later."""
    return await dispatcher.drain(clock() + timedelta(milliseconds=1))


async def test_what_is_due_is_delivered_and_recorded(newsroom, dispatcher, clock):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish()
    desk = Desk(Delivered("HTTP 200"))
    assert await one_try(dispatcher(desk), clock) == 0
    assert newsroom.find(delivery).state == "delivered"
    assert [message.id for message in desk.messages] == [delivery.id]
    (tried,) = newsroom.attempts(delivery)
    assert (tried.outcome, tried.why) == ("delivered", "HTTP 200")


async def test_a_notified_dispatcher_delivers_at_once(newsroom, dispatcher):
    newsroom.subscribe("desk")
    desk = Desk()
    at_work = dispatcher(desk, clock=lambda: datetime.now(UTC))
    async with running(at_work):
        newsroom.publish()
        at_work.notify()
        await until(lambda: desk.messages, seconds=5)  # far below the poll of 30 s


async def test_notify_works_from_another_thread_and_before_the_run(newsroom, dispatcher):
    newsroom.subscribe("desk")
    desk = Desk()
    at_work = dispatcher(desk, clock=lambda: datetime.now(UTC))
    at_work.notify()
    async with running(at_work):
        newsroom.publish()
        thread = threading.Thread(target=at_work.notify)
        thread.start()
        await until(lambda: desk.messages, seconds=5)
        thread.join()


async def test_a_failure_is_retried_with_the_same_id_and_then_delivered(newsroom, dispatcher):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish()
    desk = Desk(RetryLater("HTTP 500"), Delivered(), schedule=QUICK)
    at_work = dispatcher(desk, clock=lambda: datetime.now(UTC))
    assert await at_work.drain(datetime.now(UTC) + timedelta(seconds=10)) == 0
    assert [message.id for message in desk.messages] == [delivery.id] * 2
    assert [tried.outcome for tried in newsroom.attempts(delivery)] == ["retry_later", "delivered"]


async def test_after_the_last_pause_a_delivery_is_parked_with_its_reason(newsroom, dispatcher):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish()
    desk = Desk(RetryLater("HTTP 500"), schedule=QUICK)
    await dispatcher(desk, clock=lambda: datetime.now(UTC)).drain(datetime.now(UTC) + timedelta(seconds=10))
    parked = newsroom.find(delivery)
    assert (parked.state, parked.attempts, parked.last_error) == ("parked", 3, "HTTP 500")


@pytest.mark.parametrize(
    ("schedule", "least_tries", "least_days"), [(WEBHOOK, 14, 7), (EMAIL, 12, 5)], ids=["webhook", "e-mail"]
)
async def test_the_whole_schedule_on_a_set_clock(
    newsroom, dispatcher, clock, monkeypatch, schedule, least_tries, least_days
):
    monkeypatch.setattr("alerts.breaker.DEAD_AFTER", timedelta(days=99))
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish()
    desk = Desk(RetryLater("HTTP 503"), schedule=schedule)
    at_work = dispatcher(desk)
    began = clock()
    while newsroom.find(delivery).state != "parked":
        await one_try(at_work, clock)
        pause = newsroom.find(delivery).due_at - clock()
        clock.now += max(pause, timedelta(seconds=1))
    assert len(desk.messages) >= least_tries
    assert clock() - began >= timedelta(days=least_days)
    newsroom.writer.run_now(outbox.retry, clock(), delivery_id=delivery.id)
    desk.outcomes = [Delivered()]
    await one_try(at_work, clock)
    assert newsroom.find(delivery).state == "delivered"


@pytest.mark.parametrize(
    ("outcome", "state", "why"),
    [
        (Refused("SMTP 550 to RCPT"), "parked", "SMTP 550 to RCPT"),
        (Gone("HTTP 410"), "parked", "HTTP 410"),
        (RuntimeError("password=hunter2"), "due", "RuntimeError"),
        (RetryLater("HTTP 429", timedelta(minutes=7)), "due", "HTTP 429"),
    ],
)
async def test_each_outcome_leads_where_it_should(newsroom, dispatcher, clock, outcome, state, why):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish()
    await one_try(dispatcher(Desk(outcome)), clock)
    found = newsroom.find(delivery)
    assert (found.state, found.last_error) == (state, why)


async def test_a_wish_for_patience_holds_the_whole_destination(newsroom, dispatcher, clock):
    newsroom.subscribe("desk")
    for _ in range(3):
        newsroom.publish()
    desk = Desk(RetryLater("HTTP 429", timedelta(minutes=7)), Delivered())
    at_work = dispatcher(desk)
    await one_try(at_work, clock)
    assert len(desk.messages) == 1
    clock.advance(minutes=7)
    await one_try(at_work, clock)
    assert len(desk.messages) == 4


async def test_an_ambiguous_mail_is_repeated_once_and_then_left_to_people(newsroom, dispatcher, clock):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish()
    desk = Desk(RetryLater("no answer", timedelta(minutes=30), ambiguous=True), schedule=EMAIL)
    at_work = dispatcher(desk)
    await one_try(at_work, clock)
    assert newsroom.find(delivery).due_at - clock() >= timedelta(minutes=30)
    clock.advance(hours=1)
    await one_try(at_work, clock)
    assert newsroom.find(delivery).state == "parked"
    assert [tried.outcome for tried in newsroom.attempts(delivery)] == ["ambiguous"] * 2


async def test_a_destination_that_fails_again_and_again_is_spared(newsroom, dispatcher, clock):
    newsroom.subscribe("desk")
    for _ in range(10):
        newsroom.publish()
    desk = Desk(RetryLater("HTTP 500"))
    await one_try(dispatcher(desk), clock)
    assert len(desk.messages) == 3  # not ten: the breaker is open


async def test_410_disables_a_destination_once_and_loses_nothing(newsroom, dispatcher, clock):
    newsroom.subscribe("desk")
    waiting = [newsroom.publish()[0] for _ in range(3)]
    desk = Desk(Gone("HTTP 410"), Delivered())
    at_work = dispatcher(desk)
    with capture_logs() as logs:
        await one_try(at_work, clock)
        await one_try(at_work, clock)
    assert [entry["event"] for entry in logs].count("destination disabled") == 1
    assert len(desk.messages) == 1
    assert {newsroom.find(one).state for one in waiting} == {"parked"}
    newsroom.writer.run_now(outbox.retry, clock(), destination="desk")
    await one_try(at_work, clock)
    assert {newsroom.find(one).state for one in waiting} == {"delivered"}


async def test_a_destination_dead_for_five_days_is_disabled(newsroom, dispatcher, clock):
    newsroom.subscribe("desk")
    newsroom.publish()
    at_work = dispatcher(Desk(RetryLater("HTTP 500")))
    for _ in range(200):
        await one_try(at_work, clock)
        if newsroom.writer.run_now(conditions.health, "desk").disabled_at:
            break
        clock.advance(hours=1)
    condition = newsroom.writer.run_now(conditions.health, "desk")
    assert condition.disabled_at - condition.failing_since >= timedelta(days=5)


async def test_an_outage_of_our_own_network_disables_nobody(newsroom, dispatcher, clock):
    newsroom.writer.run_now(sources.register, "gd", "https://gd.example/feed", clock())
    newsroom.writer.run_now(sources.record_poll, Poll("gd", clock(), clock(), status=200))
    newsroom.subscribe("desk")
    newsroom.publish()
    at_work = dispatcher(Desk(RetryLater("OSError")))
    for _ in range(12 * 6):
        await one_try(at_work, clock)
        clock.advance(hours=2)
    assert newsroom.writer.run_now(conditions.health, "desk").disabled_at is None
    newsroom.writer.run_now(sources.record_poll, Poll("gd", clock(), clock(), status=200))
    newsroom.publish()
    await one_try(at_work, clock)
    assert newsroom.writer.run_now(conditions.health, "desk").disabled_at is not None


async def test_a_mailbox_that_refuses_every_message_for_days_is_disabled(newsroom, dispatcher, clock):
    newsroom.subscribe("desk")
    desk, spare = Desk(Refused("SMTP 550 to RCPT", theirs=True), fallback="spare"), Desk(id_="spare")
    at_work = dispatcher(desk, spare)
    for _ in range(6):
        newsroom.publish(now=clock())
        await one_try(at_work, clock)
        clock.advance(days=1)
    assert len(desk.messages) == 6
    assert newsroom.writer.run_now(conditions.health, "desk").disabled_at
    newsroom.publish(now=clock())
    await one_try(at_work, clock)
    assert len(desk.messages) == 6
    assert spare.messages[-1].payload["type"] == "alert"


async def test_a_pause_that_a_wrong_clock_wrote_is_cut(newsroom, dispatcher, clock):
    newsroom.subscribe("desk")
    newsroom.publish()
    wrong = conditions.Health("desk", 3, open_until=clock() + timedelta(days=400))
    newsroom.writer.run_now(conditions.keep, wrong)
    desk = Desk()
    await one_try(dispatcher(desk), clock)
    assert desk.messages == []
    clock.advance(days=1)
    await one_try(dispatcher(desk), clock)
    assert len(desk.messages) == 1


async def test_the_owner_of_a_dead_destination_is_told_by_another_way_which_takes_over(
    newsroom, dispatcher, clock
):
    newsroom.subscribe("desk")
    for _ in range(3):
        newsroom.publish()
    desk, spare = Desk(Gone("HTTP 410"), fallback="spare"), Desk(id_="spare")
    at_work = dispatcher(desk, spare)
    await one_try(at_work, clock)
    notices = [message for message in spare.messages if message.payload["type"] == "notice"]
    assert [message.subject for message in notices] == ["[yuewatch] The destination desk is disabled"]
    assert "yuewatch alerts retry --destination desk" in notices[0].text
    newsroom.publish()
    await one_try(at_work, clock)
    assert len(desk.messages) == 1
    assert len(spare.messages) == 1 + 4
    newsroom.writer.run_now(outbox.retry, clock(), destination="desk")
    desk.outcomes = [Delivered()]
    await one_try(at_work, clock)
    assert len(desk.messages) == 1 + 4


async def test_what_was_held_for_a_dead_destination_comes_to_its_fallback_in_one_message_at_its_time(
    newsroom, dispatcher, clock
):
    newsroom.subscribe("desk", timing=Timing(digest=Digest("daily", time(20))))
    newsroom.writer.run_now(conditions.keep, conditions.Health("desk", disabled_at=clock(), why="HTTP 410"))
    desk, spare = Desk(fallback="spare"), Desk(id_="spare")
    at_work = dispatcher(desk, spare)
    for _ in range(3):
        newsroom.publish(now=clock())
        await one_try(at_work, clock)
        clock.advance(hours=1)
    assert spare.messages == []
    clock.now = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    await one_try(at_work, clock)
    assert [len(message.payload["data"]["stories"]) for message in spare.messages] == [3]
    assert desk.messages == []


async def test_the_fallback_is_told_in_one_message_of_what_was_lost_while_nothing_arrived(
    newsroom, dispatcher, clock
):
    newsroom.subscribe("desk")
    desk, spare = Desk(Delivered(), fallback="spare"), Desk(id_="spare")
    at_work = dispatcher(desk, spare)
    newsroom.publish(now=clock())
    await one_try(at_work, clock)
    desk.outcomes = [Refused("SMTP 550 to RCPT", theirs=True)]
    for _ in range(6):
        newsroom.publish(now=clock())
        newsroom.publish(now=clock())
        await one_try(at_work, clock)
        clock.advance(days=1)
    alerts = [message for message in spare.messages if message.payload["type"] != "notice"]
    assert sorted(len(message.payload["data"]["stories"]) for message in alerts) == [1, 11]


async def test_what_operators_are_told_follows_their_destination_to_its_fallback(newsroom, dispatcher, clock):
    desk, spare = Desk(Gone("HTTP 410"), fallback="spare"), Desk(id_="spare")
    at_work = dispatcher(desk, spare)
    for key in ("before", "after"):
        newsroom.writer.run_now(outbox.notify, "desk", Notice(key, f"Report {key}"), clock())
        await one_try(at_work, clock)
    assert {message.subject.removeprefix("[yuewatch] ") for message in spare.messages} == {
        "The destination desk is disabled",
        "Report before",
        "Report after",
    }
    assert len(desk.messages) == 1


async def test_a_hanging_destination_delays_no_other(newsroom, dispatcher):
    newsroom.subscribe("hanging", "well")
    for _ in range(5):
        newsroom.publish()
    released = threading.Event()

    def hang():
        released.wait(30)
        return Delivered()

    hanging, well = Desk(hang, id_="hanging"), Desk(id_="well")
    async with running(dispatcher(hanging, well, clock=lambda: datetime.now(UTC))):
        await until(lambda: len(well.messages) == 5)
        assert len(hanging.messages) == 1  # one thread, one connection
        released.set()
        await until(lambda: len(hanging.messages) == 5)


async def test_a_destination_that_wants_distance_gets_it_and_stopping_does_not_wait_for_it(
    newsroom, dispatcher
):
    newsroom.subscribe("desk")
    for _ in range(3):
        newsroom.publish()
    at, desk = [], Desk()

    def send():
        at.append(monotonic())
        return Delivered()

    desk.outcomes = [send]
    desk.destination = replace(desk.destination, interval=timedelta(milliseconds=150))
    async with running(dispatcher(desk, clock=lambda: datetime.now(UTC))):
        await until(lambda: len(at) == 3)
    assert at[1] - at[0] >= 0.15
    assert at[2] - at[1] >= 0.15

    newsroom.publish()
    newsroom.publish()
    desk.destination = replace(desk.destination, interval=timedelta(hours=1))
    async with running(dispatcher(desk, clock=lambda: datetime.now(UTC))):
        await until(lambda: len(at) == 4)
    assert len(at) == 4


async def test_no_more_lanes_than_allowed_send_at_once(newsroom, dispatcher):
    names = [f"d{number}" for number in range(8)]
    newsroom.subscribe(*names)
    newsroom.publish()
    under_way, most = [], []

    def send():
        under_way.append(1)
        most.append(len(under_way))
        threading.Event().wait(0.02)
        under_way.pop()
        return Delivered()

    desks = [Desk(send, id_=name) for name in names]
    at_work = dispatcher(*desks, clock=lambda: datetime.now(UTC), most_lanes=3)
    assert await at_work.drain(datetime.now(UTC) + timedelta(seconds=20)) == 0
    assert 1 < max(most) <= 3


async def test_stopping_lets_a_send_under_way_finish(newsroom, dispatcher):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish()
    begun = threading.Event()

    def slow():
        begun.set()
        threading.Event().wait(0.2)
        return Delivered()

    async with running(dispatcher(Desk(slow), clock=lambda: datetime.now(UTC))):
        await until(begun.is_set)
    assert newsroom.find(delivery).state == "delivered"


async def test_a_send_that_outlasts_the_grace_is_repeated_by_the_next_process(newsroom, dispatcher):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish()
    released = threading.Event()

    def hang():
        released.wait(30)
        return Delivered()

    first = dispatcher(Desk(hang), clock=lambda: datetime.now(UTC))
    stop = asyncio.Event()
    run = asyncio.create_task(first.run(stop, grace=timedelta(milliseconds=50)))
    await until(lambda: newsroom.find(delivery).state == "leased")
    stop.set()
    await asyncio.wait_for(run, 5)
    assert newsroom.find(delivery).state == "leased"
    released.set()

    desk = Desk()
    await dispatcher(desk, clock=lambda: datetime.now(UTC)).drain(datetime.now(UTC) + timedelta(seconds=5))
    assert [message.id for message in desk.messages] == [delivery.id]
    assert newsroom.find(delivery).state == "delivered"


async def test_a_delivery_to_a_destination_gone_from_the_configuration_is_parked_in_sight(
    newsroom, dispatcher, clock
):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish()
    with capture_logs() as logs:
        await one_try(dispatcher(), clock)
    found = newsroom.find(delivery)
    assert (found.state, found.last_error) == ("parked", "no such destination is configured")
    (warned,) = logs
    assert (warned["log_level"], warned["destinations"], warned["number"]) == ("warning", ["desk"], 1)


async def test_it_is_sent_when_its_destination_is_configured_again(newsroom, dispatcher, clock):
    newsroom.subscribe("desk")
    newsroom.publish()
    desk, at_work = Desk(), dispatcher()
    await one_try(at_work, clock)
    at_work.reconfigure({"desk": desk.destination}, newsroom.renderer())
    await one_try(at_work, clock)
    assert len(desk.messages) == 1


async def test_a_digest_outlasts_a_mistake_in_the_name_of_its_destination(newsroom, dispatcher, clock):
    newsroom.subscribe("desk", timing=Timing(digest=Digest("daily", time(20))))
    newsroom.publish(now=clock())
    await one_try(dispatcher(), clock)
    clock.advance(hours=1)
    newsroom.publish(now=clock())
    clock.advance(hours=9)
    desk = Desk()
    await one_try(dispatcher(desk), clock)
    assert [len(message.payload["data"]["stories"]) for message in desk.messages] == [2]


async def test_a_reload_brings_destinations_without_a_restart(newsroom, dispatcher):
    newsroom.subscribe("desk")
    old, new = Desk(), Desk()
    at_work = dispatcher(old, clock=lambda: datetime.now(UTC))
    async with running(at_work):
        at_work.reconfigure({"desk": new.destination}, newsroom.renderer())
        newsroom.publish()
        at_work.notify()
        await until(lambda: new.messages)
    assert old.messages == []


async def test_an_alert_about_an_erased_article_is_parked_not_sent(newsroom, dispatcher, clock):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish()
    newsroom.writer.run_now(lambda db: db.execute("DELETE FROM articles"))
    desk = Desk()
    await one_try(dispatcher(desk), clock)
    assert (desk.messages, newsroom.find(delivery).state) == ([], "parked")


async def test_a_delivery_that_cannot_be_read_holds_up_no_other_and_is_parked_in_the_end(
    newsroom, dispatcher, clock
):
    newsroom.subscribe("desk")
    newsroom.writer.run_now(outbox.notify, "desk", Notice("k", "The disk is full"), clock())
    newsroom.writer.run_now(lambda db: db.execute("UPDATE deliveries SET notice = '{}'"))
    (broken,) = newsroom.writer.run_now(lambda db: list(outbox.listing(db)))
    (delivery,) = newsroom.publish()
    desk = Desk(schedule=Schedule((timedelta(minutes=1),)))
    at_work = dispatcher(desk)
    with capture_logs() as logs:
        await one_try(at_work, clock)
    assert newsroom.find(delivery).state == "delivered"
    assert {"event": "delivery unreadable", "delivery": broken.id}.items() <= logs[0].items()
    found = newsroom.find(broken)
    assert (found.state, found.attempts) == ("due", 1)
    assert found.last_error == "it could not be read from the state (KeyError)"
    clock.advance(minutes=2)
    await one_try(at_work, clock)
    assert newsroom.find(broken).state == "parked"
    assert newsroom.writer.run_now(conditions.health, "desk").failures == 0


async def test_logs_name_ids_and_outcomes_only(newsroom, dispatcher, clock):
    newsroom.subscribe("desk")
    newsroom.publish()
    with capture_logs() as logs:
        await one_try(dispatcher(Desk(RuntimeError("https://hooks.example/secret"))), clock)
    (entry,) = logs
    assert set(entry) == {"event", "log_level", "delivery", "destination", "outcome", "state", "attempt"}
    assert "secret" not in str(entry)


async def test_a_day_s_alerts_come_as_one_digest_at_its_time(newsroom, dispatcher, clock):
    newsroom.subscribe("desk", timing=Timing("Asia/Shanghai", digest=Digest("daily", time(8))))
    for _ in range(5):
        newsroom.publish(now=clock())
        clock.advance(minutes=40)
    desk = Desk()
    at_work = dispatcher(desk)
    await one_try(at_work, clock)
    assert desk.messages == []
    clock.now = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai
    await one_try(at_work, clock)
    (digest,) = desk.messages
    assert digest.subject.startswith("5 stories: ")


async def test_a_burst_of_twenty_is_two_messages_not_twenty(newsroom, dispatcher, clock):
    newsroom.subscribe("desk", timing=Timing(group=Group(timedelta(seconds=30), timedelta(minutes=5))))
    desk = Desk()
    at_work = dispatcher(desk)
    for _ in range(20):
        newsroom.publish(now=clock())
        await one_try(at_work, clock)
        clock.advance(seconds=3)
    clock.advance(minutes=10)
    await one_try(at_work, clock)
    assert len(desk.messages) == 2
    assert sum(len(message.payload["data"]["stories"]) for message in desk.messages) == 20


async def test_over_the_cap_the_rest_of_the_hour_comes_together(newsroom, dispatcher, clock):
    newsroom.subscribe("desk", timing=Timing(per_hour=3))
    desk = Desk()
    at_work = dispatcher(desk)
    for _ in range(10):
        newsroom.publish(now=clock())
        await one_try(at_work, clock)
        clock.advance(minutes=1)
    assert len(desk.messages) == 3
    clock.now = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
    await one_try(at_work, clock)
    assert [len(message.payload["data"]["stories"]) for message in desk.messages] == [1, 1, 1, 7]


async def test_what_came_in_quiet_hours_comes_in_one_message_when_they_end(
    newsroom, dispatcher, clock, match
):
    newsroom.subscribe("desk", timing=Timing(quiet=QuietHours(time(9), time(12))))
    desk = Desk()
    at_work = dispatcher(desk)
    newsroom.publish(now=clock())
    newsroom.publish(now=clock(), found=[replace(match, severity="urgent")])
    newsroom.publish(now=clock())
    await one_try(at_work, clock)
    assert len(desk.messages) == 1  # the urgent one
    clock.now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    await one_try(at_work, clock)
    assert [len(message.payload["data"]["stories"]) for message in desk.messages] == [1, 2]


@pytest.mark.parametrize("step", ["agenda", "claim", "record"])
async def test_a_state_that_fails_for_a_while_does_not_end_delivery(newsroom, dispatcher, monkeypatch, step):
    newsroom.subscribe("desk")
    (delivery,) = newsroom.publish()
    real, failures = getattr(outbox, step), [sqlite3.OperationalError("database or disk is full")]

    def failing(*arguments, **named):
        if failures:
            raise failures.pop()
        return real(*arguments, **named)

    monkeypatch.setattr(outbox, step, failing)
    monkeypatch.setattr("alerts.dispatcher._REST", timedelta(milliseconds=10))
    monkeypatch.setattr("alerts.dispatcher._LEASE_MARGIN", timedelta(seconds=-19.9))
    desk = Desk()
    async with running(dispatcher(desk, clock=lambda: datetime.now(UTC))):
        await until(lambda: newsroom.find(delivery).state == "delivered")
    assert {message.id for message in desk.messages} == {delivery.id}
