from __future__ import annotations

import pytest

EN = [
    "Guangdong will open factories, schools and homes for the elderly to pilots of artificial intelligence, officials said.",
    "Cities may draw up lists of their own, and the province will reward the projects that move fastest with money and staff.",
    "People in the trade expect local makers of robots to need less time from the first prototype to volume production.",
]
PROSE = "".join(f"<p>{line}</p>" for line in EN)


def page(inside, head=""):
    return f"<html><head><title>Robots arrive in Haiwan</title>{head}</head><body><h1>Robots arrive in Haiwan</h1>{inside}</body></html>"


def lines(read, html, **more):
    return read(html, **more).article.text.split("\n")


def test_the_text_and_nothing_else(read):
    around = (
        '<nav><a href="/">Home</a></nav><footer><p>Copyright 2026 Example, all rights reserved.</p></footer>'
    )

    assert lines(read, page(f"<article>{PROSE}</article>{around}")) == EN


@pytest.mark.parametrize(
    "furniture",
    [
        '<div class="related"><h3>Related</h3><p>Nine cities wrote nine rules for robots.</p></div>',
        '<ul><li><a href="/1">Port opens new berth</a></li><li><a href="/2">Metro line delayed</a></li></ul>',
        '<p><a href="/more">Read more: How a drop test became an industry</a></p>',
        "<figure><img><figcaption>A robot falls in a test. Photo: Handout</figcaption></figure>",
        "<p>Sign up for our newsletter to get stories like this one every Friday.</p>",
        "<p>扫码下载客户端，查看更多精彩内容</p>",
        "<p>特别声明：以上内容为自媒体平台用户上传并发布，本平台仅提供信息存储服务，不代表本平台的观点和立场。</p>",
    ],
)
def test_furniture_below_the_text_goes(read, furniture):
    assert lines(read, page(f'<div class="main"><div class="text">{PROSE}</div>{furniture}</div>')) == EN


def test_a_side_column_with_prose_of_its_own_goes(read):
    side = (
        "<p>Three minutes on how a joint is made, from a block of aluminium to a hundred turns a minute.</p>"
    )

    assert lines(read, page(f'<div class="left">{PROSE}</div><div class="right-main">{side}</div>')) == EN


def test_comments_that_outweigh_the_text_go(read):
    comment = "<div class='c'><p>I work in that park and can say that the change is real, but where are the buses at night?</p></div>"

    assert (
        lines(read, page(f'<div class="text">{PROSE}</div><div class="comments">{comment * 9}</div>')) == EN
    )


def test_a_text_cut_into_containers_is_whole(read):
    parts = "".join(f'<div class="chunk"><div class="body-inner">{PROSE}</div></div>' for _ in range(1))
    rest = [
        "Two makers have moved their test halls to the port, where trucks, cranes and rain come for free all year.",
        "A third keeps its machines in a school after hours; the caretaker writes the fault reports, and they are good.",
        "What all of them lack are buyers for the first hundred machines, which no voucher for computing can replace.",
    ]
    more = "".join(f"<p>{line}</p>" for line in rest)
    html = page(
        f'<article>{parts}<div class="ad"></div><div class="chunk"><div class="body-inner">{more}</div></div></article>'
    )

    assert lines(read, html) == EN + rest


def test_a_table_layout_is_no_table(read):
    menu = "".join(f'<tr><td><a href="/{n}">Section {n}</a></td></tr>' for n in range(6))
    html = page(
        f"<table><tr><td><table>{menu}</table></td><td><table><tr><td>{PROSE}</td></tr></table></td></tr></table>"
    )

    assert lines(read, html) == EN


def test_a_table_of_facts_stays(read):
    table = "<table><tr><th>City</th><th>Orders</th></tr><tr><td>Haiwan</td><td>120</td></tr></table>"

    assert lines(read, page(f"<div>{PROSE}{table}</div>"))[3:] == ["City | Orders", "Haiwan | 120"]


def test_paragraphs_by_line_breaks(read):
    assert lines(read, page(f"<div class='content'>{'<br><br>'.join(EN)}</div>")) == EN


def test_the_summary_the_page_declares_is_kept(read):
    summary = "Forty companies want every city of the province to accept one and the same safety test."
    head = f'<meta name="description" content="{summary}">'
    html = page(f'<div class="summary">{summary}</div><div class="text">{PROSE}</div>', head)

    assert lines(read, html)[-3:] == EN


def test_the_declared_body_tells_where_the_text_ends(read):
    import json

    ld = json.dumps({"@type": "NewsArticle", "articleBody": " ".join(EN)})
    tail = "<p>Our reporters have covered robots since 2009 and write a letter about them that comes out every Tuesday.</p>"
    html = page(f"<div>{PROSE}{tail}</div>", f'<script type="application/ld+json">{ld}</script>')

    assert lines(read, html) == EN


def test_a_page_whose_text_only_its_json_holds(read):
    import json

    ld = json.dumps({"@type": "NewsArticle", "articleBody": "\n\n".join(EN)})
    article = read(
        page("<div>Subscribe to go on.</div>", f'<script type="application/ld+json">{ld}</script>')
    ).article

    assert article.text.split("\n") == EN
    assert article.notes == ("body taken from its JSON-LD",)


def test_a_feed_that_knows_more_than_the_page(read):
    from state.records import Lead

    lead = Lead(url="https://e.com/1", key="https://e.com/1", source_id="s", content=PROSE)
    article = read(page("<div>Subscribe to go on.</div>"), lead=lead).article

    assert article.text.split("\n") == EN
    assert article.url == "https://e.com/1"


def test_reading_the_same_page_twice_gives_the_same(read):
    html = page(f"<article>{PROSE}</article>")

    assert [read(html).article.text for _ in range(6)] == ["\n".join(EN)] * 6
