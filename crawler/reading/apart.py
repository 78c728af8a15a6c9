"""Read a page where there is no need to know how: what reading needs is imported by whoever does it, when it is done.

A daemon hands every page to a worker. Importing the readers would cost it a third of its start and much memory for nothing.
"""

from __future__ import annotations

from crawler.reading.readpage import ReadPage
from state.records import Lead, Page, Source


def read_page_apart(
    page: Page, source: Source | None, lead: Lead | None, furniture: frozenset[str] = frozenset()
) -> ReadPage:
    """Read `page` into an article as `crawler.reading.page.read_page` does, for the most part in a worker."""
    from crawler.reading.page import read_page  # noqa: PLC0415 - see above

    return read_page(page, source, lead, furniture)
