"""What a page tells about its site, and which of its links are news."""

from __future__ import annotations

from crawler.probing.clues import read_clues

URL = "https://site.example/"


def clues(body, head=""):
    return read_clues(f"<html><head>{head}</head><body>{body}</body></html>".encode(), URL, {})


def test_feeds_are_found_in_the_head_and_in_the_footer_but_not_those_of_comments():
    head = (
        '<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">'
        '<link rel="alternate" type="application/atom+xml" href="news.atom">'
        '<link rel="alternate" hreflang="en" href="/en/">'
    )
    found = clues(
        '<a href="/x?type=1">RSS</a><a href="/feed">Feed</a><a href="/rsssomething">words</a>', head
    )
    assert found.feeds == (URL + "news.atom", URL + "x?type=1", URL + "feed")


def test_interfaces_of_the_own_site_are_found_in_scripts():
    script = (
        '<script>get("/api/list?page=1"); get("https://other.example/api/x"); load("/manifest.json")</script>'
    )
    assert clues(script).interfaces == (URL + "api/list?page=1",)


def test_sections_are_known_by_their_names():
    found = clues(
        '<a href="/about">About</a><a href="/xwzx/">新闻中心</a><a href="/n/">News</a><a href="https://b.example/">News</a>'
    )
    assert found.sections == (URL + "n/", URL + "xwzx/")


def test_a_list_beats_the_menu_above_it():
    menu = "".join(f'<a href="/menu/{n}.html">Chapter {n}</a>' for n in range(20))
    items = "".join(
        f'<li><a href="/a/{n}.html">A headline of some length, number {n}</a><span>2026-11-{n}</span></li>'
        for n in range(10, 20)
    )
    best = clues(f"<nav>{menu}</nav><ul>{items}</ul>").blocks[0]
    assert best.options == {"pattern": r"^https?://site\.example/a/\d+\.html$"}
    assert len(best.leads) == 10


def test_relative_days_get_a_selector_of_their_own():
    items = "".join(
        f'<div class="row"><a href="/a/{n}">A headline of some length, number {n}</a><i class="ago">{n} hours ago</i></div>'
        for n in range(2, 9)
    )
    assert clues(items).blocks[0].options["date"] == "i.ago"


def test_what_is_no_page_has_no_clues():
    assert read_clues(b"%PDF-1.7", URL, {}) is None


def test_hostile_pages_are_read_in_bounded_time():
    assert clues("<div>" * 3000 + '<a href="/1">x</a>' * 9000).blocks == ()
