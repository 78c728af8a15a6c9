"""A listing is rebuilt while the daemon runs: it is reported with a repair, mended by a verb, and well again."""

from __future__ import annotations

import json
import shutil
import signal

import pytest
from desk import PACK
from loopback import http
from press import page, story

NUMBERS = range(1, 9)
OLD = '<ul class="list">{}</ul>'
OLD_ROW = '<li><a href="/a/{n}.html">{title}</a><span>2026-11-0{n}</span></li>'
NEW = '<nav><a href="/">Home</a></nav><div class="news">{}</div>'
NEW_ROW = '<div class="row"><h3><a href="/a/{n}.html">{title}</a></h3><em class="day">{n} days ago</em></div>'


class Site:
    """Serve a listing that answers 304 while it stays as it is, and its articles."""

    def __init__(self, loopback):
        self.rebuild(OLD, OLD_ROW)
        pages = {f"/a/{n}.html": page(story(n)) for n in NUMBERS}
        self.url = loopback.site(pages | {"/news": self._list})

    def rebuild(self, frame, row):
        rows = "".join(row.format(n=n, title=story(n)) for n in NUMBERS)
        self._body = f"<!doctype html><html><body>{frame.format(rows)}</body></html>"

    def _list(self, asked):
        tag = f'"{hash(self._body)}"'
        if asked.headers.get("if-none-match") == tag:
            return http(status=304, ETag=tag)
        return http(self._body, ETag=tag)


@pytest.fixture
def site(loopback):
    return Site(loopback)


def watched(desk, site):
    source = {"id": "gd", "kind": "listing", "url": f"{site.url}/news", "every": "1s"}
    # Under load a reading process takes its time to start.
    patient = {"deadline": "60s"}
    desk.write(sources=[source | {"listing": {"item": "ul.list li"}}], reading=patient)


def test_a_rebuilt_listing_is_reported_with_a_repair_that_makes_it_well(desk, site, loopback):
    watched(desk, site)
    daemon = desk.daemon()
    desk.until(lambda: len(loopback.of("/news")) > 6, daemon)
    site.rebuild(NEW, NEW_ROW)
    (sought,) = desk.until(lambda: desk.told("repair sought"), daemon)
    assert (sought["options"]["item"], sought["leads"]) == ("div.row", 8)

    (row,) = desk.rows("sources", "health", "--troubled", "--json")
    (finding,) = row["findings"]
    assert (finding["kind"], finding["repair"]["known"]) == ("empty", 8)
    assert "would find 8 items, 8 of them known" in desk.here("sources", "health").out.replace("\n", " ")

    mended = desk.run("sources", "repair", "gd", "--write")
    assert mended.code == 0, mended.err
    assert "3 of 3 articles read well" in mended.out
    assert "    listing:\n      item: div.row\n      date: em.day\n" in mended.out
    daemon.send_signal(signal.SIGHUP)
    desk.until(lambda: desk.told("finding closed"), daemon)
    # It was "unchanged" when it was found to be empty, so its page was asked for once more, whole.
    assert len(desk.told("repair sought")) == 1


def test_a_page_on_which_nothing_can_be_found_is_said_to_be_one(desk, site):
    watched(desk, site)
    site.rebuild("<h1>We will be back soon</h1>", "")
    outcome = desk.run("sources", "repair", "gd", "--write")
    assert outcome.code == 1
    assert "no repair was found" in outcome.out
    assert "ul.list li" in desk.file.read_text()


def test_a_listing_that_reads_well_is_left_alone(desk, site):
    watched(desk, site)
    outcome = desk.run("sources", "repair", "gd", "--json")
    assert outcome.code == 3
    assert (json.loads(outcome.out)["options"], json.loads(outcome.out)["leads"]) == (None, 8)


def test_what_has_no_selectors_cannot_be_repaired(desk):
    desk.write(sources=[{"id": "own", "kind": "feed", "url": "https://o.example/"}])
    assert "only listings have selectors" in desk.here("sources", "repair", "own").err
    assert desk.here("sources", "repair", "nobody").code == 4


def test_a_source_of_the_pack_is_copied_and_mended(desk, site):
    folder = desk.folder / "pack"
    desk.write(pack=str(folder), pack_sources=True)
    folder.mkdir()
    shutil.copy(PACK / "pack.yaml", folder)
    source = {"id": "gd", "family": "cms", "site": site.url, "listing": {"item": "ul.old li"}}
    family = {"kind": "listing", "url": "{site}/news", "listing": {"pattern": r"/post_\d+", "title": "b"}}
    (folder / "sources.yaml").write_text(json.dumps({"families": {"cms": family}, "sources": [source]}))
    site.rebuild(NEW, NEW_ROW)
    outcome = desk.run("sources", "repair", "gd", "--write")
    assert outcome.code == 0, outcome.err
    assert desk.here("check").code == 0
    assert "title: null" in desk.file.read_text()
