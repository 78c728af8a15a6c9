from __future__ import annotations

import pytest

from crawler.reading.credits import is_breadcrumb, is_credit_line, join_labels, read_credits


@pytest.mark.parametrize(
    "line",
    [
        "来源：南方日报 2026-03-05 09:12",
        "2026-03-05 09:12来源：羊城晚报作者：王芳编辑：陈晨",
        "来源：新华社 | 作者：李雷 | 2026-03-05",
        "转载自：21世纪经济报道",
        "责任编辑：李明",
        "[责任编辑：李明]",
        "文/李明",
        "（文｜王芳）",
        "（记者 张三）",
        "记者 张三 李四 通讯员 王五",
        "图片来源：视觉中国",
        "南方网 2026年3月5日",
        "字号：大 中 小",
        "打印本页 关闭窗口",
        "| 索引号 | 123 | 发布机构 | 云帆省工信厅 |",
        "阅读：123 评论：4",
        "By Jane Doe and John Smith",
        "(Source: Xinhua)",
        "By : HANGDAO Operator Updated : 2018-10-17 10:00:59",
        "昨天 下午6:05 南方日报",
        "2026年3月5日 晚上12:05",
        "Yesterday at 5:00 pm",
        "1 day ago / Read about 0 minute",
        "Reporting by Li Lei; Editing by Han Mei",
        "Source",
    ],
)
def test_lines_that_only_speak_about_the_text(line):
    assert is_credit_line(line)


@pytest.mark.parametrize(
    "line",
    [
        "据新华社报道，广东省将发布新政策。",
        "广东：人工智能产业再提速",
        "评论：人工智能改变生活",
        "记者走访发现，企业普遍缺少算力。",
        "编者按：本文为系列报道",
        "Source: the report says that the economy will grow. It will.",
        "SHENZHEN, March 5 (Xinhua) -- The city issued a plan.",
        "Guangdong: seizing opportunities",
        "By the end of 2025, Guangdong aspires to cultivate an industry.",
        "2026",
        "",
    ],
)
def test_lines_that_are_text(line):
    assert not is_credit_line(line)


def test_a_bare_date_behind_the_text_is_a_signature():
    assert is_credit_line("2026年2月27日")
    assert not is_credit_line("2026年2月27日", closing=True)


def test_the_source_in_brackets_is_the_older_one():
    told = read_credits(["Source: East Money", "(Source: Southern Metropolis Daily)"])

    assert told.sources == ("Southern Metropolis Daily", "East Money")


def test_a_disclaimer_names_its_site():
    line = "It should not be considered as an endorsement of its views by Gate, nor as professional advice."

    assert read_credits([], [line]).disclaimed == "Gate"
    assert read_credits([], ["本文观点不代表门户财经观点"]).disclaimed == "门户财经"
    assert read_credits([], ["本文观点不代表本网立场"]).disclaimed is None


def test_a_breadcrumb_begins_with_the_site_or_says_nothing():
    assert read_credits(["INDICS > Press Center > Industry Trends"]).breadcrumb == "INDICS"
    assert read_credits(["当前位置：首页 > 新闻 > 要闻"]).breadcrumb is None
    assert not is_breadcrumb("Profit > loss")


def test_labels_find_their_values_in_the_next_cell():
    assert join_labels(["发布日期：", "2026-03-05", "正文"]) == ["发布日期: 2026-03-05", "正文"]
    assert join_labels(["| 索引号 | 123 | 来源 | 南方日报 |"]) == ["索引号: 123", "来源: 南方日报"]
    assert join_labels(["分享到", "昨天的新闻"]) == ["分享到", "昨天的新闻"]
