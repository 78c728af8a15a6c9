from __future__ import annotations

import opencc
import pytest
from placing import NOW, PLAN, RESULTS, Newsroom

from state import stories
from state.database import open_writer

TITLE = "广东出台智能算力建设行动方案"


def test_an_article_like_no_other_opens_a_story(newsroom):
    newsroom.publish("https://a.example/1", PLAN, TITLE)
    opened = newsroom.publish("https://b.example/2", RESULTS, "Pearl Robotics raises its forecast")
    assert opened.relation is None
    assert newsroom.story("https://b.example/2").members == ()


@pytest.mark.parametrize(("title", "text"), [(TITLE, PLAN), ("Pearl Robotics raises its forecast", RESULTS)])
def test_the_same_words_on_another_site_join_with_evidence_in_words(newsroom, title, text):
    newsroom.publish("https://a.example/1", text, title)
    copy = newsroom.publish("https://b.example/2", text, title)
    assert copy.relation == "copy"
    assert "sentences identical" in copy.evidence
    assert "same headline" in copy.evidence
    story = newsroom.story("https://b.example/2")
    assert story.lead == "https://a.example/1"
    assert [member.url for member in story.members] == ["https://b.example/2"]


def test_a_frame_around_the_text_changes_nothing(newsroom):
    newsroom.publish("https://a.example/1", PLAN, TITLE)
    framed = (
        "首页 > 新闻\n来源：综合\n作者：小编\n"
        + PLAN
        + "\n责任编辑：王某\n本文不代表本站立场。\n相关阅读\n上一篇：天气转凉"
    )
    assert newsroom.publish("https://b.example/2", framed, "算力补贴来了").relation == "copy"


def test_a_text_cut_after_its_first_sentences_is_a_copy(newsroom):
    newsroom.publish("https://a.example/1", PLAN, TITLE)
    first = "\n".join(PLAN.split("\n")[:2])
    cut = newsroom.publish("https://b.example/2", first, TITLE)
    assert cut.relation == "copy"
    assert "% of the longer text" in cut.evidence


def test_the_whole_text_takes_the_lead_from_a_cut_one_of_equal_standing(newsroom):
    newsroom.publish("https://b.example/2", "\n".join(PLAN.split("\n")[:2]), TITLE)
    assert newsroom.publish("https://a.example/1", PLAN, TITLE).becomes_lead


def test_traditional_characters_are_the_same_words(newsroom):
    newsroom.publish("https://a.example/1", PLAN, TITLE)
    convert = opencc.OpenCC("s2t").convert
    assert newsroom.publish("https://b.example/2", convert(PLAN), convert(TITLE)).relation == "copy"


def test_light_editing_keeps_a_copy_a_copy(newsroom):
    newsroom.publish("https://a.example/1", RESULTS, "Pearl Robotics raises its forecast")
    edited = (
        RESULTS.replace("said on Tuesday that", "reported that")
        .replace("citing", "pointing to")
        .replace("doubled", "grown twofold")
    )
    assert newsroom.publish("https://b.example/2", edited, "Robot maker lifts outlook").relation == "copy"


def test_formulaic_news_with_other_numbers_is_not_a_copy(newsroom):
    newsroom.publish("https://a.example/1", RESULTS, "Pearl Robotics: third quarter", day="2026-11-03")
    other = (
        RESULTS.replace("41", "12")
        .replace("3.2", "2.7")
        .replace("12,400", "9,100")
        .replace("third", "second")
    )
    other = (
        other.replace("8,100", "7,900")
        .replace("11.5", "10")
        .replace("10 billion", "9 billion")
        .replace("6 percent", "2 percent")
    )
    assert (
        newsroom.publish(
            "https://a.example/2", other, "Pearl Robotics: second quarter", day="2026-10-28"
        ).relation
        is None
    )


def test_the_same_short_words_a_year_later_are_news_again(newsroom):
    words = "本台明天将现场直播南岭科技节开幕式。届时，本台综合频道、新闻频道和客户端将同步转播，请各位观众留意收看时间。"
    newsroom.publish("https://a.example/1", words * 2, "南岭科技节明天开幕", day="2025-11-20")
    assert (
        newsroom.publish("https://a.example/2", words * 2, "南岭科技节明天开幕", day="2026-11-20").relation
        is None
    )


def test_a_digest_that_carries_an_article_contains_it(newsroom):
    newsroom.publish("https://a.example/1", PLAN, TITLE)
    others = (
        "深圳港十月集装箱吞吐量创下历史新高，盐田港区新增三条远洋航线，码头工人连续奋战四十个昼夜完成泊位改造工程。\n"
        "佛山陶瓷企业抱团出海，二十家工厂联合在东南亚设立展厅，首批订单已经装船发运，预计下月抵达目的港口清关。\n"
        "湛江渔民迎来丰收季节，金鲳鱼价格比去年同期上涨两成，冷链企业加班加点保障供应，线上订单同比翻了一番。\n"
        "梅州柚子节本周末开幕，当地推出采摘、品鉴和民宿优惠套餐，吸引珠三角自驾游客前往体验客家风情与美食文化。\n"
    )
    digest = newsroom.publish(
        "https://d.example/9", others * 1 + PLAN.split("\n")[0] + "\n" + PLAN.split("\n")[1], "早报"
    )
    story = newsroom.publish("https://b.example/2", PLAN, TITLE)
    assert digest.relation is None
    assert [link.kind for link in digest.links] in ([], ["contains"])
    assert story.relation == "copy"
    assert story.story_id == newsroom.story("https://a.example/1").id


def test_two_addresses_that_end_in_one_number_name_one_document(newsroom):
    newsroom.publish("https://www.a.example/news/post_4471029.html", PLAN, TITLE)
    mobile = newsroom.publish("https://m.a.example/mnews/mpost_4471029.html", PLAN, TITLE)
    assert mobile.relation == "same_document"


def test_an_issuing_government_site_leads_whoever_came_first(newsroom, source):
    newsroom.publish("https://news.example/1", PLAN, TITLE, source=source("outlet"))
    issued = newsroom.publish("https://www.gd.gov.cn/post_77.html", PLAN, TITLE, source=source("issuer"))
    assert issued.becomes_lead
    late = newsroom.publish("https://copies.example/3", PLAN, TITLE, source=source("republisher"))
    assert not late.becomes_lead
    story = newsroom.story("https://news.example/1")
    assert story.lead == "https://www.gd.gov.cn/post_77.html"
    assert {member.relation for member in story.members} == {"copy"}


def test_the_credited_outlet_leads_over_the_one_that_credits_it(newsroom, source):
    newsroom.publish(
        "https://portal.example/1",
        PLAN,
        TITLE,
        source=source("outlet"),
        publisher="东江网",
        original_source="南岭日报",
    )
    original = newsroom.publish(
        "https://nanling.example/7", PLAN, TITLE, source=source("outlet"), publisher="南岭日报"
    )
    assert original.becomes_lead


def test_a_clone_of_a_government_page_never_leads(newsroom, source):
    newsroom.publish("https://www.sz.gov.cn/en/content/post_11547039.html", RESULTS, source=source("issuer"))
    clone = newsroom.publish("https://cheap.example/en/content/post_11547039.html", RESULTS)
    assert not clone.becomes_lead
    assert newsroom.story("https://cheap.example/en/content/post_11547039.html").lead.startswith(
        "https://www.sz.gov.cn"
    )


def test_a_government_page_takes_the_lead_from_a_clone_that_came_first(newsroom, source):
    newsroom.publish("https://cheap.example/en/content/post_11547039.html", RESULTS)
    page = newsroom.publish(
        "https://www.sz.gov.cn/en/content/post_11547039.html", RESULTS, source=source("issuer")
    )
    assert page.becomes_lead


def test_one_headline_on_two_sites_with_a_line_of_summary_is_one_item(newsroom):
    newsroom.publish(
        "https://a.example/1",
        "The maker of robots expects more orders.",
        "Pearl Robotics raises forecast after record quarter",
    )
    same = newsroom.publish(
        "https://b.example/2",
        "View full coverage",
        "Pearl Robotics Raises Forecast After Record Quarter - Canton Times",
        day="2026-11-21",
    )
    assert same.relation == "copy"
    assert "same headline" in same.evidence


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (
            "Riddle hints and answers for Friday, January 2 (game #936)",
            "Riddle hints and answers for Friday, January 9 (game #943)",
        ),
        (
            "How to Watch Lions vs Bears: Live Stream, TV Channel",
            "How to Watch Rams vs Panthers: Live Stream, TV Channel",
        ),
        (
            "February direct payment worth $994 goes out in 21 days",
            "February direct payment worth $994 goes out in 29 days",
        ),
        (
            "10 of the rainiest and driest cities in the country",
            "10 of the sunniest and cloudiest cities in the country",
        ),
    ],
)
def test_columns_and_look_alikes_stay_apart(newsroom, one, two):
    newsroom.publish("https://a.example/1", "Everything you need.", one)
    assert newsroom.publish("https://b.example/2", "All you need to know.", two).relation is None


def test_the_same_articles_in_the_same_order_give_the_same_stories(newsroom, tmp_path):
    def run(room):
        for number in range(6):
            text = PLAN if number % 2 else RESULTS
            room.publish(f"https://s{number}.example/{number}", text[number * 10 :], f"{TITLE} {number // 3}")
        return [
            tuple(row)
            for row in room.db.execute("SELECT url, story_id, relation, evidence FROM articles ORDER BY id")
        ]

    with open_writer(tmp_path / "other.db") as db:
        assert run(newsroom) == run(Newsroom(db))


def halves(text):
    lines = text.split("\n")
    return "\n".join(lines[:3]), "\n".join(lines[1:])


def test_two_overlapping_excerpts_become_one_story_when_the_whole_text_turns_up(newsroom):
    first, second = halves(PLAN)
    newsroom.publish("https://a.example/1", first, TITLE)
    apart = newsroom.publish("https://b.example/2", second, "算力补贴细则")
    assert apart.relation is None
    whole = newsroom.publish("https://c.example/3", PLAN, TITLE)
    assert whole.relation == "copy"
    assert [same.story_id for same in whole.merges] == [apart.story_id]
    assert len(newsroom.story("https://c.example/3").members) == 2
    assert newsroom.story("https://b.example/2").id == newsroom.story("https://a.example/1").id


def test_what_a_user_has_split_is_not_merged_again(newsroom):
    first, second = halves(PLAN)
    newsroom.publish("https://a.example/1", first, TITLE)
    newsroom.publish("https://b.example/2", second, TITLE)
    home = newsroom.story("https://a.example/1").id
    with newsroom.db.atomic():
        if newsroom.story("https://b.example/2").id != home:
            stories.merge(newsroom.db, home, newsroom.story("https://b.example/2").id, "by hand", NOW)
        own = stories.split(newsroom.db, "https://b.example/2", NOW)
    whole = newsroom.publish("https://c.example/3", PLAN, TITLE)
    assert whole.merges == ()
    assert newsroom.story("https://b.example/2").id == own


def test_a_page_with_two_texts_side_by_side_contains_both_and_chains_neither(newsroom):
    one = newsroom.publish("https://a.example/1", PLAN, TITLE)
    other_text = (
        "广州南沙今日开通首条无人驾驶接驳线路，全长8.6公里，沿途设13个站点，首批投放20辆电动小巴，票价两元。\n"
        "运营方介绍，车辆配有7个激光雷达，最高时速40公里，遇到行人会提前十五米减速，雨天照常运行。\n"
        "附近居民黄女士体验后说，从前去地铁站要走二十分钟，如今五分钟就到，就是早高峰要排两趟车。"
    )
    two = newsroom.publish("https://b.example/2", other_text, "南沙开通无人驾驶接驳线")
    page = newsroom.publish("https://c.example/3", PLAN + "\n" + other_text, "本版导读")
    assert page.relation is None
    assert {(link.kind, link.story_id) for link in page.links} >= {
        ("contains", one.story_id),
        ("contains", two.story_id),
    }


def test_an_article_already_carried_by_a_digest_is_linked_from_it(newsroom):
    newsroom.publish("https://a.example/1", RESULTS, "Pearl Robotics raises forecast for the year")
    digest = newsroom.publish(
        "https://d.example/9",
        "1. "
        + TITLE
        + "\n"
        + PLAN.split("\n")[0]
        + "\n2. 佛山陶瓷抱团出海\n二十家工厂在东南亚设立展厅，首批订单已经装船，预计下月抵港。",
        "广东早报：今日要闻",
    )
    later = newsroom.publish("https://b.example/2", PLAN, TITLE)
    assert digest.relation is None
    assert later.relation is None
    assert [(link.kind, link.story_id) for link in newsroom.story("https://d.example/9").links] == [
        ("contains", later.story_id)
    ]


@pytest.mark.parametrize(
    "text", ["", " \n ", "短", "?!", "\ufffd\x00", "a" * 3000, "、" * 3000, "1" * 3000, "字 " * 2000]
)
def test_texts_without_sense_are_placed_like_any_other(newsroom, text):
    opened = newsroom.publish("https://a.example/1", text, None)
    again = newsroom.publish("https://b.example/2", text, None, day=None)
    assert opened.relation is None
    assert again.story_id


def test_a_frame_that_every_article_has_does_not_make_them_alike(newsroom):
    frame = "本站为读者提供本地生活服务，投稿与合作请联系编辑部，转载须经书面许可。"
    bodies = (
        "增城荔枝今年推迟十天上市，果农把冷库提前腾空，等着第一批桂味装车北上。",
        "新会的老师傅说，晒陈皮要看风向，潮气重的日子宁可把簸箕收进屋里。",
        "腊味店门前排起长队，掌柜忙着切肠称重，顾客多半是寄给外省的亲友。",
        "普洱茶仓里温度恒定，管理员每周翻堆一次，记下每一饼的重量和气味。",
        "徐闻的菠萝地一眼望不到头，收割机还在试验，眼下仍靠工人弯腰去采。",
        "烧鹅档口换了电炉，师傅起初不信，后来发现皮色比炭火更匀，烟也少了。",
    )
    placed = [
        newsroom.publish(f"https://a.example/{n}", f"{frame}\n{body}", body[:9])
        for n, body in enumerate(bodies)
    ]
    assert {placement.relation for placement in placed} == {None}
    assert newsroom.db.execute("SELECT max(seen) FROM frame_lines").fetchone() == (len(bodies),)
