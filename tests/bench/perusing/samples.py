"""Read the real texts that reading is measured on: development pages with known bodies, broadcasts, news of one template."""

from __future__ import annotations

import gzip
import json
import os
import re
import tarfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler.reading.page import read_page
from state.errors import ReadError
from state.records import Article, Page

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("YUEWATCH_SHARED", ROOT / "../shared"))


@dataclass(frozen=True)
class Sample:
    """Hold one real page with the body its publisher's parser expects."""

    name: str
    url: str
    fetched_at: datetime
    page: str
    body: str


def load_samples() -> list[Sample]:
    """Read the development pages from their archive."""
    archive = SHARED / "eval/extraction-dev/fundus-parser-test-data.tar.xz"
    with tarfile.open(archive) as tar:
        files = {member.name: tar.extractfile(member) for member in tar.getmembers() if member.isfile()}
        texts = {
            name: file.read().decode("utf-8", "replace") for name, file in files.items() if file is not None
        }
    return [
        sample for folder in sorted({str(Path(n).parent) for n in texts}) for sample in _folder(folder, texts)
    ]


def _folder(folder: str, texts: dict[str, str]) -> Iterable[Sample]:
    if f"{folder}/meta.info" not in texts:
        return
    known = json.loads(texts[f"{folder}/meta.info"])
    pages = sorted(n for n in texts if n.startswith(f"{folder}/") and n.endswith(".html"))
    turn: Counter[str] = Counter()
    for name in pages:
        publisher = re.sub(r"_\d{4}_\d\d_\d\d\.html$", "", name)
        versions = json.loads(texts[f"{publisher}.json"])
        body = versions[sorted(versions)[turn[publisher]]]["body"]
        turn[publisher] += 1
        about = known[f"{Path(name).name}.gz"]
        parts = [*body["summary"], *(p for s in body["sections"] for p in (*s["headline"], *s["paragraphs"]))]
        fetched = datetime.fromisoformat(about["crawl_date"]).replace(tzinfo=UTC)
        yield Sample(Path(name).stem, about["url"], fetched, texts[name], "\n".join(parts))


def read_sample(sample: Sample) -> Article | None:
    """Read one real page as the daemon would."""
    page = Page(
        sample.url, sample.url, sample.page.encode(), sample.fetched_at, headers={"content-type": "text/html"}
    )
    try:
        return read_page(page).article
    except ReadError:
        return None


def broadcasts() -> list[dict[str, str]]:
    """Read the Chinese broadcast items."""
    with gzip.open(SHARED / "eval/background-xwlb-zh-news-all.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def template_pairs() -> list[dict[str, str]]:
    """Read pairs of different stories in one formulaic wording, told apart by their numbers."""
    path = SHARED / "eval/dedup-dev/zh-template-news-different.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    pairs = [{side: row[side]["text"] for side in "ab"} for row in rows]
    return [
        pair
        for pair in pairs
        if sorted(re.findall(r"\d+", pair["a"])) != sorted(re.findall(r"\d+", pair["b"]))
    ]
