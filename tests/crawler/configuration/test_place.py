"""Which configuration and which state file are in use."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.configuration.place import find_file, glance_at_state, state_file
from state.errors import ConfigurationError


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    """Stand in an empty folder, with no variable set."""
    for name in ("YUEWATCH_CONFIG", "YUEWATCH_STATE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    return path


def test_the_named_file_comes_first_then_the_variable_the_folder_and_the_home(surroundings, monkeypatch):
    in_home = _touch(surroundings / "home" / "yuewatch" / "yuewatch.yaml")
    assert find_file(None) == in_home
    _touch(surroundings / "yuewatch.yaml")
    assert find_file(None) == Path("yuewatch.yaml")
    by_variable = _touch(surroundings / "variable.yaml")
    monkeypatch.setenv("YUEWATCH_CONFIG", str(by_variable))
    assert find_file(None) == by_variable
    named = _touch(surroundings / "named.yaml")
    assert find_file(named) == named


def test_a_named_file_must_exist(surroundings, monkeypatch):
    _touch(surroundings / "yuewatch.yaml")
    with pytest.raises(ConfigurationError, match=r"there is no configuration file nowhere\.yaml"):
        find_file(Path("nowhere.yaml"))
    monkeypatch.setenv("YUEWATCH_CONFIG", "nowhere.yaml")
    with pytest.raises(ConfigurationError):
        find_file(None)


def test_the_named_state_comes_first_then_the_variable_the_configuration_and_the_folder(monkeypatch):
    assert state_file(None, None, Path("folder")) == Path("yuewatch.db")
    assert state_file(None, Path("my.db"), Path("folder")) == Path("folder/my.db")
    assert state_file(None, Path("/var/my.db"), Path("folder")) == Path("/var/my.db")
    monkeypatch.setenv("YUEWATCH_STATE", "variable.db")
    assert state_file(None, Path("my.db"), Path("folder")) == Path("variable.db")
    assert state_file(Path("named.db"), Path("my.db"), Path("folder")) == Path("named.db")


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("state: my.db", "my.db"),
        ("state: 7", "yuewatch.db"),
        ("- a list", "yuewatch.db"),
        ("state: [", "yuewatch.db"),
        ("", "yuewatch.db"),
    ],
)
def test_a_glance_finds_the_state_even_of_a_configuration_that_is_wrong_elsewhere(text, state, surroundings):
    file = surroundings / "yuewatch.yaml"
    file.write_text(f"{text}\n")
    assert glance_at_state(None, None).name == state
    assert glance_at_state(None, Path("named.db")) == Path("named.db")


def test_a_bottomless_configuration_counts_as_silent_about_the_state(tmp_path):
    file = tmp_path / "yuewatch.yaml"
    file.write_text("[" * 100_000)
    assert glance_at_state(file, None) == Path("yuewatch.db")
