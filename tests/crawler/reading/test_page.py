from __future__ import annotations

import pickle
from datetime import UTC, datetime

import pytest

from crawler.reading.page import ReadPage, read_page, read_text, with_given
from state.errors import UnreadablePage
from state.records import Lead, Page, Source

TEXT = (
    "HANGDAO > Press Center > Industry Trends\n\n"
    "Robots learn on a street of their own\n\n"
    "By  : HANGDAO Operator Updated  :   2026-03-05 10:00:59\n\n"
    "Source: Nanling Daily\n\n"
    "A maker of delivery robots has built a street inside its plant, with kerbs, rain and a crossing.\n"
    "  • Falls have become five times rarer since the new year.\n\n"
    "Copyright@ 2020 ,All Rights Reserved  Jing ICP Bei No. 05067351-2"
)


def page(body, content_type="text/html", **fields):
    url = "https://www.example.com/story"
    fields.setdefault("fetched_at", datetime(2026, 3, 6, tzinfo=UTC))
    return Page(url, url, body, headers={"content-type": content_type}, **fields)


def test_plain_text_is_read_as_a_page():
    article = read_page(page(TEXT.encode(), "text/plain; charset=utf-8")).article

    assert article.title == "Robots learn on a street of their own"
    assert article.text.split("\n") == [
        "A maker of delivery robots has built a street inside its plant, with kerbs, rain and a crossing.",
        "Falls have become five times rarer since the new year.",
    ]
    assert article.published.value == "2026-03-05T10:00:59+08:00"
    assert (article.publisher, article.original_source, article.author) == ("HANGDAO", "Nanling Daily", None)
    assert article.lang == "en"


def test_a_text_without_headline_has_no_title():
    article = read_text(
        "x:", "The plan has sparked a discussion among officials.\nIt was on air on Tuesday."
    ).article

    assert article.title is None
    assert article.text.count("\n") == 1


def test_the_title_is_not_repeated_in_the_text():
    article = read_text("x:", "机器人进厂\n首批四十台机器人上岗。\n出错率下降一半。").article

    assert (article.title, article.text) == ("机器人进厂", "首批四十台机器人上岗。\n出错率下降一半。")


def test_a_title_alone_is_enough():
    article = read_text("x:", "", title="广东公布一批人工智能应用场景").article

    assert (article.title, article.text, article.lang) == ("广东公布一批人工智能应用场景", "", "zh")


def test_what_is_given_wins():
    read = read_text(
        "x:",
        TEXT,
        title="Another title",
        published="2026-03-07T08:00:00Z",
        lang="de",
        source=Source("s", "feed", "x:", zone="Asia/Shanghai"),
    )

    assert read.article.title == "Another title"
    assert read.article.lang == "de"
    assert (read.article.published.value, read.article.published.evidence) == (
        "2026-03-07T08:00:00+00:00",
        "given",
    )
    assert read.article.published.conflicts == ("2026-03-05T10:00:59+08:00",)


def test_a_given_date_that_is_none_changes_nothing():
    read = read_text("x:", TEXT)

    assert with_given(read, published="soon").article.published == read.article.published


def test_the_canonical_address_is_the_leads():
    lead = Lead(url="https://e.com/s?utm_source=x", key="https://e.com/s", source_id="s")

    assert read_page(page(TEXT.encode(), "text/plain"), lead=lead).article.url == "https://e.com/s"


def test_the_source_gives_name_zone_and_charset():
    body = "机器人进厂\n2026-03-05 09:12\n首批四十台机器人上岗，负责搬运和质检。".encode("gbk")
    source = Source("s", "feed", "x:", name="云帆日报", zone="Asia/Urumqi", charset="gbk")
    article = read_page(page(body, "text/plain"), source).article

    assert article.published.value == "2026-03-05T09:12:00+06:00"
    assert (article.publisher, article.source_id) == ("云帆日报", "s")


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", "text/html", "empty"),
        (b"<html><body></body></html>", "text/html", "without running its scripts"),
        (b"\x89PNG....", "image/png", "no text we can read"),
        (b"", "text/plain", "neither text nor title"),
        (b"%PDF-1.7 not really", "application/pdf", "broken"),
        (b"\x00\x01\x02\x03" * 500, "text/html", "no text in any encoding"),
    ],
)
def test_what_cannot_be_read_says_why_in_one_line(body, content_type, reason):
    with pytest.raises(UnreadablePage, match=reason) as caught:
        read_page(page(body, content_type))

    assert "https://www.example.com/story" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_html_behind_a_pdf_header_is_html():
    html = b"<html><body><h1>Robots arrive</h1><p>Forty robots went to work in three plants on Thursday, the city said.</p></body></html>"

    assert "Forty robots" in read_page(page(html, "application/pdf")).article.text


def test_arguments_and_result_travel_between_processes():
    read = read_text("x:", TEXT)

    assert pickle.loads(pickle.dumps(read)) == read
    assert isinstance(pickle.loads(pickle.dumps(read_page)), type(read_page))
    assert isinstance(read, ReadPage)


def test_errors_travel_between_processes():
    with pytest.raises(UnreadablePage) as caught:
        read_text("x:", "")

    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_text_longer_than_any_article_is_cut():
    line = "The robot went down the street and came back with a parcel that it had found at the other end.\n"
    article = read_text("x:", "".join(f"{n} {line}" for n in range(8000))).article

    assert len(article.text) <= 400_000
    assert article.notes == ("cut, it is longer than any article",)
