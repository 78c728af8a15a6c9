"""What the parts that are wired together do as one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from alerts.dispatcher import Dispatcher
from alerts.rendering import Renderer
from alerts.view import Names
from crawler.agenda import Agenda
from crawler.configuration.load import load_configuration
from crawler.configuration.settings import Settings
from crawler.fetching.pace import Pace
from crawler.pipeline import Pipeline
from crawler.station import Station, build_ingest, forget
from state.database import open_writer
from state.standing import Mute, mute, mutes
from state.times import stamp
from state.writer import Writer

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as opened:
        yield opened


def test_what_ended_longer_ago_than_the_limits_is_forgotten_and_nothing_else(db):
    def age(days):
        return NOW - timedelta(days=days)

    for source, end in (("long over", age(91)), ("over", age(89)), ("lasts", NOW + timedelta(days=1))):
        mute(db, Mute("source", source, end, "noise", age(300)))
    for source, closed in (("old", stamp(age(401))), ("late", stamp(age(399))), ("sick", None)):
        db.execute(
            "INSERT INTO findings (source_id, kind, reason, evidence, opened, closed) VALUES (?, 'quiet', '', '', ?, ?)",
            [source, stamp(age(500)), closed],
        )
    assert forget(db, Settings(), NOW) == 2
    assert [one.value for one in mutes(db, age(95))] == ["over", "lasts"]
    assert [row["source_id"] for row in db.query("SELECT source_id FROM findings")] == ["late", "sick"]
    assert forget(db, Settings(), NOW) == 0


async def test_a_reload_while_it_learns_of_people_is_not_undone(desk):
    """Who has subscribed is read from the state; meanwhile the configuration may become another."""
    destination = desk.webhook("http://127.0.0.1:9/")
    desk.write(destinations={"old": destination}, subscriptions=[{"id": "all", "destinations": ["old"]}])
    before = load_configuration(desk.file)
    desk.write(destinations={"new": destination}, subscriptions=[{"id": "all", "destinations": ["new"]}])
    with Writer(desk.state) as writer:
        station = Station(
            before,
            writer,
            workers=None,
            manners=SimpleNamespace(pace=Pace(timedelta(seconds=1))),
            runner=None,
            pipeline=Pipeline(writer, None, build_ingest(before), print),
            agenda=Agenda(writer, before.sources),
            dispatcher=Dispatcher(writer, before.open_destinations(), lambda: NOW, Renderer(Names(), {})),
        )
        learning = asyncio.ensure_future(station.welcome())
        await asyncio.sleep(0)
        station.reconfigure(load_configuration(desk.file))
        await learning
    assert [one.destinations for one in station.pipeline.ingest.subscriptions] == [("new",)]
