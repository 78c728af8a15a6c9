"""Deliveries that could not be made: listed, looked into, sent again, given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from desk import Desk

from state import destinations, outbox
from state.deliveries import Notice
from state.writer import Writer

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def _configure(desk, *names):
    desk.write(destinations={name: desk.webhook("http://127.0.0.1:9/") for name in names})


@pytest.fixture
def parked(tmp_path):
    """A desk with one parked delivery; gives the desk and the delivery's id."""
    desk = Desk(tmp_path)
    _configure(desk, "mail")
    with Writer(desk.state) as writer:
        writer.run_now(outbox.notify, "mail", Notice("k", "Source \x1b[2Jx fails", ("Why: HTTP 500",)), AT)
        (delivery,) = writer.run_now(outbox.claim, AT, timedelta(minutes=1), 1)
        attempt = outbox.Attempt(delivery.id, AT, "refused", "SMTP 550 to RCPT", timedelta(milliseconds=120))
        writer.run_now(outbox.record, attempt, "parked", AT)
    return desk, delivery.id


def test_a_parked_delivery_is_shown_with_what_it_tells_and_its_tries(parked):
    desk, name = parked
    assert [row["delivery_id"] for row in desk.here("alerts", "outgoing", "--parked", "--json").rows] == [
        name
    ]
    (shown,) = desk.here("alerts", "show", name, "--json").rows
    assert (shown["state"], shown["last_error"]) == ("parked", "SMTP 550 to RCPT")
    assert shown["tries"] == [
        {"at": "2026-11-21T10:00:00+00:00", "outcome": "refused", "why": "SMTP 550 to RCPT", "took": 0.12}
    ]
    told = desk.here("alerts", "show", name).out
    assert "tells: Source" in told
    assert "tried: 2026-11-21T10:00:00+00:00 refused after 0.12 s SMTP 550 to RCPT" in told
    assert "\x1b" not in told


def test_it_is_made_due_again_or_dropped(parked):
    desk, name = parked
    assert desk.here("alerts", "retry", name).code == 0
    assert desk.here("alerts", "show", name, "--json").rows[0]["state"] == "due"
    assert desk.here("alerts", "drop", name).code == 0
    assert desk.here("alerts", "show", name, "--json").rows[0]["state"] == "dropped"


def test_a_disabled_destination_is_enabled_also_when_nothing_waits_for_it_any_more(parked):
    desk, _ = parked
    with Writer(desk.state) as writer:
        writer.run_now(destinations.keep, destinations.Health("mail", disabled_at=AT, why="HTTP 410"))
    assert desk.here("alerts", "drop", "--destination", "mail").code == 0
    done = desk.here("alerts", "retry", "--destination", "mail")
    assert (done.code, done.out) == (0, "mail is enabled again\n0 deliveries due again\n")
    assert desk.here("alerts", "retry", "--destination", "mail").code == 3


@pytest.mark.parametrize("which", ["by id", "by destination"])
def test_what_waits_for_a_renamed_destination_is_sent_to_the_new_name_only(parked, which):
    desk, name = parked
    named = [name] if which == "by id" else ["--destination", "mail"]
    _configure(desk, "letters")
    refused = desk.here("alerts", "retry", *named)
    assert refused.code == 4
    assert "no destination 'mail' is configured" in refused.err
    assert desk.here("alerts", "retry", "--all").code == 3
    assert desk.here("alerts", "retry", *named, "--to", "leters").code == 4
    assert desk.here("alerts", "retry", "--all", "--to", "letters").code == 2
    assert desk.here("alerts", "retry", *named, "--to", "letters").out.startswith(
        "1 deliveries sent to letters"
    )
    (old,) = desk.here("alerts", "outgoing", "--destination", "mail", "--json").rows
    (new,) = desk.here("alerts", "outgoing", "--destination", "letters", "--json").rows
    assert (old["state"], old["last_error"], new["state"]) == ("dropped", "sent to letters instead", "due")


def test_an_unknown_delivery_is_one_clear_line(parked):
    desk, _ = parked
    done = desk.here("alerts", "show", "dl_unknown")
    assert (done.code, "there is no delivery dl_unknown" in done.err) == (1, True)
