"""What the addresses of a site have in common, as patterns."""

from __future__ import annotations

import pytest
import re2

from crawler.probing.shapes import shapes_of


def shapes(*paths):
    return shapes_of([f"https://site.example{path}" for path in paths])


@pytest.mark.parametrize(
    ("paths", "pattern"),
    [
        (["/a/post_1.html", "/a/post_22.html", "/a/post_3.html"], r"/a/post_\d+\.html$"),
        (["/2026-11/20/c_1.htm", "/2026-11/19/c_2.htm", "/2026-10/01/c_3.htm"], r"/\d+-\d+/\d+/c_\d+\.htm$"),
        (["/show.php?cid=3&id=1", "/show.php?cid=3&id=2", "/show.php?cid=4&id=3"], r"/show\.php\?cid=\d+&id=\d+$"),
        (["/n_ab12cd34/0a1b2c3d4e.shtml", "/n_ab12cd34/1a2b3c4d5e.shtml", "/n_ab12cd34/9f8e7d6c5b.shtml"], r"/n_[0-9a-f]+/[0-9a-f]+\.shtml$"),
    ],
)  # fmt: skip
def test_what_varies_becomes_a_pattern_and_the_rest_stays(paths, pattern):
    first = shapes(*paths)[0]
    assert first.telling
    assert first.pattern == rf"^https?://site\.example{pattern}"
    assert all(re2.search(first.pattern, url) for url in first.urls)


def test_headlines_are_told_from_the_names_of_pages():
    first = shapes(
        "/robot-opens-a-tram-depot",
        "/harbour-gets-new-cranes/",
        "/fish-market-moves-to-pier",
        "/about",
        "/jobs",
    )[0]
    assert first.telling
    assert not re2.search(first.pattern, "https://site.example/about")


def test_columns_of_a_portal_become_one_shape():
    first = shapes("/policy/1.html", "/policy/2.html", "/trade/3.html", "/trade/4.html", "/people/5.html")[0]
    assert first.pattern == r"^https?://site\.example/[^/?#]+/\d+\.html$"


def test_what_only_says_where_the_reader_came_from_may_be_missing():
    first, *_ = shapes("/d/1?utm_source=list", "/d/2?utm_source=list", "/d/3?utm_source=list")
    assert first.pattern == r"^https?://site\.example/d/\d+(?:\?.*)?$"
    assert re2.search(first.pattern, "https://site.example/d/4")


def test_bare_words_in_one_folder_tell_nothing_by_themselves():
    assert [(one.pattern, one.telling) for one in shapes("/press/mills", "/press/parks", "/press/trams")] == [
        (r"^https?://site\.example/press/[^/?#]+/?$", False)
    ]


def test_pictures_programs_and_broken_addresses_have_no_shape():
    assert shapes("/1.jpg", "/2.jpg", "/3.jpg", "/4.apk", ":bad/1") == []


def test_every_pattern_is_one_that_the_catalogue_accepts():
    for one in shapes(
        "/a(b)/1+2.html", "/a(b)/3+4.html", "/a(b)/5+6.html", "/新闻/一", "/新闻/二", "/新闻/三"
    ):
        assert all(re2.search(one.pattern, url) for url in one.urls)
