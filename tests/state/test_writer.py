"""The one writer: each change is all or nothing, in the order asked for, on one thread."""

from __future__ import annotations

import asyncio
import sqlite3
import threading

import pytest

from state.database import open_reader
from state.errors import StateError, StateLocked
from state.writer import Writer


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state.db"


def _hold(db, host, reason=""):
    db.execute("INSERT INTO hosts VALUES (?, '2026', ?)", [host, reason])


def _hosts(state):
    with open_reader(state) as db:
        return [row["host"] for row in db.query("SELECT host FROM hosts ORDER BY rowid")]


async def test_a_change_gives_its_result_back_and_is_there_for_readers(state):
    with Writer(state) as writer:
        number = await writer.run(
            lambda db: db.execute("INSERT INTO hosts VALUES ('a.example', '2026', '')").rowcount
        )
        assert number == 1
        assert _hosts(state) == ["a.example"]


async def test_an_exception_rolls_everything_back_and_reaches_the_caller(state):
    def half_done(db):
        _hold(db, "a.example")
        _hold(db, "b.example")
        raise ZeroDivisionError

    with Writer(state) as writer:
        with pytest.raises(ZeroDivisionError):
            await writer.run(half_done)
        assert _hosts(state) == []
        await writer.run(_hold, "c.example")
        assert _hosts(state) == ["c.example"]


async def test_a_broken_constraint_rolls_back_what_came_before_it(state):
    def twice(db):
        _hold(db, "a.example")
        _hold(db, "a.example")

    with Writer(state) as writer:
        with pytest.raises(sqlite3.IntegrityError):
            await writer.run(twice)
        assert _hosts(state) == []


async def test_changes_are_made_in_the_order_asked_for_and_on_one_thread(state):
    threads = set()

    def note(db, number):
        threads.add(threading.get_ident())
        _hold(db, f"{number}.example")

    with Writer(state) as writer:
        await asyncio.gather(*(writer.run(note, number) for number in range(50)))
    assert _hosts(state) == [f"{number}.example" for number in range(50)]
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_closing_finishes_what_was_asked_for(state):
    writer = Writer(state)
    asked = [asyncio.ensure_future(writer.run(_hold, f"{number}.example")) for number in range(20)]
    await asyncio.sleep(0)
    writer.close()
    await asyncio.gather(*asked)
    assert len(_hosts(state)) == 20


async def test_a_change_that_comes_after_the_end_is_a_clear_error(state):
    writer = Writer(state)
    writer.close()
    with pytest.raises(StateError, match=r"state\.db has been closed; nothing of this step was kept"):
        await writer.run(_hold, "a.example")


def test_callers_without_an_event_loop_wait_for_the_result(state):
    with Writer(state) as writer:
        writer.run_now(_hold, "a.example", reason="because")
        assert writer.run_now(lambda db: db["hosts"].count) == 1


def test_a_second_writer_is_refused_and_the_first_goes_on(state):
    with Writer(state) as writer:
        with pytest.raises(StateLocked):
            Writer(state)
        writer.run_now(_hold, "a.example")
    Writer(state).close()
