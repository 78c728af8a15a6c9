import json
import time
from datetime import timedelta

import pytest

from state.errors import UnreadableListing

ITEM = "<item><title>{0}</title><link>https://www.example.com/{0}</link><pubDate>{1}</pubDate></item>"

ONE_STORY = {
    "RSS 0.91": """<?xml version="1.0"?><rss version="0.91"><channel><title>t</title>
        <item><title>Port opens</title><link>https://www.example.com/port</link></item></channel></rss>""",
    "RSS 0.92": """<rss version="0.92"><channel><title>t</title>
        <item><title>Port opens</title><link>https://www.example.com/port</link></item></channel></rss>""",
    "RSS 0.90": """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">
        <item><title>Port opens</title><link>https://www.example.com/port</link></item></rdf:RDF>""",
    "RSS 1.0": """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
        <item rdf:about="https://www.example.com/port"><title>Port opens</title>
        <link>https://www.example.com/port</link></item></rdf:RDF>""",
    "RSS 2.0": """<rss version="2.0"><channel><title>t</title>
        <item><title>Port opens</title><guid>https://www.example.com/port</guid></item></channel></rss>""",
    "RSS without a version": """<rss><channel>
        <item><title>Port opens</title><link>https://www.example.com/port</link></item></channel></rss>""",
    "Atom 0.3": """<feed version="0.3" xmlns="http://purl.org/atom/ns#">
        <entry><title>Port opens</title><link rel="alternate" href="https://www.example.com/port"/></entry></feed>""",
    "Atom 1.0": """<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="https://www.example.com/feed"/>
        <entry><title>Port opens</title><link rel="edit" href="https://www.example.com/edit/1"/>
        <link href="https://www.example.com/port"/></entry></feed>""",
    "JSON Feed": """{"version": "https://jsonfeed.org/version/1.1", "title": "t",
        "items": [{"id": "1", "url": "https://www.example.com/port", "title": "Port opens"}]}""",
    "JSON Feed with an address as id": """{"version": "https://jsonfeed.org/version/1",
        "items": [{"id": "https://www.example.com/port", "title": "Port opens"}]}""",
}


@pytest.mark.parametrize("body", ONE_STORY.values(), ids=ONE_STORY.keys())
def test_every_version_gives_the_same_lead(read, body):
    leads = read("feed", body)

    (lead,) = leads.items
    assert (lead.url, lead.title, lead.source_id) == ("https://www.example.com/port", "Port opens", "example")
    assert (leads.total, leads.more, leads.remarks) == (1, (), ())


EMPTY = (
    "<rss version='2.0'><channel><title>t</title></channel></rss>",
    "<rss/>",
    "<feed xmlns='http://www.w3.org/2005/Atom'/>",
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>",
    '{"version": "https://jsonfeed.org/version/1.1", "items": []}',
)


@pytest.mark.parametrize("body", EMPTY)
def test_an_empty_feed_is_no_error(read, body):
    assert read("feed", body).items == ()


NO_FEEDS = {
    "an HTML page": (
        b"<!DOCTYPE html><html><head><title>Please log in</title></head><body><form></form></body></html>",
        'an HTML page titled "Please log in" came',
    ),
    "a page without doctype": (b"<html><body>Moved</body></html>", "an HTML page without a title came"),
    "nothing": (b"", "the body is empty"),
    "white space": (b" \r\n\t", "the body is empty"),
    "a sitemap": (b"<?xml version='1.0'?><urlset></urlset>", "an XML document <urlset> came"),
    "plain text": (b"Service unavailable", "plain text came: 'Service unavailable'"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 9, "a picture came"),
    "noise": (bytes(range(256)) * 4, "binary content came"),
    "JSON of another kind": (b'{"code": 500}', "JSON came, without a list of items"),
    "a JSON list": (b"[1, 2]", "JSON came"),
    "JSON cut off": (b'{"items": [{"url": "https://a.exa', "JSON came that does not parse"),
    "JSON without a bottom": (b'{"items": ' + b"[" * 100_000, "JSON came that does not parse"),
    "a feed cut off before its first item": (
        b"<?xml version='1.0'?><rss version='2.0'><channel><title>Exam",
        "it breaks off before its first item",
    ),
}


@pytest.mark.parametrize(("body", "came"), NO_FEEDS.values(), ids=NO_FEEDS.keys())
def test_what_is_no_feed_is_told_in_one_line(read, body, came):
    with pytest.raises(UnreadableListing) as caught:
        read("feed", body)

    said = str(caught.value)
    assert "source example: https://www.example.com/news/list should be a feed" in said
    assert came in said
    assert "\n" not in said
    assert len(said) < 500


def test_the_content_type_is_named_where_it_helps(read):
    with pytest.raises(UnreadableListing, match="the body is empty, served as text/html"):
        read("feed", b"", {"Content-Type": "text/html; charset=utf-8"})


def test_a_feed_cut_off_later_keeps_what_came(read, rss):
    body = rss(ITEM.format("one", "Fri, 20 Nov 2026 10:05:00 GMT") + "<item><title>tw")

    leads = read("feed", body)

    assert leads.items[0].title == "one"
    assert "not well-formed XML" in leads.remarks[0]


BYTES = {
    "as declared": ("gb2312", "gb18030", "text/xml"),
    "declared gb2312, sent as UTF-8": ("gb2312", "utf-8", "text/xml"),
    "declared UTF-8, sent as GB18030": ("utf-8", "gb18030", "text/xml"),
    "header says another charset": ("utf-8", "utf-8", "text/xml; charset=iso-8859-1"),
    "Big5 as declared": ("big5", "big5", "text/xml"),
    "UTF-16 with its mark": ("utf-16", "utf-16", "application/rss+xml"),
}


@pytest.mark.parametrize(("declared", "sent", "header"), BYTES.values(), ids=BYTES.keys())
def test_charsets_are_told_by_the_bytes(read, declared, sent, header):
    text = (
        f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel><title>省新聞</title>'
        "<item><title>廣東發布人工智能產業政策 推動機器人發展</title><link>https://www.example.com/1</link>"
        "<description>政策支持企業開展研究，建設公共平台，並且要在三年內完成主要的工作。</description>"
        "</item></channel></rss>"
    )

    leads = read("feed", text.encode(sent), {"content-type": header})

    assert leads.items[0].title == "廣東發布人工智能產業政策 推動機器人發展"
    assert leads.remarks == ()


TITLES = {
    "AI &amp; robots": "AI & robots",
    "AI &amp;amp; robots": "AI & robots",
    "&lt;b&gt;AI&lt;/b&gt; robots": "AI robots",
    "&amp;lt;b&amp;gt;AI&amp;lt;/b&amp;gt;": "AI",
    "<![CDATA[<svg onload=alert(1)>AI]]>": "AI",
    "  AI \n\n  robots ": "AI robots",
    "5 &lt; 6 models": "5 < 6 models",
    "&#22823;&#30086;": "大疆",
    "": None,
}


@pytest.mark.parametrize(("written", "title"), TITLES.items())
def test_titles_are_plain_text(read, rss, written, title):
    body = rss(f"<item><title>{written}</title><link>https://www.example.com/1</link></item>")
    assert read("feed", body).items[0].title == title


def test_bodies_inside_the_feed_are_kept_as_they_are(read):
    body = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item>
        <link>https://www.example.com/1</link><description>&lt;p&gt;Teaser&lt;/p&gt;</description>
        <content:encoded><![CDATA[<p>Teaser</p><p onclick="x()">Body</p>]]></content:encoded></item></channel></rss>"""

    (lead,) = read("feed", body).items

    assert (lead.summary, lead.content) == ("<p>Teaser</p>", '<p>Teaser</p><p onclick="x()">Body</p>')


def test_relative_links_refer_to_where_the_feed_came_from(read, rss):
    body = rss("<item><link>../a/1.html</link></item><item><link>//other.example.org/2</link></item>")
    assert [lead.url for lead in read("feed", body).items] == [
        "https://www.example.com/a/1.html",
        "https://other.example.org/2",
    ]


def test_links_that_lead_nowhere_are_counted_and_left_out(read, rss):
    links = ("javascript:alert(1)", "mailto:desk@example.com", "", "https://www.example.com/1")
    leads = read("feed", rss("".join(f"<item><link>{link}</link></item>" for link in links)))

    assert [lead.url for lead in leads.items] == ["https://www.example.com/1"]
    assert leads.remarks == ("items without an address worth fetching: 3",)


def test_a_feed_services_redirect_gives_way_to_the_address_behind_it(read):
    body = """<rss version="2.0" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><item>
        <link>https://feeds.example.net/~r/1</link>
        <feedburner:origLink>https://www.example.com/1</feedburner:origLink></item></channel></rss>"""
    assert read("feed", body).items[0].url == "https://www.example.com/1"


def test_a_story_listed_twice_is_one_lead(read, rss):
    twice = "<item><link>https://www.example.com/1?utm_source=rss</link></item>" + ITEM.format(
        "1", "2026-11-20"
    )
    leads = read("feed", rss(twice))

    (lead,) = leads.items
    assert (lead.title, lead.published, leads.total) == ("1", "2026-11-20", 1)


def test_the_newest_are_kept_and_the_rest_is_counted(read, rss):
    days = [ITEM.format(day, f"2026-11-{day:02} 08:00") for day in range(1, 21)]

    leads = read("feed", rss("".join(days)), max_leads=3)

    assert [lead.title for lead in leads.items] == ["20", "19", "18"]
    assert leads.total == 20


def test_without_dates_the_feeds_own_order_counts(read, rss):
    body = rss("".join(ITEM.format(number, "") for number in range(5)))
    assert [lead.title for lead in read("feed", body, max_leads=2).items] == ["0", "1"]


PERIODS = {
    "<ttl>60</ttl>": timedelta(hours=1),
    "<ttl> 15 </ttl>": timedelta(minutes=15),
    "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>": timedelta(
        minutes=15
    ),
    "<sy:updatePeriod>\n\tdaily\t</sy:updatePeriod>": timedelta(days=1),
    "<ttl>0</ttl>": None,
    "<ttl>-5</ttl>": None,
    "<ttl>soon</ttl>": None,
    "<ttl>99999999</ttl>": None,
    "<ttl>nan</ttl>": None,
    "<ttl>1e400</ttl>": None,
    "<sy:updatePeriod>never</sy:updatePeriod>": None,
    "": None,
}


@pytest.mark.parametrize(("written", "ttl"), PERIODS.items())
def test_the_pace_a_feed_asks_for_is_told(read, rss, written, ttl):
    assert read("feed", rss("", channel=written)).ttl == ttl


def test_a_pattern_takes_only_fitting_addresses(read, rss):
    body = rss(ITEM.format("ai/1", "") + ITEM.format("sport/2", ""))
    assert [lead.title for lead in read("feed", body, options={"pattern": "/ai/"}).items] == ["ai/1"]


def test_a_json_feed_may_hold_line_breaks_inside_a_string(read):
    body = (
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "/1", "title": "Robots\nwalk"}]}'
    )

    (lead,) = read("feed", body).items

    assert lead.title == "Robots walk"


def test_json_feed_fields_arrive(read):
    item = {
        "id": 7,
        "url": "/7",
        "title": "Robots &amp; ports",
        "summary": "Short.",
        "content_html": "<p>Long.</p>",
        "date_published": "2026-11-20T10:05:00+08:00",
    }
    body = json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "language": "en", "items": [item, None, "x"]}
    )

    (lead,) = read("feed", body).items

    assert (lead.url, lead.title, lead.lang) == ("https://www.example.com/7", "Robots & ports", "en")
    assert (lead.summary, lead.content) == ("Short.", "<p>Long.</p>")
    assert lead.published == "2026-11-20T10:05:00+08:00"


def test_halves_of_characters_do_not_travel(read):
    body = '{"items": [{"url": "https://www.example.com/1", "title": "A\\ud800B\\u0000C", "content_html": "\\udfff"}]}'
    (lead,) = read("feed", body).items
    assert (lead.title, lead.content) == ("ABC", None)


def test_entity_bombs_and_external_entities_stay_shut(read, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("do not read me")
    levels = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 12))
    body = (
        f'<!DOCTYPE rss [<!ENTITY a0 "ha">{levels}<!ENTITY file SYSTEM "file://{secret}">]>'
        "<rss version='2.0'><channel><item><title>&a11;&file;</title>"
        "<link>https://www.example.com/1</link></item></channel></rss>"
    )

    leads = read("feed", body)

    assert all("do not read me" not in (lead.title or "") for lead in leads.items)
    assert all(len(lead.title or "") < 100 for lead in leads.items)


PEOPLE = {
    "author": "<author>{}</author>",
    "in CDATA": "<author><![CDATA[{}]]></author>",
    "split by a comment": "<author>a<!-- b -->{}</author>",
    "dc:creator": "<dc:creator>{}</dc:creator>",
    "managingEditor": "<managingEditor>{}</managingEditor>",
}


@pytest.mark.parametrize("element", PEOPLE.values(), ids=PEOPLE.keys())
def test_a_name_of_100_kb_costs_next_to_nothing(read, rss, element):
    body = rss(f"<item><link>https://www.example.com/1</link>{element.format('a' * 100_000)}</item>")

    before = time.process_time()
    leads = read("feed", body)

    assert len(leads.items) == 1
    # Quadratic behaviour takes forty seconds here, linear a few milliseconds.
    assert time.process_time() - before < 5


def test_of_an_endless_feed_both_ends_are_read(read, rss):
    numbers = range(30_000)
    body = rss("".join(ITEM.format(number, "") for number in numbers))

    leads = read("feed", body, max_leads=2000)

    titles = {int(lead.title) for lead in leads.items}
    assert titles == set(numbers[:1000]) | set(numbers[-1000:])
    assert leads.total == 30_000
    assert leads.remarks == ("28000 items from the middle of a very long feed were counted, not read",)
