"""Feeds come from other readers and go there."""

from __future__ import annotations

import pytest

from crawler.catalogue.opml import Outline, read_opml, write_opml
from state.errors import ConfigurationError
from state.records import Source


def opml(body):
    return f'<?xml version="1.0"?><opml version="2.0"><head/><body>{body}</body></opml>'.encode()


def test_feeds_are_read_from_folders_once_each():
    feed = '<outline text="&lt;b&gt;Harbour&lt;/b&gt;" xmlUrl="https://h.example/feed" language="en"/>'
    found = read_opml(
        opml(f'<outline text="Folder">{feed}{feed}</outline><outline xmlUrl="javascript:x"/>'), "f"
    )
    assert found == [Outline("https://h.example/feed", "Harbour", "en")]


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE opml [<!ENTITY a "b">]><opml/>',
        '<!DOCTYPE opml SYSTEM "file:///etc/passwd"><opml/>'.encode("utf-16"),
        b"<html/>",
        b"<opml>",
        b"",
        b"\x00\xff",
        b"<opml>" + b"<outline>" * 10_000,
    ],
)
def test_what_is_no_plain_opml_is_refused_in_one_line(body):
    with pytest.raises(ConfigurationError, match=r"^their\.opml: ") as caught:
        read_opml(body, "their.opml")
    assert "\n" not in str(caught.value)


def test_what_is_written_is_read_again():
    feed = Source("a", "feed", "https://a.example/?x=1&y=2", name="A & <B>", lang="zh")
    text = write_opml([feed, Source("b", "listing", "https://b.example/")])
    assert read_opml(text.encode(), "f") == [Outline("https://a.example/?x=1&y=2", "A &", "zh")]
