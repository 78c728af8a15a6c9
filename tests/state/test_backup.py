"""Backups: consistent while a writer writes, whole or not there."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest

from state.backup import back_up
from state.errors import StateError
from state.writer import Writer


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state.db"


def _pair(db, number):
    """Write two rows that only make sense together."""
    db.execute("INSERT INTO hosts VALUES (?, '2026', ?)", [f"left-{number}", "x" * 2000])
    db.execute("INSERT INTO hosts VALUES (?, '2026', ?)", [f"right-{number}", "x" * 2000])


def test_a_backup_taken_while_a_writer_writes_is_whole_and_has_no_half_transaction(state, tmp_path):
    with Writer(state) as writer:
        for number in range(100):
            writer.run_now(_pair, number)
        stop = threading.Event()

        def keep_writing():
            number = 100
            while not stop.is_set():
                writer.run_now(_pair, number)
                number += 1

        thread = threading.Thread(target=keep_writing)
        thread.start()
        try:
            for number in range(5):
                assert back_up(state, tmp_path / f"copy-{number}.db") > 0
        finally:
            stop.set()
            thread.join()
    for number in range(5):
        with closing(sqlite3.connect(tmp_path / f"copy-{number}.db")) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            halves = copy.execute("SELECT count(*) FROM hosts WHERE host LIKE 'left-%'").fetchone()[0]
            assert copy.execute("SELECT count(*) FROM hosts").fetchone()[0] == 2 * halves >= 200


def test_a_backup_is_private_replaces_an_older_one_and_leaves_nothing_else(state, tmp_path):
    Writer(state).close()
    target = tmp_path / "backups" / "copy.db"
    target.parent.mkdir()
    target.write_text("older")
    back_up(state, target)
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]
    assert target.stat().st_mode & 0o777 == 0o600
    with Writer(target) as restored:
        assert restored.run_now(lambda db: db["sources"].count) == 0


def test_damage_is_found_and_the_older_backup_stays(state, tmp_path):
    with Writer(state) as writer:
        for number in range(300):
            writer.run_now(_pair, number)
    body = bytearray(state.read_bytes())
    middle = len(body) // 2 // 4096 * 4096
    body[middle : middle + 4096] = b"\xff" * 4096
    state.write_bytes(body)
    target = tmp_path / "copy.db"
    target.write_text("older")
    with pytest.raises(StateError, match=r"is damaged .*restore an older backup"):
        back_up(state, target)
    assert target.read_text() == "older"
    assert not target.with_name("copy.db.unfinished").exists()


def test_there_is_nothing_to_back_up_before_the_first_run(state, tmp_path):
    with pytest.raises(StateError, match="there is no state file"):
        back_up(state, tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_the_state_file_is_not_replaced_by_its_own_copy(state, tmp_path):
    Writer(state).close()
    before = state.stat().st_ino
    (tmp_path / "link.db").symlink_to(state)
    for target in (state, tmp_path / "link.db"):
        with pytest.raises(StateError, match="is the state file itself"):
            back_up(state, target)
    assert state.stat().st_ino == before
