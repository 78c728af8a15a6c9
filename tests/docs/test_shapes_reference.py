"""Hold docs/reference/shapes.md to crawler/shapes.py: the examples have exactly the keys that the code gives."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crawler.explanation import Explanation
from crawler.shapes import alert_shape, article_shape, match_shape, story_shape
from state.records import (
    Alert,
    Article,
    Delivery,
    Entity,
    Evidence,
    Link,
    Match,
    Member,
    Span,
    Story,
)

PAGE = "docs/reference/shapes.md"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def _article():
    return article_shape(
        Article("https://a.example/", "T", "text", entities=(Entity("guangdong", "place", "T", 0, 1),))
    )


def _match():
    evidence = Evidence("text", 0, 4, (Span("text", 0, 4, "topic:ai"),))
    return match_shape("https://a.example/", "st_1", Match("r", "policy", "event", "high", (evidence,)))


def _story():
    return story_shape(Story("st_1", "https://a.example/", (Member("https://b.example/", "copy", "same"),)))


def _alert():
    delivery = Delivery("dl_1", "mail", "s", ("al_1",), "due", NOW, NOW)
    return alert_shape(Alert("al_1", "st_1", "r", "s", NOW, "new", "https://a.example/"), [delivery])


SHAPES = {
    "## Article": _article,
    "## Match": _match,
    "## Story": _story,
    "## Alert": _alert,
    "## Explain": lambda: Explanation(alert=True, reason="r", steps=("s",)).shape(),
}


def _same_keys(shown, given, where):
    if isinstance(given, dict) and isinstance(shown, dict) and shown:
        assert list(shown) == list(given), f"{where}: the example has other keys than the code gives"
        for key in given:
            _same_keys(shown[key], given[key], f"{where}.{key}")
    elif isinstance(given, list) and given and isinstance(shown, list) and shown:
        _same_keys(shown[0], given[0], f"{where}[0]")


@pytest.mark.parametrize("heading", SHAPES)
def test_the_example_has_the_keys_that_the_code_gives(doc, heading):
    section = doc(PAGE).section(heading)
    shown = json.loads(section.split("```json\n")[1].split("```")[0])
    _same_keys(shown, SHAPES[heading](), heading)


def test_links_of_a_story_have_the_keys_that_are_described(doc):
    linked = story_shape(Story("st_1", "https://a.example/", links=(Link("st_2", "contains", "digest"),)))
    described = ", ".join(f'"{key}"' for key in linked["links"][0])
    assert described in doc(PAGE).section("## Story")
