"""The Wayback Machine's two interfaces: its index, answer by answer, and captures as they were."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from crawler.backfill.ways import wayback
from crawler.backfill.ways.wayback import WaybackWay, captured_at
from crawler.backfill.window import Window
from state.backfill_items import Item, Step
from state.errors import UnreadableListing, UnreadablePage
from state.records import Lead


@pytest.fixture
def way(paper, source):
    return WaybackWay({"map": source}, Window(date(2025, 1, 5), date(2025, 2, 3)), paper.base)


async def walk(way, fetch):
    """Ask the index until it names no further answer; give all captures and the queries."""
    steps = list(way.lanes()["map"])
    items, asked = [], []
    while steps:
        step = steps.pop(0)
        asked.append(step.url)
        found = await way.read(
            "map", step, fetch(way.ask("map", step).url), {item.lead.key for item in items}
        )
        items += found.items
        steps += found.more
    return items, asked


async def test_the_index_is_read_answer_by_answer(way, fetch, monkeypatch):
    monkeypatch.setattr(wayback, "ROWS", 12)
    items, asked = await walk(way, fetch)
    assert [item.day for item in items] == [
        str(date.fromordinal(date(2025, 1, 5).toordinal() + n)) for n in range(30)
    ]
    assert len(asked) > 2
    assert all("collapse=urlkey" in url and "filter=statuscode%3A200" in url for url in asked)


async def test_a_capture_is_asked_for_as_its_site_served_it(way, fetch, paper):
    (first, *_), _ = await walk(way, fetch)
    assert first.address == f"{paper.base}/web/20250107120000id_/{paper.base}/news/2025/01/05/4.html"
    page = way.restored(first, fetch(first.address))
    assert page.final_url == f"{paper.base}/news/2025/01/05/4.html"
    assert page.fetched_at == datetime(2025, 1, 7, 12, tzinfo=UTC)
    assert b"Shenzhen unveils" in page.body


async def test_an_archive_that_leads_elsewhere_gave_no_capture(way, fetch, paper):
    (first, *_), _ = await walk(way, fetch)
    page = replace(fetch(first.address), final_url="https://archive.example/donate")
    with pytest.raises(UnreadablePage, match="no capture"):
        way.restored(first, page)


async def test_a_redirected_capture_is_the_page_it_led_to(way, paper, fetch):
    item = Item(Lead("http://old.example/a", "https://old.example/a", "map"), "x", "y")
    page = replace(
        fetch(paper.base), final_url=f"{paper.base}/web/20250301000000id_/https:/new.example/a?b=1"
    )
    assert way.restored(item, page).final_url == "https://new.example/a?b=1"


@pytest.mark.parametrize(
    "body", [b"<html>Too many requests</html>", b'{"error": 1}', b"[[1", b'[["urlkey"], ["x"]]']
)
async def test_an_index_that_answers_something_else_says_so(way, paper, fetch, body):
    page = replace(fetch(paper.base), body=body)
    with pytest.raises(UnreadableListing, match="no index"):
        await way.read("map", Step("cdx", "x"), page, set())


async def test_an_empty_index_is_no_error(way, paper, fetch):
    found = await way.read("map", Step("cdx", "x"), replace(fetch(paper.base), body=b"[]"), set())
    assert found.items == found.more == ()


def test_stamps_that_are_no_time_are_none():
    assert captured_at("20250230000000") is None
    assert captured_at("") is None


def test_captures_take_the_whole_walk_with_the_time_of_their_capture(house, paper):
    code, last, _ = house.backfill(
        "map", "--since", "2025-01-05", "--until", "2025-01-20", "--via", "wayback", "--archive", paper.base
    )
    assert code == 0
    assert last["report"]["articles"] == 16
    assert house.count("SELECT count(*) FROM articles WHERE fetched_at LIKE '2025-01-%T12:00%'") == 16
    assert house.count("SELECT count(*) FROM page_lines WHERE host NOT LIKE 'archive %'") == 0
    assert all(path.startswith("/web/") for path in paper.asked if "/news/" in path)
