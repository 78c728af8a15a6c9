from __future__ import annotations

import pytest

from crawler.reading.title import headline_of, strip_tail, title_tail

PROSE = "<p>Guangdong will open factories, schools and homes for the elderly to pilots of artificial intelligence, officials said.</p>"


def page(head="", body=""):
    return f"<html><head>{head}</head><body>{body}<div>{PROSE * 3}</div></body></html>"


def test_the_heading_that_the_title_repeats_is_the_headline(read):
    html = page(
        "<title>Robots arrive in Haiwan | The Times</title>",
        "<h1>The Times</h1><h2>Robots arrive in Haiwan</h2>",
    )

    assert read(html).article.title == "Robots arrive in Haiwan"


def test_without_a_heading_the_site_is_cut_off_the_title(read):
    head = '<title>Robots arrive in Haiwan - Tech - The Times</title><meta property="og:site_name" content="The Times">'

    assert read(page(head)).article.title == "Robots arrive in Haiwan"


def test_a_headline_set_over_two_lines_is_one(read):
    html = page(
        "<title>关于印发支持机器人产业若干措施的通知_某网</title>",
        "<h1>关于印发支持机器人<br>产业若干措施的通知</h1>",
    )

    assert read(html).article.title == "关于印发支持机器人产业若干措施的通知"


def test_a_breadcrumb_is_no_title(read):
    assert read(page("<title>Home &gt; News &gt; Policy</title>")).article.title is None


@pytest.mark.parametrize("title", ["新闻中心", "Home", "404 Not Found", "云帆省工业和信息化厅"])
def test_the_name_of_a_section_is_no_title(read, title):
    assert read(page(f"<title>{title}</title>")).article.title is None


def test_the_feed_knows_a_title_that_the_page_lacks(read):
    from state.records import Lead

    lead = Lead(url="https://e.com/1", key="https://e.com/1", source_id="s", title="Robots arrive in Haiwan")

    assert read(page(), lead=lead).article.title == "Robots arrive in Haiwan"


@pytest.mark.parametrize(
    ("title", "names", "headline"),
    [
        ("Robots arrive | The Times", ["The Times"], "Robots arrive"),
        ("AI-powered robot-maker wins | The Times", ["The Times"], "AI-powered robot-maker wins"),
        ("Guangdong - Macao deep cooperation", [], "Guangdong - Macao deep cooperation"),
        ("A股收涨_财经频道_门户网", [], "A股收涨"),
        ("新质生产力——深圳的答卷", [], "新质生产力——深圳的答卷"),
        ("人工智能-广东的机会", [], "人工智能-广东的机会"),
    ],
)
def test_only_a_proved_tail_is_cut(title, names, headline):
    assert strip_tail(title, names) == headline


def test_the_tail_names_the_publisher():
    assert title_tail("珠湾公布名单-珠湾新闻网", "珠湾公布名单") == "珠湾新闻网"
    assert title_tail("算力券来了_企业_申请_额度", "算力券来了") is None
    assert title_tail("珠湾公布名单", "珠湾公布名单") is None


def test_a_text_that_begins_with_prose_has_no_headline():
    assert (
        headline_of(
            ["Shenzhen's plan has sparked a discussion among officials.", "It was on air on Tuesday."]
        )
        is None
    )
    assert headline_of(["AI plays a role", "It does."]) == 0
    assert (
        headline_of(["HANGDAO > Press Center > Trends", "By : Operator", "AI plays a role", "It does."]) == 2
    )
    assert headline_of(["Only a line"]) is None
