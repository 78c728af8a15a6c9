"""Matches in the state, with their evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from state import matches
from state.database import open_writer
from state.records import Evidence, Match, Span

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
POLICY = Match(
    rule="guangdong-ai-policy",
    kind="policy",
    status="event",
    severity="high",
    evidence=(
        Evidence(
            "广东印发人工智能行动方案。",
            0,
            13,
            (Span("广东", 0, 2, "place:guangdong"), Span("人工智能", 4, 8, "topic:ai")),
        ),
        Evidence("Guangdong acts.", 3, 18, (), "title"),
    ),
    reason="an issuer of the province announces a measure",
    facts={"instrument": "行动方案", "amounts": [12, 3.5], "nested": {"none": None}},
)
MENTION = replace(POLICY, rule="company", kind="company", status="mention", evidence=())


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as opened:
        yield opened


def test_matches_come_back_as_they_went_in(db):
    matches.store(db, "https://gd.example/1", "st_1", (POLICY, MENTION), NOW)
    assert matches.of_article(db, "https://gd.example/1") == (MENTION, POLICY)
    assert matches.of_article(db, "https://gd.example/2") == ()


def test_a_second_reading_replaces_the_first_and_leaves_other_articles_alone(db):
    matches.store(db, "https://gd.example/1", "st_1", (POLICY, MENTION), NOW)
    matches.store(db, "https://gd.example/2", "st_2", (POLICY,), NOW)
    matches.store(db, "https://gd.example/1", "st_1", (MENTION,), NOW)
    assert matches.of_article(db, "https://gd.example/1") == (MENTION,)
    assert matches.of_article(db, "https://gd.example/2") == (POLICY,)


def test_all_come_with_their_rows_in_the_order_they_were_stored(db):
    matches.store(db, "https://gd.example/2", "st_2", (POLICY,), NOW)
    matches.store(db, "https://gd.example/1", "st_1", (MENTION,), NOW)
    assert [(row["article_url"], row["story_id"], match) for row, match in matches.every(db)] == [
        ("https://gd.example/2", "st_2", POLICY),
        ("https://gd.example/1", "st_1", MENTION),
    ]
