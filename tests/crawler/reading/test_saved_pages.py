"""Read every folder of tests/pages: bytes and headers as they came, and the article they must become.

To pin a site, add a folder: `page.html` (or `page.bin`), `meta.json` (url, headers, fetched_at, and where needed source
and lead) and `expected.json` (the fields of the article that matter; or `{"unreadable": "part of the reason"}`).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest

from crawler.reading.page import read_page
from state.errors import UnreadablePage
from state.records import Lead, Page, Source

FOLDERS = sorted(path for path in (Path(__file__).parents[2] / "pages").iterdir() if path.is_dir())


def read_folder(folder: Path):
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    url, fetched = meta["url"], meta["fetched_at"]
    source = Source(id="saved", kind="feed", url=url, **meta["source"]) if "source" in meta else None
    lead = Lead(url=url, key=url, source_id="saved", **meta["lead"]) if "lead" in meta else None
    page = Page(
        url=url,
        final_url=url,
        body=next(folder.glob("page.*")).read_bytes(),
        fetched_at=datetime.fromisoformat(fetched) if fetched else None,
        headers=meta["headers"],
    )
    return read_page(page, source, lead).article


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_a_saved_page_reads_as_expected(folder):
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))

    if "unreadable" in expected:
        with pytest.raises(UnreadablePage, match=expected["unreadable"]):
            read_folder(folder)
        return

    article = json.loads(json.dumps(asdict(read_folder(folder)), default=str))
    article["text"] = article["text"].split("\n")
    assert {name: article[name] for name in expected} == expected


def test_there_are_pages_in_both_languages_and_some_without_article():
    assert len(FOLDERS) >= 10
    assert any(folder.name.startswith("zh-") for folder in FOLDERS)
    assert any(folder.name.startswith("en-") for folder in FOLDERS)
    assert any("unreadable" in (folder / "expected.json").read_text() for folder in FOLDERS)
