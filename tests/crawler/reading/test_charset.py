from __future__ import annotations

import pytest

from crawler.reading.charset import decode

SIMPLIFIED = "<html><head><meta charset={}></head>广东省人民政府办公厅关于印发人工智能赋能千行百业若干措施的通知，各地级以上市人民政府"
TRADITIONAL = "<html><head><meta charset={}></head>香港數碼港與廣東省有關部門簽署合作協議，共同推動人工智能產業發展和人才交流"


@pytest.mark.parametrize("encoding", ["gb2312", "gbk", "gb18030", "utf-8", "big5"])
@pytest.mark.parametrize("meta", ["gb2312", "utf-8", "big5", "iso-8859-1"])
@pytest.mark.parametrize("header", ["utf-8", "gbk", "iso-8859-1", "no-such-charset", None])
def test_the_bytes_win_over_header_and_meta_tag(encoding, meta, header):
    text = (TRADITIONAL if encoding == "big5" else SIMPLIFIED).format(meta)
    headers = {"content-type": f"text/html; charset={header}" if header else "text/html"}

    assert decode(text.encode(encoding), headers).text == text


def test_a_reading_that_nobody_declared_says_so():
    decoded = decode(SIMPLIFIED.format("utf-8").encode("gbk"), {"content-type": "text/html; charset=utf-8"})

    assert (decoded.charset, decoded.evidence, decoded.contradicts) == ("gb18030", "bytes", True)


def test_western_pages_keep_what_they_declare():
    text = '<meta charset="windows-1252">Die Stadt Köln – “größer”, schöner, älter'

    assert decode(text.encode("cp1252"), {}).text == text


def test_bytes_beyond_gb2312_are_read_as_the_superset_browsers_use():
    assert decode("<meta charset=gb2312>企业家朱镕基的机器人公司".encode("gbk"), {}).text.endswith(
        "朱镕基的机器人公司"
    )


@pytest.mark.parametrize("misread", ["latin-1", "cp1252"])
def test_utf8_that_somebody_upstream_misread_is_repaired(misread):
    text = "<p>广东省将建设一批人工智能应用场景，涉及生产、生活和公共服务</p>"
    # What Windows-1252 leaves undefined, browsers and most tools pass on as it is.
    letters = [bytes([byte]).decode(misread, "ignore") or chr(byte) for byte in text.encode()]

    assert decode("".join(letters).encode(), {}).text == text


def test_a_page_cut_in_the_middle_of_a_character_is_still_utf8():
    body = SIMPLIFIED.format("utf-8").encode()[:-1]

    assert decode(body, {}).text.startswith("<html>")
    assert "人工智能" in decode(body, {}).text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_believed_at_once(encoding):
    assert decode("广东".encode(encoding), {"content-type": "text/html; charset=gbk"}).text == "广东"


def test_anything_decodes():
    assert isinstance(decode(bytes(range(256)) * 40, {}).text, str)
    assert decode(b"", {}).text == ""
