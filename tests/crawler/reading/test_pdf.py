from __future__ import annotations

from pathlib import Path

import pytest

from crawler.reading.pdf import read_pdf
from state.errors import UnreadablePage

PAGES = Path(__file__).parents[2] / "pages"
FILING = (PAGES / "zh-filing-pdf/page.bin").read_bytes()


def test_lines_broken_by_the_page_are_joined_and_page_numbers_dropped():
    text, title = read_pdf(FILING, "https://e.com/a.pdf")
    lines = text.split("\n")

    assert title == "青藤机器人：关于与专业机构共同投资的公告"
    assert (
        "本公司及董事会全体成员保证信息披露的内容真实、准确、完整，没有虚假记载、误导性陈述或重大遗漏。"
        in lines
    )
    assert "1" not in lines


def test_a_scanned_notice_is_unreadable():
    with pytest.raises(UnreadablePage, match="pictures of pages and no text"):
        read_pdf((PAGES / "zh-scanned-pdf/page.bin").read_bytes(), "https://e.com/a.pdf")


@pytest.mark.parametrize("cut", [20, 200, 700])
def test_a_broken_pdf_is_unreadable(cut):
    with pytest.raises(UnreadablePage, match=r"broken|no text"):
        read_pdf(FILING[:cut], "https://e.com/a.pdf")


def test_a_locked_pdf_is_unreadable(tmp_path):
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(PAGES / "zh-filing-pdf/page.bin"))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")

    with pytest.raises(UnreadablePage, match="password"):
        read_pdf((tmp_path / "locked.pdf").read_bytes(), "https://e.com/a.pdf")
