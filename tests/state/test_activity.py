"""What happened since one last looked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from state import activity, destinations, outbox
from state.deliveries import Notice
from state.destinations import Health
from state.writer import Writer

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@pytest.fixture
def writer(tmp_path):
    with Writer(tmp_path / "state.db") as writer:
        yield writer


def test_a_destination_that_is_spared_and_one_that_recovered_are_told_once(writer):
    writer.run_now(destinations.keep, Health("hook", 3, AT, AT + timedelta(minutes=1)))
    seen, mark = writer.run_now(activity.since, activity.Since())
    assert seen.destinations == (activity.DestinationChange("hook", 3),)
    assert writer.run_now(activity.since, mark)[0].destinations == ()
    writer.run_now(destinations.keep, Health("hook"))
    seen, mark = writer.run_now(activity.since, mark)
    assert seen.destinations == (activity.DestinationChange("hook", 0),)


def test_what_is_under_way_is_unsent_and_what_is_delivered_is_not(writer):
    writer.run_now(outbox.notify, "mail", Notice("k", "title"), AT)
    assert writer.run_now(activity.unsent, AT) == 1
    (delivery,) = writer.run_now(outbox.claim, AT, timedelta(minutes=1), 1)
    assert writer.run_now(activity.unsent, AT) == 1
    writer.run_now(outbox.record, outbox.Attempt(delivery.id, AT, "delivered"), "delivered", AT)
    assert writer.run_now(activity.unsent, AT) == 0
