"""Read the text of a PDF: announcements of exchanges, notices of governments."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from crawler.reading.blocks import squeeze, weigh
from crawler.reading.credits import is_credit_line
from state.errors import UnreadablePage

MAX_PAGES = 80
_MIN_WEIGHT_A_PAGE = 40
_PAGE_NUMBER = re.compile(
    r"^[-—–\s]*(?:第?\s*\d{1,4}\s*页?|page\s+\d+(?:\s+of\s+\d+)?|\d+\s*/\s*\d+)[-—–\s]*$", re.IGNORECASE
)
_FILE_NAME = re.compile(
    r"\.(?:docx?|wps|pdf|indd|pptx?|xlsx?)\b|^microsoft word|^untitled|^\d+$", re.IGNORECASE
)
_ENDS = re.compile(r"[。．.!?！？：:；;”’」』)）]$")
_BEGINS = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[)）]|第[一二三四五六七八九十百\d]{1,4}[章节条]|\d{1,2}[.、．]\s?|[•·●■])"
)


def read_pdf(body: bytes, url: str) -> tuple[str, str | None]:
    """Give the text of a PDF, one paragraph a line, and the title its metadata claims.

    Raises:
        UnreadablePage: it is broken, encrypted, or scanned (pages of pictures without text).
    """
    try:
        reader = PdfReader(io.BytesIO(body), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadablePage(f"{url}: the PDF is locked with a password; it was skipped, open it by hand")
        pages = [
            reader.pages[number].extract_text() or "" for number in range(min(len(reader.pages), MAX_PAGES))
        ]
        title = reader.metadata.title if reader.metadata else None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        # A foreign PDF can break pypdf anywhere; whatever it raises, the file is the reason.
        raise UnreadablePage(
            f"{url}: the PDF is broken ({type(error).__name__}); it was skipped, open it by hand"
        ) from error
    if sum(weigh(page) for page in pages) < _MIN_WEIGHT_A_PAGE * max(1, len(pages)):
        raise UnreadablePage(
            f"{url}: the PDF holds pictures of pages and no text; it was skipped, read it by hand"
        )
    return "\n".join(_paragraphs(pages)), _title(title)


def _title(declared: object) -> str | None:
    """Give the title a PDF declares, unless it is the name of the file it was made from."""
    title = squeeze(declared) if isinstance(declared, str) else ""
    return title if weigh(title) >= 12 and not _FILE_NAME.search(title) else None


def _paragraphs(pages: list[str]) -> list[str]:
    """Join the lines that a page's width broke; numbers of pages and running heads are dropped."""
    lines = [squeeze(line) for page in pages for line in page.splitlines()]
    lines = [line for line in lines if line and not _PAGE_NUMBER.match(line)]
    width = sorted(len(line) for line in lines)[int(len(lines) * 0.8)] if lines else 0
    paragraphs: list[str] = []
    open_line = False
    for line in lines:
        if open_line and not _BEGINS.match(line):
            paragraphs[-1] = _glue(paragraphs[-1], line)
        else:
            paragraphs.append(line)
        open_line = len(line) >= 0.75 * width and not _ENDS.search(line) and not is_credit_line(line)
    return paragraphs


def _glue(head: str, tail: str) -> str:
    if head.endswith("-") and tail[:1].islower():
        return head[:-1] + tail
    between = "" if ord(head[-1]) > 0x2E80 and ord(tail[0]) > 0x2E80 else " "
    return f"{head}{between}{tail}"
