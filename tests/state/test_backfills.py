"""The work list of a backfill: its order, its blocks, and what a second chance gives."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from state import backfill_files, backfill_items, backfill_results, backfills
from state.backfill_files import File
from state.backfill_items import BLOCK, Item, Step
from state.backfills import Backfill
from state.database import open_writer
from state.records import Lead

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BEGUN = Backfill("bf_1", "{}", "planning", NOW, NOW)


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as database, database.atomic():
        yield database


def item(number, day=None, host="a.example"):
    key = f"https://{host}/{number}"
    return Item(Lead(key, key, "s"), key, host, day)


def planned(db, *items):
    backfills.begin(db, BEGUN, {"s": (Step("listing", "https://a.example/"),)}, ())
    backfill_items.finish_step(db, "bf_1", "s", backfill_items.next_step(db, "bf_1", "s"), items, (), 100)
    backfill_items.order(db, "bf_1", ())
    backfills.enter(db, "bf_1", "working", None, NOW)


def claimed(db, host="a.example", now=NOW):
    found = backfill_items.claim(db, "bf_1", host, now).item
    return None if found is None else found.lead.key


def test_items_are_claimed_newest_first_and_undated_ones_last(db):
    planned(db, item(1, "2025-01-01"), item(2), item(3, "2025-03-01"))
    assert [claimed(db)[-1] for _ in range(3)] == ["3", "1", "2"]
    assert claimed(db) is None


def test_beginning_again_gives_the_backfill_as_it_stands(db):
    planned(db, item(1))
    again = backfills.begin(db, replace(BEGUN, spec="other"), {"s": (Step("listing", "x"),)}, ())
    assert (again.spec, again.state, again.requests, again.bytes) == ("{}", "working", 1, 100)
    assert backfill_items.next_step(db, "bf_1", "s") is None


def test_an_item_of_two_lanes_stays_with_the_first_by_name_whichever_was_walked_first(db):
    steps = {lane: (Step("listing", f"https://{lane}.example/"),) for lane in ("a", "b")}
    backfills.begin(db, BEGUN, steps, ())
    shared = item(1)
    for lane in ("b", "a"):
        step = backfill_items.next_step(db, "bf_1", lane)
        found = replace(shared, lead=replace(shared.lead, source_id=lane))
        backfill_items.finish_step(db, "bf_1", lane, step, (found,), (), 0)
    backfill_items.order(db, "bf_1", ())
    assert backfill_items.claim(db, "bf_1", "a.example", NOW).item.lead.source_id == "a"


def test_what_is_held_has_no_place_in_the_order(db):
    backfills.begin(db, BEGUN, {"s": (Step("listing", "x"),)}, ())
    step = backfill_items.next_step(db, "bf_1", "s")
    backfill_items.finish_step(db, "bf_1", "s", step, (item(1), item(2)), (), 0)
    backfill_items.order(db, "bf_1", ("https://a.example/1",))
    assert backfill_results.counts(db, "bf_1") == {"held": 1, "waiting": 1}


def test_a_step_leads_on_once_to_each_address(db):
    backfills.begin(db, BEGUN, {"s": (Step("sitemap", "x"),)}, ())
    more = (Step("sitemap", "y", 1), Step("sitemap", "x", 1), Step("sitemap", "y", 1))
    backfill_items.finish_step(db, "bf_1", "s", backfill_items.next_step(db, "bf_1", "s"), (), more, 0)
    step = backfill_items.next_step(db, "bf_1", "s")
    assert (step.url, step.depth, step.number) == ("y", 1, 1)
    backfill_items.fail_step(db, "bf_1", "s", step, "gone")
    assert backfill_items.next_step(db, "bf_1", "s") is None
    assert backfill_results.failures(db, "bf_1") == [("y", "gone")]


def test_a_block_is_given_only_when_all_of_it_is_settled(db):
    planned(db, *(item(number, f"2025-01-{number + 1:02}") for number in range(BLOCK + 2)))
    keys = [claimed(db) for _ in range(BLOCK + 2)]
    for key in keys[1:]:
        backfill_items.fetched(db, "bf_1", key, 10)
    assert backfill_items.block(db, "bf_1") is None
    assert backfill_items.fail(db, "bf_1", keys[0], "404", NOW, again=False) is False
    first = [one.lead.key for one in backfill_items.block(db, "bf_1")]
    assert first == keys[1:BLOCK]
    for key in first:
        backfill_items.settle(db, "bf_1", key, "done", None)
    assert [one.lead.key for one in backfill_items.block(db, "bf_1")] == keys[BLOCK:]
    for key in keys[BLOCK:]:
        backfill_items.settle(db, "bf_1", key, "done", None)
    assert backfill_items.block(db, "bf_1") == []


def test_a_failed_fetch_is_tried_again_after_a_pause_and_three_times_at_most(db):
    planned(db, item(1))
    now = NOW
    for last in (False, False, True):
        key = claimed(db, now=now)
        assert backfill_items.fail(db, "bf_1", key, "503", now, again=True) is not last
        waits = backfill_items.claim(db, "bf_1", "a.example", now)
        assert waits.item is None
        assert (waits.until is None) is last
        now = waits.until or now
    assert backfill_results.failures(db, "bf_1") == [("https://a.example/1", "503")]


def test_what_a_killed_process_claimed_is_claimed_again(db):
    planned(db, item(1))
    first = claimed(db)
    assert claimed(db) is None
    backfills.resume(db, "bf_1")
    assert claimed(db) == first


def test_a_page_put_off_waits_without_counting_a_try(db):
    planned(db, item(1))
    until = NOW + timedelta(hours=1)
    backfill_items.postpone(db, "bf_1", claimed(db), until)
    assert backfill_items.claim(db, "bf_1", "a.example", NOW).until == until
    assert claimed(db, now=until) is not None


def test_a_second_chance_takes_up_failed_listings_behind_what_is_in_order(db):
    planned(db, item(1, "2025-01-01"))
    backfill_items.fail(db, "bf_1", claimed(db), "404", NOW, again=False)
    db.execute("UPDATE backfill_steps SET state = 'failed'")
    assert backfills.retry(db, "bf_1") == 2
    assert backfills.find(db, "bf_1").state == "planning"
    step = backfill_items.next_step(db, "bf_1", "s")
    backfill_items.finish_step(db, "bf_1", "s", step, (item(2, "2025-06-01"),), (), 0)
    backfill_items.order(db, "bf_1", ())
    assert [claimed(db)[-1], claimed(db)[-1]] == ["1", "2"]


def test_files_keep_their_place(db):
    backfills.begin(db, BEGUN, {}, (("a.warc.gz", 100), ("b.warc.gz", 50)))
    first, second = backfill_files.every_file(db, "bf_1")
    backfill_files.advance(db, "bf_1", replace(first, offset=40, record=7), 3)
    backfill_files.add_files(db, "bf_1", [("b.warc.gz", 0), ("c.warc.gz", 0)])
    names = [(file.name, file.offset, file.record) for file in backfill_files.every_file(db, "bf_1")]
    assert names == [("a.warc.gz", 40, 7), ("b.warc.gz", 0, 0), ("c.warc.gz", 0, 0)]
    assert second == File(1, "b.warc.gz", 50)


def test_forgetting_drops_the_work_list_only(db):
    planned(db, item(1))
    backfill_files.add_fault(db, "bf_1", "x", "y")
    backfills.forget(db, "bf_1")
    assert backfills.every(db) == []
    assert backfill_results.counts(db, "bf_1") == {}
    assert backfill_results.failures(db, "bf_1") == []
