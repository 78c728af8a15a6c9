"""`stories.dictionary`: translations without a shared figure are told by their words, where the extra is installed."""

from __future__ import annotations

import json
import re

import pytest

from crawler import station
from crawler.stories import dictionary

CHINESE = "机器人帮助农民在山上种植茶叶，并在夜里照顾牲畜，村里的老师说孩子们因此有更多时间读书"
ENGLISH = (
    "Robots help farmers plant tea on the mountain and look after livestock at night; "
    "village teachers say children have more time to read"
)
OTHER = "Fishermen in the harbour mend their nets and wait for the typhoon to pass before they sail again to the islands"
PIECES = {"https://a.example/1": OTHER, "https://b.example/2": CHINESE, "https://c.example/3": ENGLISH}


@pytest.fixture(autouse=True)
def _read_anew():
    station._open_dictionary.cache_clear()
    yield
    station._open_dictionary.cache_clear()


@pytest.fixture
def import_pieces(desk):
    """Import the pieces with the dictionary on or off; give how it ended."""

    def run(*, on):
        desk.write(stories={"dictionary": on})
        rows = [json.dumps({"url": url, "title": "", "text": text}) for url, text in PIECES.items()]
        return desk.here("import", "-", given="\n".join(rows).encode())

    return run


@pytest.mark.parametrize(("on", "stories"), [(False, 3), (True, 2)])
def test_a_translation_without_figures_joins_its_story_with_the_dictionary_only(
    desk, import_pieces, on, stories
):
    assert import_pieces(on=on).code == 0
    found = desk.rows("export", "stories")
    assert len(found) == stories
    joined = [member for story in found for member in story["members"] if member["relation"] == "translation"]
    assert [member["url"] for member in joined] == ["https://c.example/3"] * (3 - stories)


def test_a_dictionary_that_is_not_installed_is_one_clear_error(desk, import_pieces, monkeypatch):
    monkeypatch.setattr(dictionary, "find_spec", lambda name: None)
    done = import_pieces(on=True)
    assert done.code != 0
    assert re.search(r"yuewatch.yaml:\d+: stories.dictionary: ", done.err)
    assert "pip install 'yuewatch[dictionary]'" in done.err
    assert "Traceback" not in done.err
