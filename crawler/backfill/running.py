"""Let one backfill of a name run at a time; the kernel frees the claim on any death."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from state.errors import StateError


@contextmanager
def running(state: Path, backfill: str, phrase: str) -> Iterator[None]:
    """Hold the name of a backfill for the length of the block; raise StateError where another process holds it.

    One file stands for all names: each has a byte of its own, which is locked and never written.
    """
    path = state.with_name(f"{state.name}.backfills")
    byte = int.from_bytes(hashlib.blake2b(backfill.encode(), digest_size=6).digest())
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StateError(
            f"{path} cannot be opened for writing ({error.strerror}); run as the user the state belongs to"
        ) from error
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except OSError as error:
            raise StateError(
                f"the same backfill ({phrase}) is running already in another process; nothing was begun. "
                "Let that one end, or stop it and go on with --resume."
            ) from error
        yield
    finally:
        os.close(descriptor)
