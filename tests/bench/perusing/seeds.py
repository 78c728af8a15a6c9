"""Compare what is read of the five seeds with what their own text proves."""

from __future__ import annotations

from crawler.reading.page import read_page
from perusing.samples import SHARED
from state.records import Page

SEEDS = {
    "000": ("en", "Steady Progress", None, "Gate", "Southern Metropolis Daily", None, 1),
    "001": ("en", "AI plays crucial role", "2018-10-17T10:00:59+08:00", "INDICS", "China Daily", None, 0),
    "002": ("en", "Guangdong: Seizing AI", None, None, None, None, 0),
    "003": ("en", None, None, None, None, None, 0),
    "004": ("en", "Chinese Provinces and Cities", None, None, None, None, 0),
}


def measure_seeds() -> list[str]:
    """Read the five seeds and compare with what their own text proves."""
    rows = [
        "| seed | language | title | date | publisher | original source | author | folded copies |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for path in sorted((SHARED / "seeds").glob("*.txt")):
        page = Page(
            path.name,
            path.name,
            path.read_bytes(),
            None,
            headers={"content-type": "text/plain; charset=utf-8"},
        )
        a = read_page(page).article
        lang, title, date, publisher, source, author, copies = SEEDS[path.name[:3]]
        same_title = a.title is None if title is None else (a.title or "").startswith(title)
        checks = (
            (a.lang == lang, a.lang),
            (same_title, (a.title or "null")[:30]),
            (a.published.value == date, a.published.value or f"null ({a.published.raw or 'no trace'})"),
            (a.publisher == publisher, a.publisher or "null"),
            (a.original_source == source, a.original_source or "null"),
            (a.author == author, a.author or "null"),
            (a.folded.copies == copies, f"{a.folded.copies} ({a.folded.chars_removed} characters)"),
        )
        rows.append(
            f"| {path.name[:3]} | "
            + " | ".join(f"{'✓' if good else '✗'} {value}" for good, value in checks)
            + " |"
        )
    return rows
