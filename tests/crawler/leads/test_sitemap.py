import gzip
import zlib

import pytest

from crawler.leads import sitemap
from state.errors import UnreadableListing

SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
IMAGE = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'


def urlset(*entries):
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {SPACE} {NEWS} {IMAGE}>{"".join(entries)}</urlset>'


def page(address, lastmod="", more=""):
    changed = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    return f"<url><loc>{address}</loc>{changed}{more}</url>"


def news(title, when):
    return (
        "<news:news><news:publication><news:name>Example</news:name><news:language>en</news:language>"
        f"</news:publication><news:publication_date>{when}</news:publication_date>"
        f"<news:title>{title}</news:title></news:news>"
    )


def index(*children):
    entries = "".join(
        f"<sitemap><loc>{loc}</loc><lastmod>{when}</lastmod></sitemap>" for loc, when in children
    )
    return f'<?xml version="1.0"?><sitemapindex {SPACE}>{entries}</sitemapindex>'


def test_pages_become_leads_newest_first(read):
    body = urlset(
        page("https://www.example.com/1", "2026-11-18"),
        page("https://www.example.com/3", "2026-11-20T08:00:00+08:00"),
        page("https://www.example.com/2", "2026-11-19"),
    )

    leads = read("sitemap", body)

    assert [(lead.url[-1], lead.published) for lead in leads.items] == [
        ("3", "2026-11-20T08:00:00+08:00"),
        ("2", "2026-11-19"),
        ("1", "2026-11-18"),
    ]


def test_a_news_sitemap_tells_title_time_and_language(read):
    told = news("Robots &amp; ports", "2026-11-20T10:05:00+08:00")
    body = urlset(page("https://www.example.com/1", "2026-11-21", told))

    (lead,) = read("sitemap", body).items

    assert (lead.title, lead.published, lead.lang) == ("Robots & ports", "2026-11-20T10:05:00+08:00", "en")


def test_a_lastmod_is_told_from_a_publication_date(read):
    told = news("News", "2026-11-20T10:05:00+08:00")
    body = urlset(
        page("https://www.example.com/news", "2026-11-21", told),
        page("https://www.example.com/edited", "2026-11-21"),
        page("https://www.example.com/undated"),
    )

    changed = {lead.url.rpartition("/")[2]: lead.changed for lead in read("sitemap", body).items}

    assert changed == {"news": False, "edited": True, "undated": False}


def test_a_pictures_address_is_not_the_pages(read):
    picture = "<image:image><image:loc>https://img.example.com/1.jpg</image:loc></image:image>"
    assert [
        lead.url for lead in read("sitemap", urlset(page("https://www.example.com/1", "", picture))).items
    ] == ["https://www.example.com/1"]


def test_an_index_hands_on_its_children_newest_first(read):
    body = index(
        ("https://www.example.com/2024.xml", "2024-12-31"),
        ("https://www.example.com/2026.xml", "2026-11-20T01:00:00Z"),
        ("https://www.example.com/2025.xml.gz", "2025-12-31"),
        ("/undated.xml", ""),
    )

    leads = read("sitemap", body)

    assert leads.items == ()
    assert leads.more == (
        "https://www.example.com/2026.xml",
        "https://www.example.com/2025.xml.gz",
        "https://www.example.com/2024.xml",
        "https://www.example.com/undated.xml",
    )


def _undated(*names):
    return index(*((f"https://www.example.com/{name}.xml", "") for name in names))


def test_of_an_index_without_dates_numbers_and_years_in_the_names_tell_the_newest(read):
    wordpress = _undated("posts-1", "posts-2", "posts-3", "pages-1", "tags-1")
    years = _undated("2024-11", "2025-2", "2023-12", "2025-11")
    told_otherwise = _undated("b", "a", "c")

    assert _names(read("sitemap", wordpress)) == ["posts-3", "pages-1", "tags-1", "posts-2", "posts-1"]
    assert _names(read("sitemap", years)) == ["2025-11", "2025-2", "2024-11", "2023-12"]
    assert _names(read("sitemap", told_otherwise)) == ["b", "a", "c"]
    assert _names(read("sitemap", told_otherwise, options={"newest": "bottom"})) == ["c", "a", "b"]


def test_a_series_of_maps_that_begins_with_the_highest_number_stands_as_it_is(read):
    assert _names(read("sitemap", _undated("posts-3", "posts-2", "posts-1"))) == [
        "posts-3",
        "posts-2",
        "posts-1",
    ]


def _names(leads):
    return [url.removeprefix("https://www.example.com/").removesuffix(".xml") for url in leads.more]


def test_new_entries_without_dates_at_the_head_of_a_map_stay_there(read):
    new = [page(f"https://www.example.com/new{number}") for number in range(3)]
    old = [page(f"https://www.example.com/old{number}", "2020-01-01") for number in range(300)]

    leads = read("sitemap", urlset(*new, *old), max_leads=5)

    assert [lead.url.rpartition("/")[2] for lead in leads.items] == ["new0", "new1", "new2", "old0", "old1"]


def test_an_index_that_names_itself_leads_nowhere(read):
    url = "https://www.example.com/sitemap.xml"
    assert read("sitemap", index((url, "2026-01-01")), url=url).more == ()


def test_children_can_be_limited_to_a_pattern(read):
    body = index(("https://www.example.com/news-1.xml", ""), ("https://www.example.com/tags-1.xml", ""))
    leads = read("sitemap", body, options={"children": "news"})
    assert leads.more == ("https://www.example.com/news-1.xml",)


def test_an_index_of_very_many_is_cut(read):
    body = index(*((f"https://www.example.com/{number}.xml", "") for number in range(3000)))
    assert len(read("sitemap", body).more) == sitemap.MAX_CHILDREN


def test_gzip_is_told_by_its_bytes(read):
    body = gzip.compress(urlset(page("https://www.example.com/1")).encode())
    assert len(read("sitemap", body).items) == 1


def test_gzip_cut_off_keeps_what_came(read):
    pages = "".join(page(f"https://www.example.com/{zlib.crc32(bytes([n % 251]))}/{n}") for n in range(4000))
    packed = gzip.compress(urlset(pages).encode())

    leads = read("sitemap", packed[: len(packed) // 2])

    assert leads.total > 100
    assert "not well-formed" in leads.remarks[0]


def test_plain_text_lists_are_sitemaps_too(read):
    leads = read("sitemap", "https://www.example.com/1\nhttps://www.example.com/2\n\n")
    assert [lead.url[-1] for lead in leads.items] == ["1", "2"]


@pytest.mark.parametrize("body", [urlset(), f"<urlset {SPACE}/>", "<urlset/>", "<sitemapindex/>"])
def test_an_empty_sitemap_is_no_error(read, body):
    leads = read("sitemap", body)
    assert (leads.items, leads.more, leads.remarks) == ((), (), ())


def test_one_bad_entry_does_not_cost_the_others(read):
    body = urlset("<url><loc></loc></url>", "<url/>", page("https://www.example.com/a?x=1&y=2"), page("/b"))
    assert [lead.url for lead in read("sitemap", body).items] == [
        "https://www.example.com/a?x=1&y=2",
        "https://www.example.com/b",
    ]


def test_no_namespace_a_prefix_and_other_case_are_understood(read):
    bare = "<urlset><url><loc>https://www.example.com/1</loc></url></urlset>"
    prefixed = (
        '<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9">'
        "<s:url><s:loc>https://www.example.com/1</s:loc></s:url></s:urlset>"
    )
    assert read("sitemap", bare).items == read("sitemap", prefixed).items != ()


def test_news_only_and_since(read):
    body = urlset(
        page("https://www.example.com/old", "2026-01-01"),
        page("https://www.example.com/about", "2026-11-20"),
        page("https://www.example.com/news", "2026-11-20", news("News", "2026-11-20")),
    )

    assert [lead.url[24:] for lead in read("sitemap", body, options={"news_only": True}).items] == ["news"]
    assert [lead.url[24:] for lead in read("sitemap", body, options={"since": "2026-11-01"}).items] == [
        "about",
        "news",
    ]


def test_of_undated_addresses_the_first_are_taken_and_that_is_said(read):
    body = urlset(*(page(f"https://www.example.com/{number}") for number in range(300)))

    leads = read("sitemap", body, max_leads=2)
    bottom = read("sitemap", body, max_leads=2, options={"newest": "bottom"})

    assert [lead.url for lead in leads.items] == ["https://www.example.com/0", "https://www.example.com/1"]
    assert leads.remarks == ("300 addresses without dates; only the first 2 are looked at",)
    assert [lead.url for lead in bottom.items] == [
        "https://www.example.com/299",
        "https://www.example.com/298",
    ]


def test_entries_beyond_the_protocols_limit_are_counted(read, monkeypatch):
    monkeypatch.setattr(sitemap, "MAX_ENTRIES", 10)
    leads = read("sitemap", urlset(*(page(f"https://www.example.com/{number}") for number in range(25))))
    assert (len(leads.items), leads.total) == (10, 25)


NO_SITEMAPS = {
    "an HTML page": (
        b"<html><head><title>Not here</title></head></html>",
        'an HTML page titled "Not here" came',
    ),
    "a feed": (b"<rss version='2.0'><channel/></rss>", "an XML document <rss> came"),
    "plain text": (b"404 page not found", "plain text came"),
    "nothing": (b"", "the body is empty"),
    "broken gzip": (b"\x1f\x8bnonsense", "gzip came that does not unpack"),
    "a sitemap cut off at once": (urlset()[:120].encode(), "it breaks off before its first entry"),
    "elements without an end": (b"<urlset>" + b"<a>" * 300_000, "it breaks off before its first entry"),
}


@pytest.mark.parametrize(("body", "came"), NO_SITEMAPS.values(), ids=NO_SITEMAPS.keys())
def test_what_is_no_sitemap_is_told_in_one_line(read, body, came):
    with pytest.raises(UnreadableListing) as caught:
        read("sitemap", body)
    assert "source example: https://www.example.com/news/list should be a sitemap" in str(caught.value)
    assert came in str(caught.value)


def test_a_gzip_bomb_is_refused(read, monkeypatch):
    monkeypatch.setattr(sitemap, "MAX_UNPACKED", 1_000_000)
    with pytest.raises(UnreadableListing, match="unpacks to more than"):
        read("sitemap", gzip.compress(b"<urlset>" + b" " * 1_000_001))


def test_entities_of_the_document_are_never_resolved(read, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("do-not-read-me")
    body = (
        f'<!DOCTYPE urlset [<!ENTITY file SYSTEM "file://{secret}"><!ENTITY inner "inner">]>'
        "<urlset><url><loc>https://www.example.com/&file;</loc></url>"
        "<url><loc>https://www.example.com/&inner;</loc></url>"
        "<url><loc>https://www.example.com/plain</loc></url></urlset>"
    )
    assert [lead.url for lead in read("sitemap", body).items] == ["https://www.example.com/plain"]
