"""What counts as named: masks, contexts, longest names, garbles, stand-ins for a place, firms on no list."""

import pytest

from state.records import Source


def test_the_longest_name_wins_and_swallows_what_is_in_it(cantonese, article, concepts):
    found = concepts(cantonese, article(None, "广东工业大学和广东省工业和信息化厅到访。"))
    assert found == [("广东工业大学", "org:gdut"), ("广东省工业和信息化厅", "gov:gd-diit")]


def test_a_topic_inside_a_name_still_counts(cantonese, article, concepts):
    found = concepts(cantonese, article(None, "广州人工智能与数字经济试验区"))
    assert ("广州人工智能与数字经济试验区", "place:pazhou") in found
    assert ("人工智能", "topic:ai") in found


@pytest.mark.parametrize(
    "text",
    [
        "广交会上机器人很多",
        "广东队主场取胜",
        "Shenzhen Daily reported it",
        "SHENZHEN, Nov. 3 (Xinhua) -- It rained.",
        "西南山区有雨",
        "The museum is the Legion of Honor",
        "他说这是最美的机器人",
        "an in vivo study of robots",
        "see https://github.com/Tencent-Hunyuan and #Huawei",
        "寿比南山",
    ],
)
def test_masks_datelines_links_and_ambiguous_words_name_nobody(cantonese, article, concepts, text):
    fields = {key.partition(":")[0] for _, key in concepts(cantonese, article(None, text))}
    assert not fields & {"place", "org"}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Honor showed a foldable phone", "org:honor"),
        ("荣耀发布折叠屏手机", "org:honor"),
        ("美的发布家用机器人", "org:midea"),
        ("vivo 手机搭载 OriginOS", "org:vivo"),
        ("今天国际（300532）中标物流项目", "org:in-today"),
        ("平安集团的医疗模型", "org:ping-an"),
    ],
)
def test_ambiguous_names_count_in_their_context(cantonese, article, concepts, text, key):
    assert key in {found for _, found in concepts(cantonese, article(None, text))}


def test_a_garbled_name_needs_the_proper_one(cantonese, article, concepts):
    alone = concepts(cantonese, article(None, "Yuejiang sells robots."))
    beside = concepts(cantonese, article(None, "Dobot sells robots. Yuejiang is growing."))
    assert "org:dobot" not in {key for _, key in alone}
    assert ("Yuejiang", "org:dobot") in beside


def test_a_name_that_is_somebodys_past_is_no_actor(cantonese, article, concepts):
    for text in ("Ex-Huawei engineers founded it", "former Tencent staff", "前腾讯员工创业"):
        assert not {key for _, key in concepts(cantonese, article(None, text)) if key.startswith("org:")}
    assert ("腾讯", "org:tencent") in concepts(cantonese, article(None, "目前腾讯正在内测"))


def test_the_province_is_the_last_one_named(cantonese, article):
    def places(text):
        reading = cantonese._reading(article(None, text), None)
        return [hit.concept.place for hit in reading.hits if "the province" in hit.alias.text]

    assert places("Guangdong has a plan. In the province, robots work.") == ["guangdong"]
    assert places("Guangdong and Hunan have plans. In the province, robots work.") == ["hunan"]
    assert places("In the province, robots work.") == []


def test_a_bare_office_counts_after_its_place_or_in_a_source_about_it(cantonese, article, concepts):
    office = ("省工信厅", "gov:gd-diit")
    assert office in concepts(cantonese, article(None, "广东部署机器人产业，省工信厅印发通知。"))
    assert office not in concepts(cantonese, article(None, "湖南部署机器人产业，省工信厅印发通知。"))
    assert office not in concepts(cantonese, article(None, "省工信厅印发通知。"))
    portal = Source("gd", "listing", "https://gd.example/", places=("guangdong",))
    assert office in concepts(cantonese, article(None, "省工信厅印发通知。"), portal)


@pytest.mark.parametrize(
    "text",
    [
        "Shenzhen-based Xingyun Robotics raised money",
        "a Guangzhou-based maker of chips opened",
        "Xingyun, based in Shenzhen, opened",
        "深圳一家机器人企业完成融资",
        "东莞市星云智能科技有限公司中标",
        "Shenzhen's robot firms compete",
    ],
)
def test_a_firm_on_no_list_is_known_by_its_place(cantonese, article, concepts, text):
    keys = [key for _, key in concepts(cantonese, article(None, text))]
    assert "org:unlisted" in keys
    assert not [key for key in keys if key.startswith("place:")]


def test_a_known_firm_is_not_taken_for_an_unknown_one(cantonese, article, concepts):
    found = concepts(cantonese, article(None, "Shenzhen-based Tencent opened a lab"))
    assert ("Tencent", "org:tencent") in found
    assert "org:unlisted" not in {key for _, key in found}


def test_traditional_script_and_capitals_are_read_alike(cantonese, article, concepts):
    found = concepts(cantonese, article(None, "廣東發佈人工智能計劃 TENCENT"))
    assert {("廣東", "place:guangdong"), ("人工智能", "topic:ai"), ("TENCENT", "org:tencent")} <= set(found)
