from __future__ import annotations

from crawler.reading.furniture import (
    SeenPage,
    drop_furniture,
    host_furniture,
    line_key,
    line_keys,
    may_be_same,
)

DISCLAIMER = "免责声明：本页面可能包含第三方内容，仅供参考，不构成任何投资建议，也不代表本平台的立场和观点。"
HOT = "暴雨过后这座城市的地铁为何没有停运"
STORIES = {
    "珠湾公布名单": [
        "珠湾市今天发布首批人工智能中试基地名单，共有八家单位入选，涉及医疗影像、工业质检和低空经济。"
    ],
    "青藤开建二厂": ["青藤机器人的第二工厂在海湾市动工，建成后每月可以生产两万个关节，是第一工厂的四倍。"],
    "云帆出台措施": ["云帆省公布一批支持机器人进厂的措施，首批四十台双足机器人已在三家汽车工厂上岗。"],
}


def seen(title, lines, url=None):
    return SeenPage(url or f"https://e.com/{title}", title, frozenset(line_keys(lines)))


def test_lines_on_pages_of_different_stories_are_furniture():
    pages = [seen(title, [*lines, HOT, DISCLAIMER]) for title, lines in STORIES.items()]

    assert host_furniture(pages) == {line_key(HOT), line_key(DISCLAIMER)}


def test_two_pages_are_a_beginning():
    pages = [seen(title, [*lines, HOT]) for title, lines in list(STORIES.items())[:2]]

    assert host_furniture(pages) == {line_key(HOT)}


def test_two_crawls_of_one_story_prove_nothing():
    lines = [*STORIES["珠湾公布名单"], HOT]
    again = seen("珠湾公布名单", lines, "https://e.com/m/1")

    assert host_furniture([seen("珠湾公布名单", lines), again]) == frozenset()


def test_a_copy_under_another_headline_proves_nothing():
    lines = STORIES["珠湾公布名单"]

    assert may_be_same(seen("珠湾公布名单", lines), seen("八家单位入选中试基地", lines))
    assert host_furniture([seen("珠湾公布名单", lines), seen("八家单位入选中试基地", lines)]) == frozenset()


def test_what_stands_on_one_page_only_is_never_furniture():
    pages = [seen(title, lines) for title, lines in STORIES.items()]

    assert host_furniture(pages) == frozenset()


def test_a_redesign_is_forgotten_with_the_pages_of_its_time():
    old = [seen(title, [*lines, HOT]) for title, lines in list(STORIES.items())[:2]]
    new = [seen(f"新{title}", [f"新的{line}" for line in lines]) for title, lines in STORIES.items()]

    assert line_key(HOT) in host_furniture(old + new)
    assert host_furniture(new) == frozenset()


def test_the_opening_paragraph_stays_although_others_tease_it():
    lead = STORIES["云帆出台措施"][0]
    furniture = frozenset(line_keys([lead, HOT]))

    assert drop_furniture([HOT, lead, HOT, "正文继续。"], furniture) == [lead, "正文继续。"]


def test_layout_and_case_do_not_change_a_key():
    assert line_key("扫码 下载，客户端！") == line_key("扫码下载客户端")
    assert line_key("Sign Up now") == line_key("sign up NOW.")
    assert line_key("。。") is None


def test_a_page_read_with_its_hosts_furniture_loses_it(read):
    prose = (
        "<p>云帆省公布一批支持机器人进厂的措施，首批四十台双足机器人已在三家汽车工厂上岗，负责搬运和质检。</p>"
        * 1
    )
    more = "<p>措施提出，企业首次采购本省生产的机器人，可以按合同金额的百分之二十申请补贴，每年最高一千万元。</p>"
    html = f"<html><body><h1>云帆出台措施</h1><div>{prose}{more}<p>{DISCLAIMER[5:]}</p></div></body></html>"

    plain = read(html)
    cleaned = read(html, furniture=frozenset({line_key(DISCLAIMER[5:])}))

    assert plain.article.text.count("\n") == 2
    assert cleaned.article.text == "\n".join(plain.article.text.split("\n")[:2])
    assert cleaned.line_keys == plain.line_keys
