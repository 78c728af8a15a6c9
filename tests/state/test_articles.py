"""Articles in the state: what went in comes back, and one address is one row."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest

from state import articles
from state.database import open_writer
from state.records import Article, Entity, Folded, Published

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
WHOLE = Article(
    url="https://gd.example/1?from=feed",
    key="https://gd.example/1",
    title="广东发布“人工智能+”行动方案 🤖",
    text="第一段。\n第二段。",
    lang="zh",
    published=Published(
        "2026-11-21T09:30:00+08:00",
        "minute",
        "label",
        "2026年11月21日 09:30",
        zone_assumed=True,
        conflicts=("2026-11-20",),
    ),
    publisher="南方日报",
    original_source="新华社",
    chain=("南方网", "搜狐"),
    author="张三",
    folded=Folded(1, 1200),
    entities=(Entity("guangdong", "place", "广东", 0, 2),),
    source_id="gd",
    fetched_at=NOW,
    notes=("folded one copy of the body",),
)


@pytest.fixture
def db(tmp_path):
    with open_writer(tmp_path / "state.db") as opened:
        yield opened


def test_an_article_comes_back_as_it_went_in(db):
    assert articles.insert(db, WHOLE, "live", NOW) == 1
    assert articles.find(db, WHOLE.url) == WHOLE


def test_an_article_that_says_hardly_anything_comes_back_too(db):
    bare = Article(url="https://gd.example/2", title=None, text="")
    articles.insert(db, bare, "import", NOW)
    found = articles.find(db, bare.url)
    assert (found.title, found.text, found.published, found.key) == (None, "", Published(), bare.url)


def test_one_address_is_stored_once(db):
    articles.insert(db, WHOLE, "live", NOW)
    with pytest.raises(sqlite3.IntegrityError):
        articles.insert(db, WHOLE, "live", NOW)
    assert db["articles"].count == 1


def test_existence_goes_by_the_exact_address_and_the_document_by_its_key(db):
    articles.insert(db, WHOLE, "live", NOW)
    assert articles.exists(db, WHOLE.url)
    assert not articles.exists(db, WHOLE.key)
    assert articles.with_key(db, WHOLE.key) == WHOLE.url
    assert articles.with_key(db, WHOLE.key, but=WHOLE.url) is None
    assert articles.find(db, WHOLE.key) is None


@pytest.mark.parametrize(
    ("published", "zone", "stored"),
    [
        (WHOLE.published, "UTC", "2026-11-21T01:30:00.000+00:00"),
        (Published("2026-11-21", "day", "meta"), "Asia/Shanghai", "2026-11-20T16:00:00.000+00:00"),
        (Published("2026-11-21", "day", "meta"), "UTC", "2026-11-21T00:00:00.000+00:00"),
        (Published(raw="1 day ago"), "Asia/Shanghai", None),
    ],
)
def test_the_time_to_sort_by_is_the_earliest_that_the_date_can_mean_in_its_zone(db, published, zone, stored):
    articles.insert(db, Article(url="u", title="t", text="x", published=published), "live", NOW, zone)
    assert db.execute("SELECT published_at FROM articles").fetchone()[0] == stored


def test_all_come_in_the_order_they_were_stored(db):
    for name in ("c", "a", "b"):
        articles.insert(db, Article(url=name, title=name, text=""), "live", NOW)
    assert [row["url"] for row in articles.every(db)] == ["c", "a", "b"]
    assert [row["url"] for row in articles.every(db, "url > ?", ("a",))] == ["c", "b"]
