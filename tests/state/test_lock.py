"""One writer a file: a second is refused at once and told who holds it; any death of the holder frees it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from state.errors import StateError, StateLocked
from state.lock import WriteLock, holder_of

HOLD = """
import sys, time
from pathlib import Path
from state.lock import WriteLock
with WriteLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def _holder(state):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(state)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_second_writer_is_refused_and_told_the_pid_of_the_first(tmp_path):
    state = tmp_path / "state.db"
    with _holder(state) as holder, pytest.raises(StateLocked) as refused:
        WriteLock(state)
    assert refused.value.pid == holder.pid
    assert f"process {holder.pid}" in str(refused.value)
    assert "nothing was changed" in str(refused.value)


def test_kill_9_of_the_holder_frees_the_lock(tmp_path):
    state = tmp_path / "state.db"
    with _holder(state) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with WriteLock(state):
            assert holder_of(state) == os.getpid()


def test_one_process_cannot_hold_it_twice_either(tmp_path):
    state = tmp_path / "state.db"
    with WriteLock(state), pytest.raises(StateLocked) as refused:
        WriteLock(state)
    assert refused.value.pid == os.getpid()


def test_a_released_lock_can_be_taken_again_and_released_twice(tmp_path):
    state = tmp_path / "state.db"
    first = WriteLock(state)
    first.release()
    first.release()
    with WriteLock(state):
        assert holder_of(state) == os.getpid()
    assert holder_of(state) is None


def test_the_lock_file_stays_and_is_private(tmp_path):
    state = tmp_path / "state.db"
    with WriteLock(state) as lock:
        assert lock.path == tmp_path / "state.db.lock"
        assert lock.path.stat().st_mode & 0o777 == 0o600
    assert lock.path.exists()


def test_a_lock_file_with_nonsense_in_it_is_no_obstacle(tmp_path):
    state = tmp_path / "state.db"
    (tmp_path / "state.db.lock").write_text("who knows\nwhat this is")
    with WriteLock(state):
        assert holder_of(state) == os.getpid()


def test_a_holder_that_has_not_said_its_pid_yet_is_still_a_holder(tmp_path):
    state = tmp_path / "state.db"
    with WriteLock(state) as lock:
        lock.path.write_text("")
        with pytest.raises(StateLocked, match="unknown") as refused:
            WriteLock(state)
        assert refused.value.pid is None
        assert holder_of(state) is None


def test_two_files_have_two_locks(tmp_path):
    with WriteLock(tmp_path / "one.db"), WriteLock(tmp_path / "two.db"):
        assert holder_of(tmp_path / "one.db") == holder_of(tmp_path / "two.db") == os.getpid()


def test_nobody_holds_a_file_that_was_never_locked(tmp_path):
    assert holder_of(tmp_path / "state.db") is None
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_cannot_be_opened_is_one_clear_error(tmp_path):
    (tmp_path / "state.db.lock").mkdir()
    with pytest.raises(StateError, match=r"state\.db\.lock cannot be opened for writing"):
        WriteLock(tmp_path / "state.db")


def test_a_child_process_does_not_inherit_the_lock(tmp_path):
    """A reading process that outlives a killed daemon must not keep the next daemon out."""
    state = tmp_path / "state.db"
    lock = WriteLock(state)
    child = subprocess.Popen(
        [sys.executable, "-c", "print('here', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        close_fds=False,
    )
    assert child.stdout.readline() == "here\n"
    lock.release()
    WriteLock(state).release()
    assert child.poll() is None
    child.communicate("\n")
