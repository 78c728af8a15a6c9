"""A real state file in which articles are stored and placed as the pipeline does it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from placing import Newsroom

from state.database import open_writer
from state.records import Source


@pytest.fixture
def newsroom(tmp_path):
    with open_writer(tmp_path / "state.db") as db:
        yield Newsroom(db)


@pytest.fixture
def source():
    """Make a source of some role."""

    def made(role, name="", url="https://news.example/feed"):
        return replace(Source(id=f"{role}-source", kind="feed", url=url), role=role, name=name)

    return made
