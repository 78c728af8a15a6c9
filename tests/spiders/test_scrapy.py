"""Scrapy's own command line works from a checkout, as Scrapy's users expect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from loopback import http
from press import page, rss, story

from crawler.standalone import open_glance
from state.errors import ConfigurationError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def scrapy(desk):
    """Run `scrapy …` in the checkout, with the desk's configuration; give exit code, output and log."""

    def run(*words):
        return subprocess.run(
            [str(Path(sys.executable).with_name("scrapy")), *map(str, words)],
            cwd=ROOT,
            env=os.environ | {"YUEWATCH_CONFIG": str(desk.file)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_scrapy_lists_one_spider_for_each_kind_of_source(scrapy):
    listed = scrapy("list")
    assert listed.returncode == 0, listed.stderr
    assert {"feed", "sitemap", "listing", "json"} <= set(listed.stdout.split())


def test_scrapy_crawls_a_source_and_gives_articles_as_items_and_keeps_nothing(loopback, desk, scrapy):
    pages = {"/1.html": page(story(1)), "/empty.html": http("")}
    site = loopback.site(pages)
    pages["/feed"] = rss(site, {"/1.html": story(1), "/empty.html": "nothing"})
    desk.write(
        sources=[{"id": "gd", "kind": "feed", "url": f"{site}/feed"}],
        fetching={"contact": "mailto:desk@example.org"},
    )
    items = desk.folder / "items.jsonl"
    crawled = scrapy("crawl", "feed", "-a", "source=gd", "-O", items)
    assert crawled.returncode == 0, crawled.stderr
    (item,) = [json.loads(line) for line in items.read_text("utf-8").splitlines()]
    assert (item["url"], item["title"]) == (f"{site}/1.html", story(1))
    assert not desk.state.exists()
    assert not (ROOT / "yuewatch.db").exists()
    assert {asked.headers["user-agent"] for asked in loopback.asked} == {
        "yuewatch/0.1 (news monitor; mailto:desk@example.org)"
    }


def test_scrapy_is_told_what_is_wrong_with_a_source(loopback, desk, scrapy):
    site = loopback.site({})
    desk.write(
        sources=[{"id": "gd", "kind": "feed", "url": f"{site}/feed"}], fetching={"allow_addresses": []}
    )
    crawled = scrapy("crawl", "feed", "-a", "source=gd")
    assert "127.0.0.1 is loopback" in crawled.stdout + crawled.stderr
    assert loopback.asked == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["feed"], "which source? run `scrapy crawl feed -a source=ID`"),
        (["feed", "-a", "source=nothing"], "there is no source 'nothing'"),
        (["sitemap", "-a", "source=gd"], "run `scrapy crawl feed -a source=gd`"),
    ],
)
def test_scrapy_users_are_told_which_source_to_name(words, told, desk, monkeypatch):
    desk.write(sources=[{"id": "gd", "kind": "feed", "url": "http://127.0.0.1:1/feed"}])
    source = words[-1].removeprefix("source=") if len(words) > 1 else None
    with pytest.raises(ConfigurationError) as refused:
        open_glance(words[0], source, str(desk.file))
    assert told in str(refused.value)
