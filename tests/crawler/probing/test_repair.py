"""How a listing that drifted can be read again, from its page of today and what it brought before."""

from __future__ import annotations

from crawler.probing.mending import block_of
from crawler.probing.repair import Brought, derive
from state.records import Lead, Source

URL = "https://site.example/news/"
SOURCE = Source("gd", "listing", URL, options={"item": "ul.list li", "paging": {"url": "index_{page}.html"}})
TITLES = [f"The harbour gets crane number {number} of its new pier" for number in range(10, 22)]
KNOWN = Brought.of([Lead(f"{URL}{title}", f"site.example/{number}", "gd", title) for number, title in enumerate(TITLES)])  # fmt: skip


def repair(body, *, source=SOURCE, brought=KNOWN):
    return derive(f"<html><body>{body}</body></html>".encode(), source, URL, {}, brought)


def rows(titles, *, path="a", item="p", row="row", day="<em class=day>{n} hours ago</em>"):
    return "".join(
        f'<div class="{row}"><{item}><a href="/{path}/{n}.html">{title}</a></{item}>{day.format(n=n)}</div>'
        for n, title in enumerate(titles, 2)
    )


def test_a_new_markup_gets_new_selectors_and_keeps_what_is_no_selector():
    found = repair(rows(TITLES))
    assert found.options["item"] == "div.row"
    assert found.options["date"] == "em.day"
    assert found.options["paging"] == {"url": "index_{page}.html"}
    assert (found.leads, found.known, found.dated) == (12, 12, 12)
    assert found.sample[0] == TITLES[0]


def test_the_list_with_the_known_articles_wins_over_the_one_that_looks_better():
    other = [
        f"Related: what readers of the whole country liked best in week {week}" for week in range(10, 40)
    ]
    found = repair(rows(other, path="best", row="teaser") + rows(TITLES, day=""))
    assert (found.leads, found.known) == (12, 12)


def test_dates_that_moved_are_found_again():
    source = Source("gd", "listing", URL, options={"item": "div.row", "date": "span.time"})
    found = repair(rows(TITLES), source=source)
    assert found.options["date"] == "em.day"


def test_a_listing_that_is_read_well_needs_no_repair():
    source = Source("gd", "listing", URL, options={"item": "div.row", "date": "em.day"})
    found = repair(rows(TITLES), source=source)
    assert (found.options, found.leads, found.known) == (None, 12, 12)


def test_where_nothing_can_be_read_as_a_list_nothing_is_proposed():
    menu = "".join(f'<li><a href="/m{n}/">Menu {n}</a></li>' for n in range(9))
    for body in (f"<ul class=nav>{menu}</ul><p>We will be back soon.</p>", "", "<script>boot()</script>"):
        assert repair(body).options is None
    assert derive(b"%PDF-1.7", SOURCE, URL, {}, KNOWN).options is None


def test_a_hostile_page_ends_in_bounded_time():
    deep = "<div class='\x1b[31m {} * > a'>" * 3000 + '<a href="/1">x</a>' * 9000
    assert repair(deep).options is None


def test_what_a_family_says_is_not_repeated_and_what_it_must_not_say_is_null():
    family = {"pattern": r"/post_\d+", "paging": {"url": "i_{page}"}}
    assert block_of({"item": "li", "paging": {"url": "i_{page}"}}, family) == {"item": "li", "pattern": None}
    assert block_of({"item": "li"}, {}) == {"item": "li"}
