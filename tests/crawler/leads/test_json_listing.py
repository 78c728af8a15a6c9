import json

import pytest

from crawler.leads import json_listing
from state.errors import UnreadableListing

ARTICLES = {"items": "data.list", "fields": {"url": "link", "title": "name", "date": ["shown", "stored"]}}


def answer(*items):
    return json.dumps({"code": 0, "data": {"list": list(items)}}, ensure_ascii=False)


def test_paths_and_fields_lead_to_the_items(read):
    body = answer(
        {"link": "/1", "name": "甲", "shown": "2026-11-20 10:05:00", "stored": "2026-11-01"},
        {"link": "/2", "name": "乙", "shown": "", "stored": "2026-11-01"},
        {"link": "/3", "name": "丙", "shown": 1795142700},
    )

    assert [
        (lead.url[-1], lead.title, lead.published) for lead in read("json", body, options=ARTICLES).items
    ] == [
        ("3", "丙", "2026-11-20T10:45:00+08:00"),
        ("1", "甲", "2026-11-20 10:05:00"),
        ("2", "乙", "2026-11-01"),
    ]


def test_fields_have_plain_defaults(read):
    item = {
        "url": "/1",
        "title": "甲",
        "date": "2026-11-20",
        "summary": "<p>摘要</p>",
        "content": "<p>正文</p>",
        "lang": "zh",
    }
    (lead,) = read("json", json.dumps([item])).items
    assert (lead.title, lead.published, lead.summary) == ("甲", "2026-11-20", "<p>摘要</p>")
    assert (lead.content, lead.lang) == ("<p>正文</p>", "zh")


def test_addresses_are_built_from_a_template(read):
    options = {"items": "data.list", "url_template": "https://www.example.com/{column.id}/{id}.html"}
    body = answer({"id": 7, "column": {"id": "ai news"}}, {"id": 8}, {"id": {"no": 1}, "column": {"id": "x"}})

    leads = read("json", body, options=options)

    assert [lead.url for lead in leads.items] == ["https://www.example.com/ai%20news/7.html"]
    assert leads.remarks == ("items without an address worth fetching: 2",)


def test_a_template_is_no_program(read):
    options = {"url_template": "https://www.example.com/{__class__}/{0.__init__}/{id}"}
    assert read("json", '[{"id": 1}]', options=options).items == ()


def test_a_template_leads_nowhere_else(read):
    options = {"url_template": "https://www.example.com/a/{id}.html"}
    (lead,) = read("json", '[{"id": "?x=1#/evil.example.net"}]', options=options).items
    assert lead.url == "https://www.example.com/a/%3Fx%3D1%23/evil.example.net.html"


def test_where_keeps_only_items_of_a_kind(read):
    body = json.dumps(
        [{"url": "/1", "kind": 0}, {"url": "/2", "kind": 1}, {"url": "/3", "kind": "0"}, {"url": "/4"}]
    )
    assert [lead.url[-1] for lead in read("json", body, options={"where": {"kind": 0}}).items] == ["1", "3"]


def test_jsonp_is_unwrapped(read):
    assert (
        len(read("json", 'jQuery.cb_1({"data": {"list": [{"link": "/1"}]}});', options=ARTICLES).items) == 1
    )


def test_lists_can_be_counted_into(read):
    body = '{"blocks": [{"name": "ad"}, {"rows": [{"url": "/1"}]}]}'
    assert len(read("json", body, options={"items": "blocks.1.rows"}).items) == 1


def test_gb18030_answers_are_read(read):
    body = answer({"link": "/1", "name": "关于征集人工智能应用场景的通知和相关工作安排"}).encode("gb18030")
    leads = read("json", body, {"content-type": "application/json"}, options=ARTICLES)
    assert leads.items[0].title == "关于征集人工智能应用场景的通知和相关工作安排"


def test_an_empty_list_is_no_error(read):
    leads = read("json", answer(), options=ARTICLES)
    assert (leads.items, leads.total, leads.remarks) == ((), 0, ())


def test_items_without_addresses_are_remarked_upon(read):
    leads = read("json", answer({"headline": "甲", "href": "/1"}), options=ARTICLES)
    assert leads.remarks == (
        "no item has an address; has the answer changed? the first has the keys headline, href",
        "items without an address worth fetching: 1",
    )


def test_filters_that_leave_nothing_are_no_news(read):
    leads = read("json", answer({"link": "/1"}), options={**ARTICLES, "pattern": "zzz"})
    assert (leads.items, leads.total, leads.remarks) == ((), 0, ())


def test_of_an_endless_answer_the_rest_is_counted(read, monkeypatch):
    monkeypatch.setattr(json_listing, "MAX_ITEMS", 3)
    leads = read("json", answer(*({"link": f"/{number}"} for number in range(10))), options=ARTICLES)
    assert (len(leads.items), leads.total) == (3, 10)


def test_things_that_are_no_items_are_passed_over(read):
    leads = read(
        "json",
        answer(None, 3, "x", [], {"link": ["/0"]}, {"link": "/1", "name": {"zh": "甲"}}),
        options=ARTICLES,
    )
    assert [(lead.url[-1], lead.title) for lead in leads.items] == [("1", None)]


def test_line_breaks_and_tabs_inside_a_string_do_not_cost_the_source(read):
    body = b'[{"url": "/1.html", "title": "Robots\tlearn\nto walk"}]'

    (lead,) = read("json", body, options={}).items

    assert lead.title == "Robots learn to walk"


@pytest.mark.parametrize(
    ("body", "came"),
    [
        (b"", "the body is empty"),
        (b"<html><title>Sign in</title>", 'an HTML page titled "Sign in" came'),
        (b"{'single': 'quotes'}", "JSON that does not parse"),
        (b'{"data": {"list": [', "JSON that does not parse"),
        (b"[" * 500_000, "JSON that does not parse"),
        (b'{"code": 403, "msg": "denied"}', 'JSON without a list at "data.list" (the keys code, msg) came'),
        (b'{"data": {"list": null}}', 'JSON without a list at "data.list"'),
        (b"[]", 'JSON without a list at "data.list" (a list) came'),
        (b"42", 'JSON without a list at "data.list" (a int) came'),
        (b"1" * 5000, "plain text came"),
        (b"cb(not json)", "plain text came"),
    ],
)
def test_what_is_no_listing_is_told_in_one_line(read, body, came):
    with pytest.raises(UnreadableListing) as caught:
        read("json", body, options=ARTICLES)
    assert "source example: https://www.example.com/news/list should be a JSON listing" in str(caught.value)
    assert came in str(caught.value)
    assert "\n" not in str(caught.value)
