"""Hold the one right to write a state file, so that a second daemon is refused at once."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from state.errors import StateError, StateLocked


class WriteLock:
    """Lock `<state>.lock` for as long as the process lives; the kernel frees it on any death.

    Raises StateLocked at once, naming the holder's process id, where another process holds it, and StateError where
    the lock file belongs to somebody else.
    """

    def __init__(self, state_file: Path) -> None:
        self.path = state_file.with_name(state_file.name + ".lock")
        try:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StateError(
                f"{self.path} cannot be opened for writing ({error.strerror}); run as the user it belongs to, or name another file with --state"
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            pid = int(holder) if holder.isdigit() else None
            raise _locked(state_file, pid) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the lock up; the file stays, because removing it would let two holders lock two files."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def refuse_if_held(state_file: Path) -> None:
    """Raise StateLocked where another process writes the file now; cheaper than trying to open it."""
    pid = holder_of(state_file)
    if pid is not None:
        raise _locked(state_file, pid)


def _locked(state_file: Path, pid: int | None) -> StateLocked:
    return StateLocked(
        f"{state_file} is being written by process {pid or '(unknown)'}; nothing was changed. "
        "Stop that process first, or use another file with --state.",
        pid=pid,
    )


def holder_of(state_file: Path) -> int | None:
    """Give the process id of whoever writes a state file now, None where nobody does."""
    path = state_file.with_name(state_file.name + ".lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
        return int(text) if text.isdigit() else None
    else:
        return None
    finally:
        os.close(descriptor)
