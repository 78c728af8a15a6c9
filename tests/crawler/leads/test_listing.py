import pytest

from crawler.leads.listing import check_selector
from state.errors import UnreadableListing

PATTERN = {"pattern": r"/content/post_\d+\.html"}


def page(body, head='<meta charset="utf-8"><title>要闻</title>'):
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


def told(leads):
    return [(lead.url.rpartition("/")[2], lead.title, lead.published) for lead in leads.items]


def test_a_pattern_alone_finds_links_titles_and_days(read):
    body = page(
        """<nav><a href="/">首页</a><a href="/content/">栏目</a></nav><ul>
        <li><a href="/content/post_3.html">机器人产业措施发布</a><span>2026-11-20</span></li>
        <li><span>[2026年11月19日]</span><a href="content/post_2.html" target=_blank>算力券开放申领</a></li>
        <li><a href="https://other.example.org/content/post_1.html">湾区论坛</a></li></ul>"""
    )

    assert told(read("listing", body, options=PATTERN)) == [
        ("post_3.html", "机器人产业措施发布", "2026-11-20"),
        ("post_2.html", "算力券开放申领", "2026年11月19日"),
        ("post_1.html", "湾区论坛", None),
    ]


def test_selectors_say_what_is_where(read):
    body = page(
        """<div class="item"><h3><a href="/a/1" title="Whole headline of the first">Whole headline…</a></h3>
        <p class="when">20 Nov</p><time datetime="2026-11-20T10:05:00+08:00">today</time></div>
        <div class="item"><b>no link</b></div><div class="ad"><a href="/buy">Buy</a></div>"""
    )
    options = {"item": ".item", "link": "h3 a", "title": "h3 a@title", "date": "time@datetime"}

    leads = read("listing", body, options=options)

    assert told(leads) == [("1", "Whole headline of the first", "2026-11-20T10:05:00+08:00")]


def test_what_a_selector_misses_is_found_beside_the_link(read):
    body = page('<ul><li><a href="/a/1">Headline</a> 2026-11-20</li></ul>')
    options = {"item": "li", "title": "h3", "date": ".gone"}
    assert told(read("listing", body, options=options)) == [("1", "Headline", "2026-11-20")]


def test_the_item_may_be_the_link_and_the_link_an_attribute(read):
    body = page('<div class="card" data-href="/a/1"><h2>Headline</h2></div>')
    options = {"item": ".card", "link": "@data-href", "title": "h2"}
    assert told(read("listing", body, options=options)) == [("1", "Headline", None)]


def test_a_picture_and_a_headline_are_one_lead(read):
    body = page(
        """<li><a href="/content/post_1.html"><img src=x></a><h3><a href="/content/post_1.html">标题</a></h3>
        <i>2026-11-20 08:30</i></li>"""
    )
    assert told(read("listing", body, options=PATTERN)) == [("post_1.html", "标题", "2026-11-20 08:30")]
    assert told(read("listing", body, options={"item": "li"})) == [
        ("post_1.html", "标题", "2026-11-20 08:30")
    ]


def test_a_link_around_the_whole_entry_gives_its_heading_and_day(read):
    body = page(
        """<a href="/content/post_2.html"><h4>标题二</h4><p>摘要摘要</p><em>2026-11-20</em></a>
        <a href="/content/post_1.html">标题一 2026-11-19</a>"""
    )
    assert told(read("listing", body, options=PATTERN)) == [
        ("post_2.html", "标题二", "2026-11-20"),
        ("post_1.html", "标题一", "2026-11-19"),
    ]


def test_a_day_inside_a_headline_is_not_the_day_it_appeared(read):
    body = page(
        '<li><a href="/content/post_1.html">关于2026-01-01起施行的措施的解读</a><i>2026-11-20</i></li>'
    )
    assert told(read("listing", body, options=PATTERN))[0][2] == "2026-11-20"


def test_a_day_printed_once_for_many_links_belongs_to_none(read):
    body = page(
        '<div>2026-11-20 <a href="/content/post_1.html">甲</a> <a href="/content/post_2.html">乙</a></div>'
    )
    assert [published for _, _, published in told(read("listing", body, options=PATTERN))] == [None, None]


def test_a_pages_own_foot_is_no_date(read):
    body = page(
        '<ul><li><a href="/content/post_1.html">甲</a></li></ul><footer>Copyright 2020-01-01</footer>'
    )
    assert told(read("listing", body, options=PATTERN)) == [("post_1.html", "甲", None)]


def test_links_refer_to_the_pages_base(read):
    body = page('<a href="content/post_1.html">甲</a>', '<base href="/en/news/">')
    assert (
        read("listing", body, options=PATTERN).items[0].url
        == "https://www.example.com/en/news/content/post_1.html"
    )


@pytest.mark.parametrize("base", ["javascript:alert(1)", "https://[", "file:///etc/"])
def test_a_base_that_is_no_address_is_ignored(read, base):
    body = page('<a href="/content/post_1.html">甲</a>', f'<base href="{base}">')
    assert (
        read("listing", body, options=PATTERN).items[0].url == "https://www.example.com/content/post_1.html"
    )


@pytest.mark.parametrize("header", ["text/html", "text/html; charset=utf-8", "text/html; charset=iso-8859-1"])
@pytest.mark.parametrize("meta", ['<meta charset="gb2312">', '<meta charset="utf-8">', ""])
def test_gb18030_is_read_whatever_header_and_meta_say(read, header, meta):
    title = "关于印发《加快推动人工智能产业高质量发展的若干措施》的通知"
    body = page(f'<ul><li><a href="/content/post_1.html">{title}</a></li></ul>', meta).encode("gb18030")
    assert read("listing", body, {"Content-Type": header}, options=PATTERN).items[0].title == title


def test_a_page_where_nothing_fits_is_remarked_upon(read):
    body = page('<a href="/login">Log in</a>', "<title>Welcome back</title>")
    leads = read("listing", body, options=PATTERN)
    assert leads.items == ()
    assert leads.remarks == (
        'no article among the 1 links of the page titled "Welcome back"; has the page changed?',
    )


@pytest.mark.parametrize(
    ("body", "came"),
    [
        (b"", "the body is empty"),
        (b'{"articles": []}', "JSON came"),
        (b"<?xml version='1.0'?><rss version='2.0'/>", "an XML document <rss> came"),
        (b"%PDF-1.7 ...", "a PDF document came"),
        (b"Bad gateway", "plain text came: 'Bad gateway'"),
    ],
)
def test_what_is_no_page_is_told_in_one_line(read, body, came):
    with pytest.raises(UnreadableListing) as caught:
        read("listing", body, options=PATTERN)
    assert "source example: https://www.example.com/news/list should be a listing page" in str(caught.value)
    assert came in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        '<?xml version="1.0" encoding="gb2312"?><!DOCTYPE html><html><body>{}</body></html>',
        "<!-- built 12:00 --><html><body>{}</body></html>",
        "<ul>{}",
        "<html><body>" + "<div>" * 150 + "{}",
    ],
)
def test_pages_of_any_make_are_read(read, body):
    link = '<a href="/content/post_1.html">甲</a>'
    assert len(read("listing", body.format(link), options=PATTERN).items) == 1


def test_a_users_pattern_cannot_hang_the_reader(read):
    body = page(f'<a href="/{"a" * 60}!">x</a>')
    assert read("listing", body, options={"pattern": "(a+)+$"}).items == ()


@pytest.mark.parametrize("selector", ["a[", "ul > > li", "::before(", "a[href=]"])
def test_what_is_no_selector_is_refused(selector):
    with pytest.raises(ValueError, match="is no CSS selector"):
        check_selector(selector)


@pytest.mark.parametrize(
    "selector", ["li", "li a@href", "@data-href", "div.x > span:nth-child(2)", "a[href*='post_']"]
)
def test_selectors_with_and_without_attribute_are_accepted(selector):
    check_selector(selector)
