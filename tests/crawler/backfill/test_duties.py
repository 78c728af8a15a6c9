"""What the holder of the state does for a backfill: whole or not at all, twice without harm, and fit for a socket."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.backfill.desk import Desk
from crawler.backfill.duties import DUTIES
from crawler.backfill.requests import Begin, Block, Claim, Ended, Entry, Kept, Listed, Ordered
from crawler.backfill.turns import SharedPace
from crawler.configuration.load import load_configuration
from crawler.reading.page import ReadPage
from crawler.station import build_ingest
from state import leads, pages
from state.backfill_files import File
from state.backfill_items import Claimed, Item, Step
from state.backfills import Backfill
from state.errors import StateError
from state.records import Article, Lead, Page, Published

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://news.example/a"
LEAD = Lead(URL, URL, "map")
ITEM = Item(LEAD, URL, "news.example", "2025-03-01")
TEXT = "Shenzhen today unveiled the Kalomi robot, which runs an AI model called Renta."


@pytest.fixture
async def desk(house):
    configuration = load_configuration(house.config)
    pace = SharedPace(timedelta(0), configuration.state, lambda: False)
    desk = await Desk(configuration.state, build_ingest(configuration)).open(pace)
    yield desk
    await desk.close()


async def fetched(desk, *, url=URL):
    """Bring one page so far that it waits to be ingested."""
    begun = Begin(Backfill("bf_1", "{}", "planning", NOW, NOW), {"map": (Step("sitemap", "x"),)})
    await desk.do("begin", begun)
    await desk.do("listed", Listed("bf_1", "map", Step("sitemap", "x"), (ITEM,)))
    await desk.do("ordered", Ordered("bf_1"))
    claimed = await desk.do("claim", Claim("bf_1", "news.example"))
    await desk.do("keep", Kept("bf_1", Page(url, url, b"<p>", NOW, source_id="map"), claimed.item.lead))


def entry(text=TEXT):
    article = Article(
        URL,
        "Shenzhen unveils Kalomi robot",
        text,
        "en",
        Published("2025-03-01", "day", "meta"),
        source_id="map",
    )
    return Entry(URL, URL, ReadPage(article, ("abc",)), URL, "news.example")


async def test_a_block_is_ingested_once_however_often_it_is_asked_for(desk, house):
    await fetched(desk)
    block = Block("bf_1", "none", (entry(),))
    (first,) = await desk.do("ingest", block)
    assert (first.state, first.matches, first.alerts) == ("kept", 1, 0)
    (second,) = await desk.do("ingest", block)
    assert second.state == "known"
    assert house.count("SELECT count(*) FROM articles") == 1
    assert house.count("SELECT state = 'done' FROM pages") == 1
    assert house.count("SELECT count(*) FROM leads WHERE state = 'done'") == 1


async def test_a_block_of_a_file_whose_answer_got_lost_changes_nothing_again(desk, house):
    begun = Begin(Backfill("bf_1", "{}", "planning", NOW, NOW), {}, (("a.warc.gz", 900),))
    await desk.do("begin", begun)
    block = Block("bf_1", "none", (entry(),), File(0, "a.warc.gz", 900, offset=500, record=3), skipped=4)
    assert len(await desk.do("ingest", block)) == 1
    assert await desk.do("ingest", block) == ()
    assert house.count("SELECT skipped FROM backfill_files") == 4


async def test_an_entry_that_breaks_the_walk_leaves_the_others_alone(desk, house):
    begun = Begin(Backfill("bf_1", "{}", "planning", NOW, NOW), {}, (("a.warc.gz", 900),))
    await desk.do("begin", begun)
    broken = replace(
        entry(), reading=ReadPage(replace(entry().reading.article, published=Published("no date")), ())
    )
    broken = replace(broken, url="https://news.example/b", place="byte 7")
    file = File(0, "a.warc.gz", 900, offset=500, record=3)
    outcomes = await desk.do("ingest", Block("bf_1", "none", (broken, entry()), file))
    assert [one.state for one in outcomes] == ["failed", "kept"]
    assert house.count("SELECT count(*) FROM articles") == 1
    assert "ValueError" in house.count("SELECT why FROM backfill_faults WHERE place = 'byte 7'")


async def test_a_full_disk_takes_back_the_whole_block_and_says_what_to_do(desk, house):
    await fetched(desk)
    pages = desk._writer.run_now(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    desk._writer.run_now(lambda db: db.execute(f"PRAGMA max_page_count = {pages}").fetchone())
    with pytest.raises(StateError, match=r"full.*what is stored stays.*--resume"):
        await desk.do("ingest", Block("bf_1", "none", (entry(TEXT * 4000),)))
    assert house.count("SELECT count(*) FROM articles") == 0
    assert house.count("SELECT state FROM backfill_items") == "fetched"
    desk._writer.run_now(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchone())
    (outcome,) = await desk.do("ingest", Block("bf_1", "none", (entry(),)))
    assert outcome.state == "kept"


async def test_a_page_of_another_process_is_kept_for_its_turn_and_not_read_by_others(desk, house):
    await fetched(desk)
    assert house.count("SELECT state FROM pages") == "held"
    assert house.count("SELECT count(*) FROM pages WHERE state = 'waiting'") == 0


async def test_an_article_that_the_live_crawl_waits_for_stays_news(desk, house):
    """A site that answered 503 when the article was new must not cost its alert."""
    live = replace(LEAD, title="As the feed has it")
    desk._writer.run_now(leads.add, [live], "live", NOW)
    desk._writer.run_now(leads.mark_failed, URL, "answered HTTP 503", NOW + timedelta(hours=6))
    await fetched(desk)
    assert house.count("SELECT state || ' ' || origin FROM pages") == "waiting live"
    assert desk._writer.run_now(pages.load, URL)[1] == live
    assert house.count("SELECT state || ' ' || origin FROM leads") == "done live"
    assert house.count("SELECT state FROM backfill_items") == "done"
    (outcome,) = await desk.do("ingest", Block("bf_1", "none", (entry(),)))
    assert outcome.state == "known"
    assert house.count("SELECT count(*) FROM articles") == 0


@pytest.mark.parametrize(
    ("duty", "request_"),
    [
        (
            "begin",
            Begin(
                Backfill("b", "{}", "planning", NOW, NOW), {"l": (Step("s", "u"),)}, (("f", 1),), anew=True
            ),
        ),
        ("keep", Kept("b", Page(URL, URL, bytes(range(256)), NOW, headers={"a": "b"}), LEAD)),
        (
            "ingest",
            Block(
                "b", "live", (entry("汉字 \x00 \ud83d".encode("utf-8", "replace").decode()),), File(0, "f", 1)
            ),
        ),
        ("end", Ended("b", "done", None, digest=True)),
    ],
)
def test_requests_come_through_a_socket_as_they_were(duty, request_):
    through = json.loads(json.dumps(DUTIES[duty].packed(request_)))
    assert DUTIES[duty].unpacked(through) == request_


def test_results_come_through_a_socket_as_they_were():
    result = Claimed(ITEM, NOW)
    assert DUTIES["claim"].unpacked_result(DUTIES["claim"].packed_result(result)) == result
    assert DUTIES["keep"].unpacked_result(DUTIES["keep"].packed_result(None)) is None


async def test_an_older_original_leads_a_story_already_alerted_without_a_second_alert(desk, house):
    """What was alerted live as a republisher's copy turns out to be older news of the issuer."""
    copy = replace(entry().reading.article, url="https://copy.example/a", key="https://copy.example/a")
    copy = replace(copy, text=TEXT * 8, published=Published("2025-03-03", "day", "meta"), source_id=None)
    ingest = desk._ingest
    fresh = replace(ingest, max_age=timedelta(days=9999))
    await desk._writer.run(fresh.article, copy, "live", datetime.now(UTC))
    assert house.count("SELECT count(*) FROM deliveries") == 1
    await fetched(desk)
    (outcome,) = await desk.do("ingest", Block("bf_1", "none", (entry(TEXT * 8),)))
    assert outcome.relation in {"copy", "same_document"}
    assert house.count("SELECT lead_url FROM stories WHERE merged_into IS NULL") == URL
    assert house.count("SELECT count(*) FROM alerts") == 1
    assert house.count("SELECT count(*) FROM deliveries") == 1
