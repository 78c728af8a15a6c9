"""The socket beside the state: changes by name, from the same user, however deep the folder."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from crawler.control import Control, change, converse
from state import leads, pages
from state.errors import StateError
from state.records import Lead, Page
from state.writer import Writer

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
LEAD = Lead("https://gd.example/1", "https://gd.example/1", "gd")


@pytest.fixture
def state(tmp_path):
    """Give a state file with a quarantined page, deeper than a socket's path may be long."""
    folder = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 6)
    folder.mkdir(parents=True)
    path = folder / "state.db"
    assert len(str(path)) > 108
    with Writer(path) as writer:
        writer.run_now(_quarantine)
    return path


def _quarantine(db):
    leads.add(db, [LEAD], "live", NOW)
    pages.store(db, Page(LEAD.url, LEAD.url, b"", NOW), LEAD, "live", NOW)
    pages.mark_unreadable(db, LEAD.key, "hung", again=False)


@pytest.fixture
async def held(state):
    """Hold the state as a daemon does; give the changes it heard of."""
    heard = []
    with Writer(state) as writer:
        control = Control(writer, heard.append)
        await control.open()
        yield heard
        await control.close()


async def _from_outside(function, *args, **kwargs):
    with ThreadPoolExecutor(1) as thread:
        return await asyncio.get_running_loop().run_in_executor(thread, lambda: function(*args, **kwargs))


def test_where_nobody_holds_the_state_the_change_is_made_at_once(state):
    assert change(state, "articles.retry", urls=[LEAD.url]) == 1
    assert change(state, "articles.retry", urls=[]) == 0


async def test_where_a_daemon_holds_it_the_daemon_makes_the_change_and_hears_of_it(state, held):
    assert await _from_outside(change, state, "articles.retry", urls=[LEAD.url]) == 1
    assert held == ["articles.retry"]
    assert await _from_outside(change, state, "alerts.retry", delivery_id=None, destination=None) == 0


async def test_a_wrong_argument_is_the_asker_s_to_hear(state, held):
    with pytest.raises(StateError, match="the running process refused: TypeError"):
        await _from_outside(change, state, "articles.retry", weather="sunny")
    assert held == []


async def test_nonsense_does_not_end_the_serving(state, held):
    folder = os.open(state.parent, os.O_RDONLY)

    def send(line):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(10)
            connection.connect(f"/proc/self/fd/{folder}/state.db.sock")
            connection.sendall(line)
            connection.shutdown(socket.SHUT_WR)
            return connection.makefile("rb").readline()

    for line in (
        b"\n",
        b"nonsense\n",
        b"[]\n",
        b'{"change": "drop everything"}\n',
        b'{"change": "articles.retry"}\n',
    ):
        assert "error" in json.loads(await _from_outside(send, line))
    await _from_outside(send, b"")
    os.close(folder)
    assert await _from_outside(change, state, "articles.retry", urls=[]) == 1


async def test_a_socket_that_a_killed_daemon_left_is_replaced(state):
    place = state.with_name("state.db.sock")
    place.write_text("left behind")
    with Writer(state) as writer:
        control = Control(writer, lambda _: None)
        await control.open()
        assert place.is_socket()
        assert place.stat().st_mode & 0o777 == 0o600
        await control.close()
    assert not place.exists()


async def test_a_holder_that_does_not_listen_is_told_as_such(state):
    with Writer(state), pytest.raises(StateError, match=r"is being written by process \d+.*failed too"):
        await _from_outside(change, state, "articles.retry", urls=[])


async def test_whoever_waits_for_an_answer_is_not_collected_as_garbage(state):
    asked, answer, heard = asyncio.Event(), asyncio.Event(), asyncio.Queue()

    async def think(*_):
        asked.set()
        await answer.wait()
        return "done"

    async def ask():
        async with converse(state, "think", {}) as (reader, _):
            heard.put_nowait(json.loads(await reader.readline()))

    with Writer(state) as writer:
        control = Control(writer, lambda _: None, {"think": think})
        await control.open()
        asyncio.get_running_loop().create_task(ask())
        await asked.wait()
        gc.collect()
        answer.set()
        assert await asyncio.wait_for(heard.get(), 30) == {"result": "done"}
        await control.close()
