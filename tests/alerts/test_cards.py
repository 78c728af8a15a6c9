from __future__ import annotations

from dataclasses import replace

from alerts.cards import write_card
from alerts.channels.apprise_child import fit
from alerts.view import CarrierView, Names, Piece, view_stories
from alerts.wording import CHINESE, ENGLISH


def viewed(newsroom, words=ENGLISH, **changes):
    newsroom.subscribe("chat")
    (delivery,) = newsroom.publish(**changes)
    return view_stories(newsroom.contents(delivery), words, Names())


def test_a_card_of_one_story_links_its_origin_because_the_title_is_its_headline(newsroom):
    card = write_card(viewed(newsroom), ENGLISH, "[Policy] A plan", "dl_1")
    assert card.markdown.title == "［Policy］ A plan"
    assert card.markdown.blocks[0].split("\n\n") == [
        "Policy · announcement",
        "[2026-11-21 17:30 UTC+08:00 · Example Daily](https://news.example/1.html)",
        "> The province will build three computing hubs for **artificial intelligence** by 2028.",
        "You get this because rule gd-policy of your subscription s1 asks for it.",
    ]
    assert card.plain.blocks[0].splitlines()[:3] == [
        "Policy · announcement",
        "2026-11-21 17:30 UTC+08:00 · Example Daily",
        "https://news.example/1.html",
    ]


def test_a_digest_names_and_links_each_story_and_leaves_its_background_out(newsroom):
    (story,) = viewed(newsroom, CHINESE)
    card = write_card([story, story], CHINESE, "2条新闻", "dl_1")
    first = card.markdown.blocks[0].split("\n\n")
    assert first[0] == "[Guangdong issues plan for computing hubs](https://news.example/1.html)"
    assert first[1:3] == ["政策 · 发布", "2026-11-21 17:30 UTC+08:00 · Example Daily"]
    assert len(first) == 4
    assert card.foot == "投递编号：dl_1"


def test_nothing_a_page_says_is_markdown_or_a_mention(newsroom):
    title = "**bold** [x](javascript:alert(1)) `code` <!channel> @all ~~no~~ | table"
    (story,) = viewed(newsroom, title=title)
    quoted = replace(
        story, quotations=((Piece("**a** "), Piece("[b](c)", marked=True)),), publisher="*Daily*"
    )
    card = write_card([quoted, quoted], ENGLISH, title, "dl_1")
    block = card.markdown.blocks[0]
    assert "＊＊bold＊＊ ［x］(javascript:alert(1)) ｀code｀ ‹!channel› ＠all ～～no～～ ｜ table" in block
    assert "> ＊＊a＊＊ **［b］(c)**" in block
    assert "· ＊Daily＊" in block


def test_a_link_cannot_end_early(newsroom):
    (story,) = viewed(newsroom, url="https://news.example/a_(b)*[c]|d")
    card = write_card([story], ENGLISH, "x", "dl_1")
    assert "(https://news.example/a_%28b%29%2A%5Bc%5D%7Cd)" in card.markdown.blocks[0]


def test_many_carriers_are_named_in_short(newsroom):
    (story,) = viewed(newsroom)
    carriers = tuple(CarrierView(f"Paper {number}", "copy", None) for number in range(5))
    card = write_card([replace(story, carriers=carriers)], ENGLISH, "x", "dl_1")
    assert "Also carried by: Paper 0, Paper 1, Paper 2 and 2 more" in card.plain.blocks[0]


def test_what_does_not_fit_is_counted():
    blocks = [f"第{number}条 " + "粤" * 50 for number in range(5)]
    text = fit(blocks, "另有{count}条", "foot", 480)
    assert len(text.encode()) <= 480
    assert text.endswith("另有3条\n\nfoot")
    assert fit(blocks, "{count}", "foot", 0).count("粤") == 250


def test_a_block_too_long_for_a_service_is_cut_and_the_foot_stays():
    text = fit(["粤" * 1000], "{count}", "foot", 300)
    assert len(text.encode()) <= 300
    assert text.endswith("粤…\n\nfoot")
