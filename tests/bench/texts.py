"""Read the development data for stories from `../shared`; nothing of it is kept in the repository."""

from __future__ import annotations

import gzip
import json
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from republishing import Text

SHARED = Path(os.environ.get("YUEWATCH_SHARED", Path(__file__).parents[3] / "shared"))
_ENGLISH = {"the", "and", "of", "to", "that"}


def rows(name: str) -> list[dict[str, Any]]:
    """Read one file of JSON lines under `eval/`."""
    with gzip.open(SHARED / "eval" / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def chinese_bases() -> list[tuple[str, Text]]:
    """Give Chinese news of at least 200 characters with their days (YYYYMMDD), digests left out."""
    found = []
    for row in rows("background-xwlb-zh-news-all.jsonl.gz"):
        paragraphs = re.sub(r"\[查看原文\]\(.*?\)", "", row["text"]).split("\n")
        lines = tuple(line.strip() for line in paragraphs if line.strip())
        if "联播快讯" not in row["title"] and sum(map(len, lines)) >= 200:
            found.append((row["date"], Text(row["title"], lines, han=True)))
    return found


def english_bases() -> list[tuple[str, Text]]:
    """Give English articles of at least 600 characters from the pages for reading, with their days."""
    with tarfile.open(next((SHARED / "eval/extraction-dev").glob("*.tar.xz"))) as archive:
        members = sorted((m for m in archive if m.name.endswith(".json")), key=lambda m: m.name)
        files = [json.load(archive.extractfile(member)) for member in members]
    return [found for file in files for entry in file.values() for found in _english(entry)]


def _english(entry: dict[str, Any]) -> Iterator[tuple[str, Text]]:
    body = entry.get("body")
    if not body:
        return
    sections = [line for s in body["sections"] for line in (*s["headline"], *s["paragraphs"])]
    lines = tuple(line for line in (*body["summary"], *sections) if line.strip())
    words = set(" ".join(lines).lower().split())
    if sum(map(len, lines)) >= 600 and words >= _ENGLISH:
        day = str(entry.get("publishing_date") or "2026-01-01")[:10].replace("-", "")
        yield day, Text(entry.get("title") or "", lines, han=False)


def title_pairs() -> list[tuple[str, str]]:
    """Give English headlines with their machine translations into Chinese, each headline once."""
    pairs = {row["en"]: row["zh_machine"] for row in rows("dedup-dev/mt-title-pairs-en-zh.jsonl.gz")}
    return list(pairs.items())


def item_pairs() -> list[tuple[str, str]]:
    """Give the items of a daily digest in English and Chinese, one a translation of the other."""
    found = []
    for row in rows("dedup-dev/mt-parallel-ai-digests.jsonl.gz"):
        chinese, english = _sections(row["cn"]), _sections(row["en"])
        if [len(section) for section in chinese] == [len(section) for section in english]:
            found += list(zip(_flat(english), _flat(chinese), strict=True))
    return found


def whole_days() -> list[dict[str, str]]:
    """Give whole days of the digest in English (`en`), Chinese (`cn`), French and Japanese."""
    days = rows("dedup-dev/mt-parallel-ai-digests.jsonl.gz")
    return [
        {lang: "\n".join(_flat(_sections(row[lang]))) for lang in ("en", "cn", "fr", "ja")} for row in days
    ]


def _flat(sections: list[list[str]]) -> list[str]:
    return [item for section in sections for item in section]


def _sections(markdown: str) -> list[list[str]]:
    sections: list[list[str]] = []
    for line in markdown.split("\n"):
        if re.match(r"\s*#{2,4}\s", line):
            sections.append([])
        elif re.match(r"\s*\d+\.\s", line):
            if not sections:
                sections.append([])
            sections[-1].append(re.sub(r"^\s*\d+\.\s+", "", line))
        elif sections and sections[-1] and line.startswith(("   ", "\t")):
            sections[-1][-1] += " " + line.strip()
    return [[_plain(item) for item in section] for section in sections if section]


def _plain(markdown: str) -> str:
    text = re.sub(r"\[?!\[[^\]]*\]\([^)]*\)\]?(\([^)]*\))?|<[^<>]*>", " ", markdown)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("**", "").replace("`", "")
    return " ".join(text.split())
