from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from state import articles, sketches, stories
from state.database import open_writer
from state.records import Article, Placement, Published
from state.sketches import Fingerprint

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
HORIZON, RECENT = timedelta(days=400), timedelta(days=45)


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as database:
        yield database


def index(db, number, words, story_id=None, at=NOW, headlines=(), facts=(), script="latin"):
    url = f"https://site.example/{number}"
    story_id = story_id or f"st_{number}"
    published = Published(value="2026-11-19", precision="day")
    with db.atomic():
        articles.insert(db, Article(url=url, title=None, text="text", published=published), "live", at)
        relation = None if stories.find(db, story_id) is None else "copy"
        stories.place(db, url, Placement(story_id, relation, becomes_lead=relation is None), at)
        lists = {"words": words, "headlines": headlines, "facts": facts}
        sketches.remember(db, url, story_id, Fingerprint(4, script == "han", 700, lists), at)
    return db.execute("SELECT id FROM articles WHERE url = ?", [url]).fetchone()[0]


def test_the_article_that_shares_the_rarest_hashes_comes_first(db):
    common = index(db, 1, [10, 11, 12])
    rare = index(db, 2, [10, 20])
    index(db, 3, [10, 11])
    assert sketches.nearest(db, "words", [10, 20])[0] == rare
    assert sketches.shares(db, "words", [10, 11, 12])[common][0] == 3
    assert sketches.nearest(db, "words", [99]) == []


def test_a_hash_that_too_many_stories_carry_is_neither_read_nor_written_any_further(db):
    for number in range(sketches.CROWDED + 10):
        index(db, number, [7])
    assert sketches.nearest(db, "words", [7]) == []
    assert db.execute("SELECT count(*) FROM sketch_words").fetchone() == (sketches.CROWDED + 1,)


def test_a_story_that_is_copied_everywhere_does_not_crowd_its_own_hashes(db):
    for number in range(sketches.CROWDED + 10):
        index(db, number, [7, 8], story_id="st_first")
    assert len(sketches.nearest(db, "words", [7, 8])) == sketches.STORY_SHARE


def test_briefs_tell_what_the_index_knows_without_reading_the_article(db):
    number = index(db, 1, [1], facts=[5, 6], script="han")
    (brief,) = sketches.briefs(db, [number], facts=True)
    assert (brief.story_id, brief.han, brief.length, brief.facts) == ("st_1", True, 700, (5, 6))
    assert brief.published_at == datetime(2026, 11, 19, tzinfo=UTC)
    assert sketches.briefs(db, [number])[0].facts == ()
    assert sketches.has_member(db, "st_1", han=True)
    assert not sketches.has_member(db, "st_1", han=False)


def test_known_articles_come_with_story_and_rank_and_the_lead_is_found_by_story(db):
    number = index(db, 1, [1])
    index(db, 2, [1], story_id="st_1")
    (known,) = sketches.known(db, [number])
    assert (known.story_id, known.leads, known.rank) == ("st_1", True, 4)
    assert sketches.lead(db, "st_1") == known
    assert sketches.lead(db, "st_none") is None


def test_pruning_drops_facts_after_weeks_and_all_after_the_horizon(db):
    index(db, 1, [1], at=NOW - timedelta(days=500), headlines=[2], facts=[3])
    index(db, 2, [1], at=NOW - timedelta(days=100), headlines=[2], facts=[3])
    index(db, 3, [1], at=NOW, headlines=[2], facts=[3])
    assert sketches.prune(db, NOW, HORIZON, RECENT) == 2
    assert sketches.prune(db, NOW, HORIZON, RECENT) == 0
    assert [
        len(sketches.nearest(db, name, [key])) for name, key in (("words", 1), ("headlines", 2), ("facts", 3))
    ] == [2, 1, 1]
    assert sketches.prune(db, NOW + timedelta(days=900), HORIZON, RECENT) == 2
    for table in ("sketch_words", "sketch_headlines", "sketch_facts", "sketched"):
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert db.execute("SELECT count(*) FROM articles").fetchone() == (3,)


def test_pruning_goes_in_bounded_steps(db):
    for number in range(5):
        index(db, number, [number], at=NOW - timedelta(days=500))
    assert [sketches.prune(db, NOW, HORIZON, RECENT, most=2) for _ in range(4)] == [2, 2, 1, 0]


def test_a_line_becomes_furniture_when_four_pieces_of_news_have_it(db):
    for _ in range(3):
        sketches.count_lines(db, [1, 2], NOW)
    assert sketches.furniture(db, [1, 2, 3]) == frozenset()
    sketches.count_lines(db, [1], NOW)
    assert sketches.furniture(db, [1, 2, 3]) == {1}


def test_lines_that_never_became_furniture_are_forgotten(db):
    for _ in range(4):
        sketches.count_lines(db, [1], NOW - timedelta(days=60))
    sketches.count_lines(db, [2], NOW - timedelta(days=60))
    sketches.prune(db, NOW, HORIZON, RECENT)
    assert db.execute("SELECT hash FROM frame_lines").fetchall() == [(1,)]


def test_an_article_must_be_stored_before_it_is_indexed(db):
    with pytest.raises(ValueError, match="must be stored"):
        sketches.remember(
            db, "https://nowhere.example", "st_1", Fingerprint(rank=4, han=False, length=1, hashes={}), NOW
        )
