from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.safe_text import LONGEST_LINE, one_line, paragraph, web_link


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Plain headline", "Plain headline"),
        ("  spread \t over\r\nlines \u2028 of \x85 all kinds ", "spread over lines of all kinds"),
        ("=?utf-8?q?a=0D=0ABcc:_x=40evil.example?=", "a Bcc: x@evil.example"),
        ("=?utf-8?b?YQ0KQmNjOiB4QGV2aWw=?= tail", "a Bcc: x@evil tail"),
        ("=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3D0D=3D0AB=3F=3D?=", "a B"),
        ("=?no-such-charset?q?abc?=", ""),
        ("=\x00?utf-8?q?x?=", "= ?utf-8?q?x?="),
        ("price \u202egnp.exe\u202c \u200bdone", "price gnp.exe done"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("粤府办〔2025〕6号：“人工智能+”", "粤府办〔2025〕6号：“人工智能+”"),
        ("", ""),
    ],
)
def test_any_text_becomes_one_harmless_line(text, line):
    assert one_line(text) == line


def test_a_headline_of_100_kb_is_cut_with_a_mark():
    line = one_line("长" * 100_000)
    assert (len(line), line[-1]) == (LONGEST_LINE, "…")


@given(st.text())
@example("=?utf-8?q?=0A?=" * 40)
def test_a_line_has_no_controls_and_no_encoded_words_whatever_went_in(text):
    line = one_line(text)
    assert len(line) <= LONGEST_LINE
    assert "=?" not in line
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in line)
    line.encode()


def test_a_paragraph_keeps_its_lines_and_loses_its_controls():
    assert paragraph("a\x1b[31m\r\nb\u202e \n\nc") == "a[31m\nb\n\nc"


@pytest.mark.parametrize(
    "url", ["https://news.example/a?b=c#d", "http://10.0.0.1:8080/", "https://例.example/粤"]
)
def test_web_links_stay(url):
    assert web_link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//host/x",
        "https://",
        "https://[bad",
        'https://x.example/" onclick="x',
        "https://x.example/<b>",
        "https://x.example/a b",
        "https://x.example/\u202etxt",
        "https://x.example/\r\nBcc: y",
        "https://x.example/" + "a" * 3000,
        "",
    ],
)
def test_other_links_are_dropped(url):
    assert web_link(url) is None
