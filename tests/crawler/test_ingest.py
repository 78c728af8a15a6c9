"""What one article changes beyond its story and its alerts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from desk import PACK

from crawler.ingest import Ingest
from rules.matcher import Matcher
from rules.pack import parse_pack
from state import rhythms
from state.database import open_writer
from state.records import Article, Published, Source

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAILY = Source("daily", "feed", "https://daily.example/feed", zone="Asia/Shanghai")


@pytest.fixture
def taught(tmp_path):
    """Ingest one article of the daily; give what its rhythm then counts, by hour of the week."""
    pack = parse_pack({file.name: file.read_text("utf-8") for file in PACK.glob("*.yaml")})
    ingest = Ingest(Matcher(pack), {"daily": DAILY}, (), timedelta(days=7))

    def run(origin, published):
        with open_writer(tmp_path / "state.db") as db:
            article = Article(
                "https://daily.example/1", "News", "A text.", source_id="daily", published=published
            )
            with db.atomic():
                ingest.article(db, article, origin, NOW)
            counts = rhythms.load(db, "daily", NOW).counts
        return {divmod(slot, 24): round(count, 2) for slot, count in enumerate(counts) if count}

    return run


def test_a_backfilled_article_teaches_the_hour_at_which_its_source_publishes(taught):
    # 17:30 in Shanghai, on the Friday three weeks before: half of what it would have counted today
    assert taught("backfill", Published("2026-10-30T17:30:00+08:00", "second")) == {(4, 17): 0.5}


@pytest.mark.parametrize(
    ("origin", "published"),
    [
        ("backfill", Published("2026-10-30", "day")),
        ("backfill", Published("2025-10-30T17:30:00+08:00", "second")),
        ("backfill", Published("2027-10-30T17:30:00+08:00", "second")),
        ("backfill", Published()),
        ("import", Published("2026-10-30T17:30:00+08:00", "second")),
    ],
    ids=["a day only", "long past", "in the future", "no date", "no backfill"],
)
def test_what_says_no_hour_of_late_teaches_nothing(taught, origin, published):
    assert taught(origin, published) == {}


NOTICE = (
    "深圳市工业和信息化局近日印发《深圳市智能机器人产业发展行动计划（2026—2028年）》，提出到2028年产业规模达到1200亿元。\n"
    "计划安排专项资金15亿元，对购买国产机器人的企业给予不超过20%的补贴，单个项目最高500万元。\n"
    "市工业和信息化局负责人介绍，全市现有机器人企业7.4万家，明年将再建设12个中试基地和3个公共测试场。"
)


def test_the_page_of_a_known_clone_alerts_nobody_and_leads_nothing_once_the_original_is_there(desk):
    everything = {"id": "all", "destinations": ["hook"]}
    desk.write(
        pack="guangdong_ai",
        destinations={"hook": desk.webhook("http://127.0.0.1:9/")},
        subscriptions=[everything],
    )
    day = Published("2026-11-20", "day")
    title = "深圳市印发智能机器人产业发展行动计划"
    clone = Article("https://www.zuizhijiaoyu.com/tzgg/1.html", title, NOTICE, published=day)
    page = Article("https://gxj.sz.gov.cn/xxgk/content/post_12345678.html", title, NOTICE, published=day)
    aped, original = desk.ingest(clone, page, now=NOW)
    assert (aped.matches, aped.alerts) == ((), 0)
    assert original.matches
    assert original.alerts == 1
    (story,) = desk.rows("stories", "show", original.story_id, "--json")
    assert story["lead"] == page.url
    assert [(member["url"], member["clone"]) for member in story["members"]] == [(clone.url, True)]
