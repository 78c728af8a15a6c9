"""Opening the state: settings that were really set, readers that cannot write, files that are not ours left alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlite_utils import Database, Migrations

from state import articles, destinations, furniture, leads, matches, outbox, pages, sketches, sources, stories
from state import database as opening
from state.database import open_reader, open_writer, sqlite_report
from state.errors import StateError, StateLocked, StateTooNew
from state.lock import holder_of

FAMILIES = (sources, leads, pages, articles, stories, sketches, furniture, matches, outbox)


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state.db"


def _pragma(db, name):
    return db.execute(f"PRAGMA {name}").fetchone()[0]


def _add_a_column():
    """Make the migrations of a later version."""
    later = Migrations("yuewatch")
    for migration in opening.MIGRATIONS._migrations:
        later(name=migration.name)(migration.fn)

    @later()
    def m9999_later(db):
        db.execute("ALTER TABLE sources ADD COLUMN colour TEXT")

    return later


def _as_later_version(monkeypatch, migrations):
    monkeypatch.setattr(opening, "MIGRATIONS", migrations)
    monkeypatch.setattr(opening, "KNOWN", opening.KNOWN | {"m9999_later"})


def test_the_writer_gets_wal_and_full_synchronisation(state):
    with open_writer(state) as db:
        assert _pragma(db, "journal_mode") == "wal"
        assert _pragma(db, "synchronous") == 2  # FULL
        assert _pragma(db, "foreign_keys") == 1
        assert _pragma(db, "trusted_schema") == 0


def test_a_new_file_is_private_and_has_every_table(state):
    with open_writer(state) as db:
        made = set(db.table_names())
    wanted = {
        line.split()[2] for family in FAMILIES for line in family.SCHEMA if line.startswith("CREATE TABLE")
    }
    assert wanted
    assert wanted <= made
    assert state.stat().st_mode & 0o777 == 0o600


def test_every_table_is_strict_so_that_a_wrong_type_is_an_error_and_not_a_value(state):
    with open_writer(state) as db:
        loose = [
            table.name
            for table in db.tables
            if not table.virtual_table_using and not table.strict and not table.name.startswith("_")
        ]
    assert loose == []


def test_opening_again_changes_nothing_and_keeps_no_copy(state, tmp_path):
    with open_writer(state):
        pass
    with open_writer(state):
        pass
    assert [path.name for path in tmp_path.glob("*before*")] == []


def test_a_reader_cannot_write(state):
    with open_writer(state):
        pass
    with open_reader(state) as db, pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.execute("DELETE FROM sources")


def test_a_reader_sees_what_was_committed_while_the_writer_is_in_the_middle_of_more(state):
    with open_writer(state) as writing:
        writing.execute("INSERT INTO hosts VALUES ('a.example', '2026', 'committed')")
        with writing.atomic():
            writing.execute("INSERT INTO hosts VALUES ('b.example', '2026', 'not yet')")
            with open_reader(state) as reading:
                seen = [row["host"] for row in reading["hosts"].rows]
    assert seen == ["a.example"]


def test_the_lock_is_held_for_as_long_as_the_writer_and_freed_after_a_failure(state):
    with open_writer(state):
        assert holder_of(state) is not None
        with pytest.raises(StateLocked), open_writer(state):
            pass
    state.write_bytes(b"no database " * 1000)
    with pytest.raises(StateError), open_writer(state):
        pass
    assert holder_of(state) is None


def test_a_missing_file_is_not_made_by_a_reader(state):
    with (
        pytest.raises(StateError, match=r"there is no state file at .*run `yuewatch crawl`"),
        open_reader(state),
    ):
        pass
    assert not state.exists()


def test_a_missing_folder_is_named(tmp_path):
    state = tmp_path / "nowhere" / "state.db"
    with pytest.raises(StateError, match=r"the folder .*nowhere .*does not exist"), open_writer(state):
        pass


def test_a_folder_in_place_of_the_file_is_one_clear_error(tmp_path):
    (tmp_path / "state.db").mkdir()
    with pytest.raises(StateError, match="cannot open"), open_writer(tmp_path / "state.db"):
        pass


@pytest.mark.parametrize("opener", [open_writer, open_reader])
def test_a_file_that_is_no_database_is_left_as_it_is(opener, state):
    state.write_bytes(b"dear diary, " * 1000)
    with pytest.raises(StateError, match=r"cannot open .*restore a backup"), opener(state):
        pass
    assert state.read_bytes() == b"dear diary, " * 1000


def test_a_truncated_file_is_one_clear_error(state):
    with open_writer(state):
        pass
    whole = state.read_bytes()
    state.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(StateError, match=r"cannot open .*restore a backup"), open_writer(state):
        pass


def test_an_empty_file_becomes_a_state_file_for_a_writer_and_an_error_for_a_reader(state):
    state.touch()
    with pytest.raises(StateError, match="not of this version"), open_reader(state):
        pass
    with open_writer(state) as db:
        assert "sources" in db.table_names()


def test_a_database_of_something_else_is_refused_before_anything_in_it_changes(state):
    with closing(sqlite3.connect(state)) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    before = state.read_bytes()
    with (
        pytest.raises(StateError, match=r"a database of something else.*'recipes'.*nothing was changed"),
        open_writer(state),
    ):
        pass
    assert state.read_bytes() == before


def test_a_file_of_a_later_version_is_refused_by_writer_and_reader(state, monkeypatch):
    with monkeypatch.context() as later:
        _as_later_version(later, _add_a_column())
        with open_writer(state):
            pass
    before = state.read_bytes()
    for opener in (open_writer, open_reader):
        with pytest.raises(StateTooNew, match=r"later version of yuewatch .*m9999_later"), opener(state):
            pass
    assert state.read_bytes() == before


def test_migrating_an_older_file_keeps_a_private_copy_of_it_first(state, monkeypatch, tmp_path):
    with open_writer(state) as db:
        db.execute("INSERT INTO hosts VALUES ('a.example', '2026', 'old')")
    _as_later_version(monkeypatch, _add_a_column())
    with pytest.raises(StateError, match="not of this version"), open_reader(state):
        pass
    with open_writer(state) as db:
        assert "colour" in db["sources"].columns_dict
        assert db["hosts"].count == 1
    copy = tmp_path / "state.db.before-m9999_later"
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as old:
        assert "colour" not in Database(old)["sources"].columns_dict
        assert old.execute("SELECT reason FROM hosts").fetchall() == [("old",)]


def test_a_torn_copy_of_an_interrupted_migration_is_replaced_by_a_whole_one(state, monkeypatch, tmp_path):
    with open_writer(state):
        pass
    (tmp_path / "state.db.before-m9999_later").write_bytes(b"torn")
    (tmp_path / "state.db.before-m9999_later.unfinished").write_bytes(b"torn too")
    _as_later_version(monkeypatch, _add_a_column())
    with open_writer(state):
        pass
    with closing(sqlite3.connect(tmp_path / "state.db.before-m9999_later")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not (tmp_path / "state.db.before-m9999_later.unfinished").exists()


def test_a_migration_that_fails_leaves_the_file_as_it_was(state, monkeypatch):
    with open_writer(state):
        pass
    broken = _add_a_column()

    @broken()
    def m9999_worse(db):
        db.execute("ALTER TABLE sources ADD COLUMN size TEXT")
        raise ZeroDivisionError

    _as_later_version(monkeypatch, broken)
    with pytest.raises(ZeroDivisionError), open_writer(state):
        pass
    with closing(sqlite3.connect(state)) as file:
        columns = Database(file)["sources"].columns_dict
    assert "colour" in columns  # the migration before it stands
    assert "size" not in columns


@pytest.mark.parametrize("name", ["with space.db", "50%.db", "what?.db", "#1.db", "新闻.db"])
def test_any_file_name_will_do(name, tmp_path):
    with open_writer(tmp_path / name):
        pass
    with open_reader(tmp_path / name) as db:
        assert "sources" in db.table_names()
    assert (tmp_path / name).is_file()


def test_network_file_systems_are_refused(state, monkeypatch):
    monkeypatch.setattr(opening, "_file_system", lambda folder: "nfs4")
    with pytest.raises(StateError, match=r"nfs4 file system.*local disk"), open_writer(state):
        pass


def test_the_file_system_of_a_folder_is_the_one_of_the_longest_mount_point(tmp_path):
    assert opening._file_system(tmp_path) not in {"", "nfs4"}


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 54, 1), False),
    ],
)
def test_the_wal_reset_bug_is_told_by_version(version, affected, monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    assert sqlite_report()[1] is affected


def test_a_file_of_the_first_version_is_brought_up_to_date_with_what_it_knew_of_destinations(
    state, monkeypatch
):
    first = Migrations("yuewatch")
    first(name="m0001_first")(opening.MIGRATIONS._migrations[0].fn)
    with monkeypatch.context() as before:
        before.setattr(opening, "MIGRATIONS", first)
        with open_writer(state) as db:
            db.execute("INSERT INTO destinations (id, failures) VALUES ('mail', 4)")
    with open_writer(state) as db:
        assert destinations.health(db, "mail") == destinations.Health("mail", 4)
