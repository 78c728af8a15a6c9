"""Open the state file: one read-write connection for the writer, read-only ones for everybody else."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Database

from state.errors import StateError, StateTooNew
from state.lock import WriteLock
from state.migrations import KNOWN, MIGRATIONS

# Networked and overlay-of-network file systems break SQLite's locks and WAL.
_NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs"}


@contextmanager
def open_writer(path: Path) -> Iterator[Database]:
    """Open the one read-write connection, creating and migrating the file as needed.

    Must be used by one thread only. Raises StateLocked where another process writes the file, StateTooNew where a
    later version wrote it, StateError where it is not a usable database.
    """
    path = path.absolute()
    _check_place(path)
    with WriteLock(path):
        database = _connect(path, f"file:{_quoted(path)}?mode=rwc")
        with closing(database.conn):
            try:
                _make_ready(database, path)
            except sqlite3.DatabaseError as error:
                raise _unusable(path, error) from error
            yield database


@contextmanager
def open_reader(path: Path) -> Iterator[Database]:
    """Open a read-only connection; raise StateError where there is no state file yet."""
    path = path.absolute()
    if not path.exists():
        raise StateError(
            f"there is no state file at {path}; run `yuewatch crawl` or `yuewatch run` first, or name one with --state"
        )
    database = _connect(path, f"file:{_quoted(path)}?mode=ro")
    with closing(database.conn):
        _refuse_too_new(database, path)
        if MIGRATIONS.pending(database):
            raise StateError(
                f"{path} is not of this version's form yet; start `yuewatch run` or `yuewatch crawl` once, which brings it up to date"
            )
        yield database


def _make_ready(database: Database, path: Path) -> None:
    """Refuse a file that is not ours to write before anything in it changes; then set it up and migrate it."""
    _refuse_too_new(database, path)
    _refuse_foreign(database, path)
    path.chmod(0o600)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA foreign_keys = ON")
    # What is erased of a person must not linger in free space; Debian's SQLite does so anyway.
    database.execute("PRAGMA secure_delete = ON")
    migrate(database, path)


def migrate(database: Database, path: Path) -> None:
    """Bring the file to the present schema, keeping a copy of an older one beside it first."""
    pending = MIGRATIONS.pending(database)
    if not pending:
        return
    if MIGRATIONS.applied(database):
        _keep_copy(database, path.with_name(f"{path.name}.before-{pending[0].name}"))
    MIGRATIONS.apply(database)


def _keep_copy(database: Database, copy: Path) -> None:
    """Write `copy` whole or not at all: a torn copy that is taken for a good one is worse than none."""
    unfinished = copy.with_name(copy.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    database.execute("VACUUM INTO ?", [str(unfinished)])
    unfinished.chmod(0o600)
    unfinished.replace(copy)


def _connect(path: Path, uri: str) -> Database:
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=5)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA mmap_size = 0")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        connection.close()
        raise _unusable(path, error) from error
    return Database(connection, execute_plugins=False)


def _unusable(path: Path, error: sqlite3.Error) -> StateError:
    return StateError(
        f"cannot open {path} as a state file: {error}; restore a backup or name another file with --state"
    )


def _refuse_foreign(database: Database, path: Path) -> None:
    """Refuse a database of something else: our tables must not end up in it."""
    tables = sorted(set(database.table_names()) - {MIGRATIONS.migrations_table})
    if tables and not MIGRATIONS.applied(database):
        raise StateError(
            f"{path} is a database of something else (it has a table {tables[0]!r}); nothing was changed. Name another file with --state."
        )


def _refuse_too_new(database: Database, path: Path) -> None:
    unknown = [m.name for m in MIGRATIONS.applied(database) if m.name not in KNOWN]
    if unknown:
        raise StateTooNew(
            f"{path} was written by a later version of yuewatch (it knows {unknown[0]!r}); nothing was changed. Upgrade, or restore an older backup."
        )


def _check_place(path: Path) -> None:
    if not path.parent.is_dir():
        raise StateError(
            f"the folder {path.parent} for the state file does not exist; create it or name another file with --state"
        )
    if not os.access(path.parent, os.W_OK):
        raise StateError(
            f"the folder {path.parent} cannot be written by this user; the state file needs it for its write-ahead log"
        )
    kind = _file_system(path.parent)
    if kind in _NETWORK_FILE_SYSTEMS:
        raise StateError(
            f"{path} lies on a {kind} file system, on which SQLite can lose data; put the state on a local disk"
        )


def _file_system(folder: Path) -> str:
    """Name the type of the file system that holds `folder`, empty where the kernel does not tell."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return ""
    rows = (line.split()[1:3] for line in mounts.read_text().splitlines())
    holding = [
        (len(point), kind) for point, kind in rows if folder.is_relative_to(point.replace("\\040", " "))
    ]
    return max(holding)[1] if holding else ""


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def sqlite_report() -> tuple[str, bool]:
    """Give the linked SQLite version and whether it has the WAL-reset bug (3.7.0 to 3.51.2, mended in 3.50.7, 3.44.6)."""
    version = sqlite3.sqlite_version_info
    mended = (
        version >= (3, 51, 3)
        or (version[:2] == (3, 50) and version[2] >= 7)
        or (version[:2] == (3, 44) and version[2] >= 6)
    )
    return sqlite3.sqlite_version, not mended
