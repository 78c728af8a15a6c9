"""Sources and answers for the tests of the readers."""

import pytest

from crawler.leads.read import read_leads
from state.records import Source

ADDRESS = "https://www.example.com/news/list"


@pytest.fixture
def read():
    """Give a function that reads an answer as a source of some kind would."""

    def reads(kind, body, headers=None, *, options=None, url=ADDRESS, **source):
        content = body.encode() if isinstance(body, str) else body
        described = Source(
            id="example", kind=kind, url=url, **{"zone": "Asia/Shanghai", **source}, options=options or {}
        )
        return read_leads(content, described, url, headers or {})

    return reads


@pytest.fixture
def rss():
    """Give a function that wraps items into an RSS 2.0 document."""

    def wraps(items, *, charset="utf-8", channel=""):
        text = (
            f'<?xml version="1.0" encoding="{charset}"?><rss version="2.0" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
            f"<channel><title>Example</title>{channel}{items}</channel></rss>"
        )
        return text.encode("gb18030" if charset == "gb2312" else charset)

    return wraps
