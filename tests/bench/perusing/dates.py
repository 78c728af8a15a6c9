"""Measure how truly dates are read."""

from __future__ import annotations

import sys
from datetime import datetime

import yaml

from crawler.reading.page import read_page
from perusing.samples import ROOT
from state.records import Lead, Page, Source


def measure_dates() -> list[str]:
    """Read every case of the table of dates."""
    folder = ROOT / "tests/crawler/reading"
    sys.path.insert(0, str(folder))
    from conftest import dated_html

    cases = yaml.safe_load((folder / "dates/cases.yaml").read_text(encoding="utf-8"))
    right = invented = 0
    for case in cases:
        url = case.get("url", "https://www.example.com/story")
        zone = case.get("zone") or ("Asia/Shanghai" if case["lang"] == "zh" else "UTC")
        fetched = case.get("fetched", "2026-11-21T04:30:00+00:00")
        said = case.get("feed") or case.get("lastmod")
        lead = Lead(url, url, "s", published=said, changed="lastmod" in case) if said else None
        page = Page(url, url, dated_html(case).encode(), datetime.fromisoformat(fetched) if fetched else None)
        value = read_page(page, Source("s", "feed", url, zone=zone), lead).article.published.value
        right += value == case.get("value")
        invented += value is not None and case.get("value") is None
    chinese = sum(case["lang"] == "zh" for case in cases)
    return [
        "| date cases | of them Chinese | right | invented |",
        "|---|---|---|---|",
        f"| {len(cases)} | {chinese} | {right} | {invented} |",
    ]
