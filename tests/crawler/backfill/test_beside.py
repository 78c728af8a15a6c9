"""Beside a running daemon, and beside each other: one writer, one pace, and nobody is stopped or alerted."""

import signal
import time

import backfilling
import pytest
from town import Town

ARGS = ("map", "--since", "2025-03-01", "--until", "2025-03-31")


@pytest.fixture
def paced(tmp_path, paper):
    """Configure a house whose daemon polls the newspaper all the time, and a newspaper that takes its time."""
    paper.latency = 0.05
    sources = [
        {"id": "map", "kind": "sitemap", "url": f"{paper.base}/sitemap.xml", "enabled": False},
        {
            "id": "news",
            "kind": "listing",
            "url": f"{paper.base}/list/",
            "every": "1s",
            "listing": {"pattern": "/nothing/"},
        },
    ]
    return backfilling.configure(tmp_path / "paced", sources, delay="0.05s")


def stop(process):
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) == 0


def test_a_backfill_hands_its_articles_to_the_daemon_and_shares_its_turns(paced, paper):
    daemon = backfilling.start(paced, "run")
    try:
        backfilling.wait_for(paced, "SELECT sum(polls) FROM sources", 1)
        code, last, _ = backfilling.backfill(paced, *ARGS)
        assert daemon.poll() is None
    finally:
        stop(daemon)
    state = paced.with_name("state.db")
    assert code == 0
    assert last["report"]["articles"] == 31
    assert backfilling.count(state, "SELECT count(*) FROM deliveries") == 0
    assert backfilling.count(state, "SELECT count(*) FROM alerts WHERE reason = 'backfill'") > 20
    assert sum(path == "/list/" for _, path in paper.times) > 1
    assert paper.most_at_once == 1


def test_a_killed_backfill_leaves_the_daemon_working_and_goes_on_through_it(paced, paper):
    daemon = backfilling.start(paced, "run")
    try:
        backfilling.wait_for(paced, "SELECT sum(polls) FROM sources", 1)
        killed = backfilling.start(paced, "backfill", *ARGS)
        backfilling.wait_for(paced, "SELECT count(*) FROM backfill_items WHERE state = 'fetched'", 3)
        killed.kill()
        killed.wait()
        polled = backfilling.count(paced.with_name("state.db"), "SELECT sum(polls) FROM sources")
        backfilling.wait_for(paced, "SELECT sum(polls) FROM sources", polled + 1)
        code, last, _ = backfilling.backfill(paced, *ARGS, "--resume")
    finally:
        stop(daemon)
    assert code == 0
    assert last["report"]["articles"] == 31
    assert sum(count - 1 for count in paper.fetched().values()) <= 1


def test_a_daemon_that_starts_takes_the_state_over_and_one_that_ends_leaves_it(paced, paper):
    backfill = backfilling.start(paced, "backfill", *ARGS)
    backfilling.wait_for(paced, "SELECT count(*) FROM backfill_items WHERE state = 'done'", 1)
    daemon = backfilling.start(paced, "run")
    backfilling.wait_for(paced, "SELECT sum(polls) FROM sources", 1)
    assert daemon.poll() is None
    stop(daemon)
    assert backfill.wait(timeout=60) == 0
    state = paced.with_name("state.db")
    assert backfilling.count(state, "SELECT count(*) FROM articles") == 31


def test_two_backfills_at_once_share_one_state_and_one_pace(paced, paper):
    paper.latency = 0.2
    first = backfilling.start(paced, "backfill", *ARGS)
    backfilling.wait_for(paced, "SELECT count(*) FROM backfill_items", 1)
    code, last, told = backfilling.backfill(paced, "map", "--since", "2025-02-20", "--until", "2025-02-28")
    assert first.wait(timeout=60) == 0
    assert code == 0, told
    assert last["report"]["articles"] == 9
    assert backfilling.count(paced.with_name("state.db"), "SELECT count(*) FROM articles") == 40
    assert paper.most_at_once == 1


def test_two_backfills_of_the_same_range_are_told_apart(paced, paper):
    paper.latency = 0.4
    first = backfilling.start(paced, "backfill", *ARGS)
    backfilling.wait_for(paced, "SELECT count(*) FROM backfill_items", 1)
    code, _, told = backfilling.backfill(paced, *ARGS, "--resume")
    assert code == 1
    assert "running already in another process" in told
    assert "Traceback" not in told
    assert first.wait(timeout=60) == 0
    assert set(paper.fetched().values()) == {1}


def test_an_interrupt_stops_in_order_and_a_second_one_at_once(paced, paper):
    process = backfilling.start(paced, "backfill", *ARGS)
    backfilling.wait_for(paced, "SELECT count(*) FROM backfill_items WHERE state = 'fetched'", 2)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=15) == 5
    paper.latency = 5
    process = backfilling.start(paced, "backfill", "--resume")
    before = len(paper.times)
    while len(paper.times) == before:
        time.sleep(0.02)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=3) == 1
    paper.latency = 0
    code, last, _ = backfilling.backfill(paced, "--resume")
    assert code == 0
    assert last["report"]["articles"] == 31


def test_a_digest_is_one_message_at_the_end_and_live_alerts_only_for_news(tmp_path, paper):
    with Town() as town:
        town.open = False
        source = {"id": "map", "kind": "sitemap", "url": f"{paper.base}/sitemap.xml", "enabled": False}
        config = backfilling.configure(tmp_path / "told", [source], hook=f"{town.receiver.base}/")
        daemon = backfilling.start(config, "run")
        try:
            backfilling.wait_for(config, "SELECT count(*) FROM sources", 1)
            code, _, _ = backfilling.backfill(config, *ARGS, "--alert", "digest")
            assert code == 0
            backfilling.wait_for(config, "SELECT count(*) FROM deliveries WHERE state = 'delivered'", 1)
            code, _, _ = backfilling.backfill(
                config, "map", "--since", "2025-02-20", "--until", "2025-02-28", "--alert", "live"
            )
            assert code == 0
        finally:
            stop(daemon)
        state = config.with_name("state.db")
        assert backfilling.count(state, "SELECT count(*) FROM deliveries") == 1
        told = backfilling.count(state, "SELECT count(*) FROM alerts WHERE reason = 'digest'")
        assert told == backfilling.count(state, "SELECT count(*) FROM delivery_alerts") > 20
        (body,) = town.receiver.bodies.values()
        assert body["data"]["stories"]
