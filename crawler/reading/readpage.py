"""The outcome of reading one page."""

from __future__ import annotations

from dataclasses import dataclass

from state.records import Article


@dataclass(frozen=True, slots=True)
class ReadPage:
    """Hold the article a page says, and the keys of its lines, which the state remembers for the host."""

    article: Article
    line_keys: tuple[str, ...]
