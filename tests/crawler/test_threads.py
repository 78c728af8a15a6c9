"""One alert for each new stage of a policy, whoever reports it; the earlier stages are linked."""

from datetime import UTC, datetime

import pytest

from crawler.threads import follow
from state.database import open_writer
from state.records import Evidence, Match

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TITLE = "深圳市机器人训练场建设指引"


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as database:
        yield database


def match(stage, *, title=TITLE, number=None, status="event"):
    facts = {"stage": stage, "policy_title": title, "document_number": number}
    return Match("policy-issued", "policy", status, "high", (Evidence("…", 0, 1),), "announced", facts)


def test_a_draft_and_its_issue_are_two_stages_of_one_thread(db):
    (draft,), known = follow(
        db, [match("draft", title=f"{TITLE}（征求意见稿）")], "st_draft", "https://a/draft", NOW
    )
    assert known == {}
    (issued,), known = follow(
        db, [match("issued", number="深工信〔2026〕12号")], "st_issue", "https://a/issue", NOW
    )
    assert known == {}
    assert issued.facts["thread"] == draft.facts["thread"]
    assert issued.facts["earlier"] == [{"stage": "draft", "url": "https://a/draft"}]


def test_another_story_about_the_same_stage_tells_nothing_new_and_says_so(db):
    follow(db, [match("issued")], "st_one", "https://a/1", NOW)
    (again,), known = follow(db, [match("issued")], "st_two", "https://b/2", NOW)
    assert [stage.story_id for stage in known["policy-issued"]] == ["st_one"]
    assert "told of before, by https://a/1" in again.reason


def test_the_number_joins_what_titles_in_two_languages_do_not(db):
    (one,), _ = follow(db, [match("draft", number="粤府〔2026〕9号")], "st_one", "https://a/1", NOW)
    (other,), _ = follow(
        db,
        [match("issued", title="Guidelines for Robot Training Grounds", number="粤府〔2026〕9号")],
        "st_two",
        "https://b/2",
        NOW,
    )
    assert other.facts["thread"] == one.facts["thread"]


def test_members_of_the_same_story_are_the_same_news(db):
    follow(db, [match("issued")], "st_one", "https://a/1", NOW)
    _, known = follow(db, [match("issued")], "st_one", "https://b/copy", NOW)
    assert known == {}


@pytest.mark.parametrize(
    "found",
    [match("issued", title="行动方案"), match("issued", status="mention"), match("issued", title=None)],
)
def test_short_titles_mentions_and_nameless_papers_open_no_thread(db, found):
    (same,), known = follow(db, [found], "st_one", "https://a/1", NOW)
    assert same == found
    assert known == {}
