"""Read a few articles of a source, to see how well they read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from crawler.probing.asking import Asker
from crawler.reading.page import read_page
from state.errors import FetchError, ReadError
from state.records import Lead, Source

SIZE = 10
"""Articles of one sample."""
_LEAST_WIDTH = 120
"""Columns of text of the shortest article: two lines of a newspaper; a Chinese character fills two."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Say how one article read: what was found, or why nothing was."""

    url: str
    title: str | None = None
    date: str | None = None
    lang: str | None = None
    chars: int = 0
    trouble: str | None = None

    @property
    def is_good(self) -> bool:
        """Tell whether the page gave an article: a title and more than a line of text."""
        return self.trouble is None


async def read_sample(
    asker: Asker, source: Source, leads: Sequence[Lead], size: int = SIZE
) -> tuple[Reading, ...]:
    """Fetch and read the first `size` leads, one after the other as their host wants it."""
    return tuple([await _read(asker, source, lead) for lead in leads[:size]])


async def _read(asker: Asker, source: Source, lead: Lead) -> Reading:
    try:
        page = await asker.page(lead.url, browser=source.browser)
        article = (await asker.workers.run(read_page, page, source, lead)).article
    except (FetchError, ReadError) as error:
        return Reading(lead.url, trouble=str(error))
    thin = (
        "it has no title"
        if not article.title
        else "it has hardly any text"
        if _is_thin(article.text)
        else None
    )
    return Reading(
        lead.url, article.title, article.published.value, article.lang, len(article.text), trouble=thin
    )


def _is_thin(text: str) -> bool:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text[:_LEAST_WIDTH]) < _LEAST_WIDTH


def reading_shape(reading: Reading) -> dict[str, Any]:
    """Give a reading as JSON."""
    return {"good": reading.is_good} | asdict(reading)
