"""Common Crawl's news: lists of a month, files of a gigabyte brought piece by piece, and only the pages of our sources."""

import gzip
from datetime import date

import pytest
from archive import warc_of

from crawler.backfill import spool as spooling
from crawler.backfill.spool import Spool
from crawler.backfill.ways.commoncrawl import CommonCrawlWay
from crawler.backfill.window import Window
from state.backfill_items import Step
from state.errors import FetchError, UnreadableListing
from state.records import Page

FILES = [
    f"crawl-data/CC-NEWS/2025/03/CC-NEWS-202503{day:02}101500-000{day:02}.warc.gz"
    for day in (1, 9, 11, 12, 20)
]


@pytest.fixture
def way(paper):
    return CommonCrawlWay(Window(date(2025, 3, 10), date(2025, 3, 11)), paper.base)


def listing(*lines):
    return Page("x", "x", gzip.compress("\n".join(lines).encode()), None)


async def test_each_month_of_the_range_has_a_list(way, paper):
    (steps,) = way.lanes().values()
    assert [step.url for step in steps] == [f"{paper.base}/crawl-data/CC-NEWS/2025/03/warc.paths.gz"]


async def test_only_files_that_may_hold_the_range_are_taken(way, paper):
    found = await way.read("cc-news", Step("paths", "x"), listing(*FILES, "../../etc/passwd", "junk"), set())
    assert [name.rsplit("/", 1)[1][8:16] for name, _ in found.files] == ["20250309", "20250311", "20250312"]


async def test_a_list_that_is_none_says_so(way):
    with pytest.raises(UnreadableListing, match="no gzipped list"):
        await way.read("cc-news", Step("paths", "x"), Page("x", "x", b"\x1f\x8b\x08garbage", None), set())


class Loopback:
    """Fetch as a fetcher does, from the newspaper."""

    def __init__(self, fetch):
        self._fetch = fetch
        self.asked = []

    async def get(self, ask, source_id):
        self.asked.append(ask.headers["Range"])
        return self._fetch(ask.url, source_id, **ask.headers)


@pytest.mark.parametrize("size", [10, 4096, 4097, 10_000])
async def test_a_file_is_brought_piece_by_piece_and_goes_on_where_it_broke_off(
    size, tmp_path, paper, fetch, monkeypatch
):
    monkeypatch.setattr(spooling, "PIECE", 4096)
    body = bytes(number % 251 for number in range(size))
    paper.files["/crawl-data/a.warc.gz"] = body
    fetcher = Loopback(fetch)
    spool = Spool(tmp_path / "spool", fetcher, None)
    url = f"{paper.base}/crawl-data/a.warc.gz"
    part = spool.path_of(url).with_suffix(".part")
    part.parent.mkdir()
    part.write_bytes(body[:5])
    path = await spool.fetch(url)
    assert path.read_bytes() == body
    assert fetcher.asked[0].startswith("bytes=5-")
    spool.remove(url)
    assert not spool.folder.exists()


async def test_a_file_that_is_not_there_says_so(tmp_path, paper, fetch):
    spool = Spool(tmp_path / "spool", Loopback(fetch), None)
    with pytest.raises(FetchError, match="HTTP 404"):
        await spool.fetch(f"{paper.base}/crawl-data/none.warc.gz")


def test_news_of_our_sources_is_taken_out_of_the_files_of_all_the_world(house, paper):
    march = [article for article in paper.articles.values() if article.day >= date(2025, 3, 9)]
    ours = warc_of(paper, march[:5])
    others = warc_of(paper, march[:5], base="http://other.example")
    for path in FILES:
        paper.files["/" + path] = others
    paper.files["/" + FILES[2]] = others + ours
    paper.files["/crawl-data/CC-NEWS/2025/03/warc.paths.gz"] = gzip.compress("\n".join(FILES).encode())
    args = (
        "map",
        "--since",
        "2025-03-10",
        "--until",
        "2025-03-11",
        "--via",
        "commoncrawl",
        "--archive",
        paper.base,
    )
    code, last, told = house.backfill(*args, "--dry-run")
    assert (code, last["plan"]["files"]) == (0, 3), told
    code, last, told = house.backfill(*args)
    assert code == 0, told
    assert last["report"]["articles"] == 2
    assert house.count("SELECT count(*) FROM articles WHERE source_id = 'map'") == 2
    assert not house.state.with_name("state.db.spool").exists()


def test_a_broken_file_costs_one_line_and_the_rest_goes_in(house, paper, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    march = [article for article in paper.articles.values() if article.day.month == 3]
    sound = warc_of(paper, march)
    cut = len(sound) // 2
    (folder / "1.warc.gz").write_bytes(sound[:cut])
    (folder / "2.warc.gz").write_bytes(b"this is not a WARC file")
    (folder / "3.warc.gz").write_bytes(sound[:cut] + b"\x00" * 40 + sound[cut + 40 :])
    code, last, told = house.backfill(
        "map", "--since", "2025-03-01", "--until", "2025-03-31", "--via", "warc", "--from", folder
    )
    assert code == 5
    assert "Traceback" not in told
    assert last["report"]["articles"] >= 29
    why = [item["why"] for item in last["report"]["failures"]]
    assert any("1.warc.gz" in line and "ends in the middle of a record" in line for line in why)
    assert any("2.warc.gz" in line for line in why)
    assert any("3.warc.gz" in line and "reading goes on at byte" in line for line in why)
