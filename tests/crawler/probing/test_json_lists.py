"""Where the news is in a JSON answer."""

from __future__ import annotations

import pytest

from crawler.probing.json_lists import json_options

PAGE = "https://site.example/news"


def rows(**fields):
    return [{name: value.format(n=n) for name, value in fields.items()} for n in range(1, 6)]


def test_the_list_and_its_fields_are_found():
    items = rows(
        headline="Cranes for pier {n}", link="/d/{n}.html", pubDate="2026-11-1{n}", picture="/p/{n}.jpg"
    )
    assert json_options({"code": 0, "data": {"list": items, "hot": [1, 2, 3]}}, PAGE) == [
        {"items": "data.list", "fields": {"url": "link", "title": "headline", "date": "pubDate"}}
    ]


def test_the_day_of_publication_goes_before_that_of_the_last_change():
    items = rows(
        title="Cranes for pier {n}", url="/{n}", update_time="2026-11-2{n}", publish_time="2026-11-1{n}"
    )
    assert json_options(items, PAGE)[0]["fields"]["date"] == "publish_time"


def test_an_item_without_an_address_gets_that_of_the_links_of_the_page():
    items = rows(title="Cranes for pier {n}", id="77{n}")
    assert json_options(items, PAGE, ["https://site.example/d?x=773"])[0]["url_template"] == (
        "https://site.example/d?x={id}"
    )


def test_else_its_slug_beside_the_page():
    items = rows(title="Cranes for pier {n}", slug="cranes-{n}")
    assert (
        json_options({"posts": items}, PAGE + "?p=1")[0]["url_template"] == "https://site.example/news/{slug}"
    )


@pytest.mark.parametrize(
    "answer",
    [
        None,
        7,
        "text",
        [],
        {},
        [1, 2, 3],
        rows(name="red", size="{n}"),
        rows(title="Same", url="/same"),
        {"a": {"": []}},
    ],
)
def test_what_is_no_list_of_news_gives_nothing(answer):
    assert json_options(answer, PAGE) == []


def test_deep_and_wide_answers_come_to_an_end():
    deep = []
    for _ in range(500):
        deep = [deep, {"a": deep}]
    assert json_options(deep, PAGE) == []
