"""A configuration file is replaced whole, or not at all."""

from __future__ import annotations

import pytest

from crawler.configuration.rewrite import rewrite
from state.errors import ConfigurationError


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "yuewatch.yaml"
    path.write_text("log: {level: info}\n")
    path.chmod(0o640)
    return path


def test_the_new_text_takes_the_place_of_the_old_with_its_permissions(file):
    rewrite(file, lambda text: text.replace("info", "debug"))
    assert file.read_text() == "log: {level: debug}\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(file.parent.iterdir()) == [file]


def test_a_text_that_is_no_configuration_changes_nothing(file):
    with pytest.raises(ConfigurationError, match=r"yuewatch\.yaml:2: colour: unknown key") as caught:
        rewrite(file, lambda text: text + "colour: red\n")
    assert ".new" not in str(caught.value)
    assert file.read_text() == "log: {level: info}\n"
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_is_missing_is_made_and_a_link_stays_one(file):
    rewrite(file.with_name("other.yaml"), lambda text: text + "log: {level: error}\n")
    link = file.with_name("link.yaml")
    link.symlink_to(file)
    rewrite(link, lambda _: "log: {level: warning}\n")
    assert link.is_symlink()
    assert file.read_text() == "log: {level: warning}\n"


def test_a_folder_that_is_missing_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match="could not be changed"):
        rewrite(tmp_path / "gone" / "yuewatch.yaml", lambda _: "")
