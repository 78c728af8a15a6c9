from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.reading.page import ReadPage, read_page
from state.records import Lead, Page, Source

PROSE = {
    "zh": [
        "广东省将在制造、教育、养老等领域建设一批人工智能应用场景，并支持企业开放数据、算力和测试环境，推动新产品尽快落地。",
        "有关负责人表示，各地可结合产业基础提出自己的任务清单，省里将对进展较快的项目给予资金和人才方面的支持与奖励。",
        "业内人士认为，这有助于本地机器人企业缩短从样机到量产的时间，也会吸引更多上下游企业到珠江三角洲投资设厂。",
    ],
    "en": [
        "Guangdong will open factories, schools and homes for the elderly to pilots of artificial intelligence, officials said.",
        "Cities may draw up lists of their own, and the province will reward the projects that move fastest with money and staff.",
        "People in the trade expect local makers of robots to need less time from the first prototype to volume production.",
    ],
}
TITLE = {"zh": "广东公布一批人工智能应用场景", "en": "Guangdong opens a round of pilots for robots"}


def as_page(html: str | bytes, url: str = "https://www.example.com/story", **fields) -> Page:
    body = html.encode() if isinstance(html, str) else html
    fields.setdefault("fetched_at", datetime(2026, 11, 21, 4, 30, tzinfo=UTC))
    fields.setdefault("headers", {"content-type": "text/html; charset=utf-8"})
    return Page(url=url, final_url=url, body=body, **fields)


@pytest.fixture
def read():
    """Read HTML as if it had been fetched: `read(html, url=…, zone=…, lead=…)`."""

    def run(
        html, url="https://www.example.com/story", *, zone=None, lead=None, furniture=frozenset(), **fields
    ):
        source = Source(id="s", kind="feed", url=url, zone=zone) if zone else None
        return read_page(as_page(html, url, **fields), source, lead, furniture)

    return run


@pytest.fixture
def dated(read):
    """Read the page that one case of dates/cases.yaml describes."""

    def run(case) -> ReadPage:
        lang = case["lang"]
        zone = case.get("zone") or ("Asia/Shanghai" if lang == "zh" else None)
        fetched = case.get("fetched", "2026-11-21T04:30:00+00:00")
        url = case.get("url", "https://www.example.com/story")
        said = case.get("feed") or case.get("lastmod")
        lead = (
            Lead(url=url, key=url, source_id="s", published=said, changed="lastmod" in case) if said else None
        )
        return read(
            dated_html(case),
            url,
            zone=zone,
            lead=lead,
            fetched_at=datetime.fromisoformat(fetched) if fetched else None,
        )

    return run


def dated_html(case) -> str:
    lang = case["lang"]
    above, header, tail = (
        "".join(f"<div>{line}</div>" for line in case.get(key, ())) for key in ("above", "header", "tail")
    )
    rows = "".join(f"<tr><td>{label}</td><td>{value}</td></tr>" for label, value in case.get("table", ()))
    table = f"<table>{rows}</table>" if rows else ""
    prose = "".join(f"<p>{line}</p>" for line in PROSE[lang])
    return (
        f'<html lang="{lang}"><head><title>{TITLE[lang]}</title>{case.get("head", "")}</head><body>{above}'
        f"<h1>{TITLE[lang]}</h1>{header}{table}{case.get('header_html', '')}<div>{prose}</div>{tail}</body></html>"
    )
