import pickle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.leads.read import READERS, read_leads
from state.errors import UnreadableListing
from state.records import Source

RECORDINGS = Path(__file__).parents[2] / "listings"
OPTIONS = {"listing": {"pattern": r"\d"}, "json": {"items": "articles"}}


def source(kind):
    return Source(id="s", kind=kind, url="https://www.example.com/", options=OPTIONS.get(kind, {}))


def test_header_names_count_in_any_case(read):
    text = "<html><body><a href='/1'>Ärzte prüfen künstliche Intelligenz</a></body></html>"
    leads = read(
        "listing",
        text.encode("cp1252"),
        {"CONTENT-TYPE": "text/html; charset=windows-1252"},
        options={"item": "a"},
    )
    assert leads.items[0].title == "Ärzte prüfen künstliche Intelligenz"


@pytest.mark.parametrize("kind", READERS)
def test_results_and_errors_travel_between_processes(kind):
    answers = {
        "feed": b"<rss><channel><item><link>https://www.example.com/1</link></item></channel></rss>",
        "sitemap": b"<urlset><url><loc>https://www.example.com/1</loc></url></urlset>",
        "listing": b"<html><a href=/1>1</a></html>",
        "json": b'{"articles": [{"url": "/1"}]}',
    }
    leads = read_leads(answers[kind], source(kind), "https://www.example.com/", {})
    assert len(leads.items) == 1
    assert pickle.loads(pickle.dumps(leads)) == leads

    with pytest.raises(UnreadableListing) as caught:
        read_leads(b"", source(kind), "https://www.example.com/", {})
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


BODIES = [path.read_bytes() for path in sorted(RECORDINGS.glob("*/answer.*"))]
SCRAPS = [
    b"<", b">", b"&", b'"', b"</item>", b"<item>", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"<![CDATA[", b"]]>", b"{", b"}",
    b"[", b"]", b"null", b"1e999", b"NaN", b"\\ud800", b"-1", b"<ttl>inf</ttl>", b'<base href="http://[">', b'href="http://["',
    b'<!DOCTYPE x [<!ENTITY a "b">]>', b"&a;", b'<?xml version="1.0" encoding="utf-16"?>', b'<?xml version="1.0" encoding="idna"?>',
    b"charset=undefined", b"99999999999999999999", b'xmlns:dc="http://\xef\xbf\xbepurl.org"',
]  # fmt: skip


@st.composite
def damaged(draw):
    body = bytearray(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(body)))
        length = draw(st.sampled_from([0, 0, 1, 7, 40, len(body)]))
        body[at : at + length] = draw(st.one_of(st.sampled_from(SCRAPS), st.binary(max_size=4)))
    return bytes(body)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(damaged(), st.binary(max_size=200)),
    st.sampled_from(sorted(READERS)),
    st.sampled_from(
        ["", "text/html; charset=utf-16", "text/html; charset=zlib", "application/xml; charset=gb2312"]
    ),
)
def test_whatever_comes_ends_in_leads_or_in_one_clear_line(body, kind, content_type):
    try:
        leads = read_leads(body, source(kind), "https://www.example.com/", {"content-type": content_type})
    except UnreadableListing as error:
        leads, line = None, str(error)
    if leads is None:
        assert line.startswith("source s: https://www.example.com/ should be")
        assert "\n" not in line
        return
    assert len(leads.items) <= leads.total
    for lead in leads.items:
        assert lead.url.startswith(("http://", "https://"))
        for text in (lead.title, lead.published, lead.summary, lead.content, lead.lang):
            assert text is None or text.encode("utf-8")
