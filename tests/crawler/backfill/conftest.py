"""A newspaper with a few months of archive, and yuewatch as its user runs it."""

import json
import urllib.error
import urllib.request
from datetime import date
from types import SimpleNamespace

import backfilling
import pytest
from archive import Newspaper, archive_of

from state.records import Page, Source


@pytest.fixture
def paper():
    """Serve an article a day from January to March 2025."""
    with Newspaper(archive_of(date(2025, 1, 1), date(2025, 3, 31))) as newspaper:
        yield newspaper


@pytest.fixture
def sources(paper):
    return [
        {"id": "map", "kind": "sitemap", "url": f"{paper.base}/sitemap.xml"},
        {
            "id": "list",
            "kind": "listing",
            "url": f"{paper.base}/list/",
            "listing": {"pattern": "/news/", "paging": {"url": "index_{page}.html"}},
        },
        {
            "id": "api",
            "kind": "json",
            "url": f"{paper.base}/api/list",
            "json": {"items": "articles", "paging": {"field": "page"}},
        },
    ]


@pytest.fixture
def house(tmp_path, sources):
    """Give a configured yuewatch: `backfill(*args)`, and ways to look at what it left."""
    config = backfilling.configure(tmp_path / "house", sources)
    state = config.with_name("state.db")
    return SimpleNamespace(
        config=config,
        state=state,
        backfill=lambda *args, **more: backfilling.backfill(config, *args, **more),
        start=lambda *args: backfilling.start(config, *args),
        count=lambda query: backfilling.count(state, query),
        outcome=lambda: backfilling.outcome(state),
        wait_for=lambda query, enough: backfilling.wait_for(config, query, enough),
    )


@pytest.fixture
def fetch():
    """Fetch over loopback as a page."""

    def get(url, source_id="map", **headers):
        request = urllib.request.Request(url, headers=headers)
        try:
            with urllib.request.urlopen(request) as answer:
                status, body, final = answer.status, answer.read(), answer.url
        except urllib.error.HTTPError as error:
            status, body, final = error.code, error.read(), url
        return Page(url, final, body, None, status, source_id=source_id)

    return get


@pytest.fixture
def source(paper):
    return Source("map", "sitemap", f"{paper.base}/sitemap.xml", zone="UTC")


@pytest.fixture
def rows(tmp_path):
    """Write JSON lines; give the file."""

    def write(*lines, name="rows.jsonl"):
        path = tmp_path / name
        path.write_bytes(
            b"".join(
                (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines
            )
        )
        return path

    return write
