"""The watchman: one report a day of what needs a hand, over restarts and clock changes, and the heartbeat's verdict."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from loopback import http
from structlog.testing import capture_logs

from crawler.configuration.load import load_configuration
from crawler.operator import Watchman
from state import destinations, leads, outbox, pages, sources, verdicts
from state.deliveries import listing, load_delivery
from state.destinations import Health
from state.errors import ConfigurationError
from state.records import Alert, Delivery, Lead, Page
from state.sources import Poll
from state.writer import Writer

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)  # a Saturday
DAY = timedelta(days=1)
MAIL = {"type": "email", "to": "a@x.example", "from": "b@x.example", "host": "x.example"}
SOURCES = [{"id": "gd", "kind": "feed", "url": "https://gd.example/feed"}]


@pytest.fixture
def watch(desk):
    """Open a watchman over a fresh state."""
    opened = []

    def watch(**written):
        desk.write(sources=SOURCES, destinations={"ops": MAIL, "other": MAIL}, **written)
        writer = Writer(desk.state)
        opened.append(writer)
        return Watchman(writer, lambda: load_configuration(desk.file)), writer

    yield watch
    for writer in opened:
        writer.close()


def _reports(writer):
    deliveries = reversed(writer.run_now(lambda db: list(listing(db))))
    return [(one.destination, writer.run_now(load_delivery, one.id).notice) for one in deliveries]


def _break_something(db):
    sources.register(db, "gd", "https://gd.example/feed", NOW)
    for _ in range(3):
        sources.record_poll(db, Poll("gd", NOW, NOW, status=500, error="answered HTTP 500"))
    alert = Alert("al_1", "st_1", "robot-unveiled", "me", NOW, "new", "https://gd.example/1")
    outbox.store(db, [alert], [Delivery("dl_1", "hook", "me", ("al_1",), "due", NOW, NOW)], NOW)
    outbox.park_strays(db, ["ops"], NOW)
    destinations.keep(db, Health("hook", 9, NOW, None, NOW, "it wants nothing any more (HTTP 410)"))
    lead = Lead("https://gd.example/2", "https://gd.example/2", "gd")
    leads.add(db, [lead], "live", NOW)
    pages.store(db, Page(lead.url, lead.url, b"", NOW), lead, "live", NOW + DAY - timedelta(hours=3))
    pages.mark_unreadable(db, lead.key, "hung", again=False)


async def test_the_report_names_what_needs_a_hand_once_a_day(watch, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=2**20))
    watchman, writer = watch(operator={"destinations": ["ops", "other"], "at": "08:00"})
    assert not await watchman.report(NOW)  # the first waits for its time
    writer.run_now(_break_something)
    assert not await watchman.report(NOW + timedelta(hours=21))
    assert await watchman.report(NOW + timedelta(hours=22))
    assert not await watchman.report(NOW + timedelta(hours=23))
    (first, notice), (second, same) = [one for one in _reports(writer) if one[1]]
    assert ({first, second}, notice) == ({"ops", "other"}, same)
    assert notice.title == "yuewatch needs a hand: 4 things"
    told = "\n".join(notice.lines)
    assert "Source gd failed 3 times in a row, nothing since ever: answered HTTP 500" in told
    assert "Destination hook has 1 parked deliveries. It is disabled: it wants nothing any more" in told
    assert "1 pages could not be read since yesterday" in told
    assert "1 MiB left" in told


async def test_a_rule_that_is_mostly_judged_wrong_is_named(watch):
    watchman, writer = watch(operator={"destinations": ["ops"]})
    await watchman.report(NOW)

    def judge(db):
        for number in range(5):
            alert = Alert(
                f"al_{number}", f"st_{number}", "robot-unveiled", "me", NOW, "new", "https://x.example/"
            )
            outbox.store(db, [alert], [], NOW)
            verdicts.judge(db, alert.id, "wrong" if number else "good", NOW)

    writer.run_now(judge)
    await watchman.report(NOW + DAY)
    ((_, notice),) = _reports(writer)
    assert notice.lines == ("Rule robot-unveiled was wrong in 4 of 5 judged alerts: `yuewatch rules list`",)


async def test_of_many_of_a_kind_the_first_are_named_and_all_are_counted(watch, monkeypatch):
    monkeypatch.setattr(
        "crawler.troubles.FINDERS", {"sick sources": lambda *_: (f"Source {n}" for n in range(9))}
    )
    watchman, writer = watch(operator={"destinations": ["ops"]})
    await watchman.report(NOW)
    await watchman.report(NOW + DAY)
    ((_, notice),) = _reports(writer)
    assert notice.title == "yuewatch needs a hand: 9 things"
    assert notice.lines == (*(f"Source {n}" for n in range(5)), "… and 4 more sick sources")


@pytest.mark.parametrize(("all_well", "number"), [("weekly", 1), ("daily", 7), ("never", 0)])
async def test_that_all_is_well_is_said_as_often_as_it_is_wanted(watch, all_well, number):
    watchman, writer = watch(operator={"destinations": ["ops"], "all_well": all_well})
    for hour in range(0, 24 * 7 + 6, 6):
        await watchman.report(NOW + timedelta(hours=hour))
    told = [notice for _, notice in _reports(writer)]
    assert len(told) == number
    assert all(notice.title == "All is well" for notice in told)


async def test_a_report_missed_while_it_was_down_comes_once_at_the_start(watch, desk):
    watchman, writer = watch(operator={"destinations": ["ops"], "all_well": "daily"})
    await watchman.report(NOW)
    late = NOW + timedelta(days=3)
    assert [await watchman.report(late + timedelta(minutes=n)) for n in range(3)] == [True, False, False]
    again = Watchman(writer, lambda: load_configuration(desk.file))
    assert not await again.report(late + timedelta(hours=1))


async def test_nobody_is_told_where_nobody_is_named(watch):
    watchman, writer = watch()
    assert not await watchman.report(NOW)
    assert not await watchman.report(NOW + DAY)
    assert _reports(writer) == []


async def test_the_heart_beats_well_until_the_operator_cannot_be_reached(watch, loopback):
    site = loopback.site({"*": http("OK")})
    watchman, writer = watch(operator={"destinations": ["ops"]}, heartbeat={"url": f"{site}/ping"})
    assert await watchman.beat() is None
    writer.run_now(destinations.keep, Health("ops", 9, NOW, None, NOW, "dead"))
    assert await watchman.beat() == "all destinations of the operator are disabled"
    writer.run_now(destinations.enable, "ops")
    writer.trouble = "database or disk is full"
    assert await watchman.beat() is None  # the next write went well
    assert loopback.paths(site) == ["/ping", "/ping/fail", "/ping"]


async def test_a_monitor_that_hears_nothing_is_told_of_once(watch):
    watchman, _ = watch(heartbeat={"url": "http://127.0.0.1:9/secret-path"})
    with capture_logs() as told:
        for _ in range(3):
            await watchman.beat()
    assert [line["event"] for line in told] == ["heartbeat not heard"]
    assert "secret-path" not in str(told)


def test_settings_that_lead_nowhere_are_told_with_their_line(desk, tmp_path):
    for written, words in (
        ({"operator": {"destinations": ["opps"]}}, r"operator\.destinations: .*did you mean \"ops\""),
        ({"heartbeat": {"url": "https://x.example/", "url_env": "X"}}, "give one of url"),
        ({"subscribers": {"through": "ops"}}, "must be of type email and have `unsubscribe`"),
    ):
        desk.write(destinations={"ops": MAIL}, **written)
        with pytest.raises(ConfigurationError, match=words):
            load_configuration(Path(desk.file))
