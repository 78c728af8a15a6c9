from __future__ import annotations

from datetime import UTC, datetime

import pytest

from state import articles, matches, outbox, stories
from state.database import open_writer
from state.errors import StateError
from state.records import Alert, Article, Delivery, Link, Match, Placement, Same

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as database:
        yield database


def publish(db, url, story_id, relation=None, **placement):
    articles.insert(db, Article(url=url, title=url, text="text"), "live", NOW)
    placement.setdefault("becomes_lead", relation is None)
    stories.place(db, url, Placement(story_id, relation, "why", **placement), NOW)


def alert(db, story_id, url, subscription="desk"):
    raised = Alert(f"al_{story_id}_{subscription}", story_id, "policy", subscription, NOW, "new", url)
    delivery = Delivery(f"dl_{story_id}_{subscription}", "hook", subscription, (raised.id,), "due", NOW, NOW)
    return outbox.store(db, [raised], [delivery], NOW)


def test_a_better_lead_swaps_places_with_the_old_one(db):
    publish(db, "https://a", "st_a")
    publish(db, "https://b", "st_a", "copy", becomes_lead=True)
    story = stories.find(db, "st_a")
    assert story.lead == "https://b"
    assert [(m.url, m.relation, m.evidence) for m in story.members] == [("https://a", "copy", "why")]


def test_corroboration_is_seen_from_both_sides_and_containment_from_the_container(db):
    publish(db, "https://a", "st_a")
    publish(db, "https://b", "st_b", links=(Link("st_a", "corroborates", "2 figures"),))
    publish(db, "https://c", "st_c", links=(Link("st_a", "contains", "1 sentence", inbound=True),))
    assert stories.find(db, "st_b").links == (Link("st_a", "corroborates", "2 figures"),)
    assert stories.find(db, "st_a").links == (
        Link("st_b", "corroborates", "2 figures"),
        Link("st_c", "contains", "1 sentence"),
    )
    assert stories.find(db, "st_c").links == ()
    assert stories.carries_others(db, "st_a")
    assert not stories.carries_others(db, "st_c")


def test_a_merge_moves_members_matches_links_and_alerts_and_keeps_the_old_id_working(db):
    publish(db, "https://a", "st_a")
    publish(db, "https://b", "st_b")
    publish(db, "https://c", "st_c", links=(Link("st_b", "corroborates", "x"), Link("st_a", "contains", "y")))
    matches.store(db, "https://b", "st_b", (Match("policy", "policy", "event", "normal", ()),), NOW)
    assert alert(db, "st_b", "https://b")
    stories.merge(db, "st_a", "st_b", "31 of 33 sentences identical", NOW)
    story = stories.find(db, "st_b")
    assert story.id == "st_a"
    assert [(m.url, m.relation, m.evidence) for m in story.members] == [
        ("https://b", "copy", "31 of 33 sentences identical")
    ]
    assert [(link.story_id, link.kind) for link in story.links] == [("st_c", "corroborates")]
    assert {(link.story_id, link.kind) for link in stories.find(db, "st_c").links} == {
        ("st_a", "corroborates"),
        ("st_a", "contains"),
    }
    assert stories.ids(db) == ["st_a", "st_c"]


def test_a_merge_found_late_tells_nobody_again(db):
    publish(db, "https://a", "st_a")
    publish(db, "https://b", "st_b")
    assert alert(db, "st_b", "https://b")
    publish(db, "https://c", "st_a", "copy", merges=(Same("st_b", "both contained"),))
    assert alert(db, "st_a", "https://c") == ()


def test_stories_that_both_alerted_stay_quiet_after_their_merge(db):
    publish(db, "https://a", "st_a")
    publish(db, "https://b", "st_b")
    alert(db, "st_a", "https://a")
    alert(db, "st_b", "https://b")
    stories.merge(db, "st_a", "st_b", "same", NOW)
    assert alert(db, "st_a", "https://a") == ()


def test_a_split_gives_the_article_a_story_of_its_own_and_is_remembered(db):
    publish(db, "https://a", "st_a")
    publish(db, "https://b", "st_a", "copy")
    own = stories.split(db, "https://b", NOW)
    assert stories.find(db, own).lead == "https://b"
    assert stories.find(db, "st_a").members == ()
    assert stories.were_split(db, own, ["st_a", "st_x"]) == {"st_a"}
    assert stories.were_split(db, "st_a", [own]) == {own}


def test_a_split_lead_leaves_the_story_to_its_eldest_member(db):
    publish(db, "https://a", "st_a")
    publish(db, "https://b", "st_a", "copy")
    publish(db, "https://c", "st_a", "rewrite")
    stories.split(db, "https://a", NOW)
    story = stories.find(db, "st_a")
    assert story.lead == "https://b"
    assert [m.url for m in story.members] == ["https://c"]


def test_a_user_may_merge_what_was_split(db):
    publish(db, "https://a", "st_a")
    publish(db, "https://b", "st_a", "copy")
    own = stories.split(db, "https://b", NOW)
    stories.merge(db, "st_a", own, "by hand", NOW)
    assert stories.were_split(db, "st_a", [own]) == frozenset()
    assert [m.evidence for m in stories.find(db, own).members] == ["by hand"]


def test_clones_are_marked(db):
    publish(db, "https://a", "st_a")
    publish(db, "https://clone", "st_a", "copy", clones=("https://clone",))
    assert [m.clone for m in stories.find(db, "st_a").members] == [True]


def test_what_cannot_be_done_says_so_and_changes_nothing(db):
    publish(db, "https://a", "st_a")
    publish(db, "https://b", "st_b")
    for act, words in (
        (lambda: stories.split(db, "https://unknown", NOW), "no article is stored under"),
        (lambda: stories.split(db, "https://a", NOW), "alone in its story"),
        (lambda: stories.merge(db, "st_a", "st_a", "", NOW), "with itself"),
        (lambda: stories.merge(db, "st_a", "st_x", "", NOW), "there is no story st_x"),
    ):
        with pytest.raises(StateError, match=words):
            act()
    stories.merge(db, "st_a", "st_b", "same", NOW)
    with pytest.raises(StateError, match="was merged into st_a"):
        stories.merge(db, "st_b", "st_a", "same", NOW)
