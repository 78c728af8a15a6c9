"""What every way over the network has in common: steps to ask for, what they lead to, pages as their site served them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from state.backfill_items import Item, Step
from state.records import Page


@dataclass(frozen=True, slots=True)
class Ask:
    """Hold what to ask for."""

    url: str
    method: str = "GET"
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Findings:
    """Hold what one listing led to: pages, further listings, archive files with their sizes in bytes (0: unknown)."""

    items: tuple[Item, ...] = ()
    more: tuple[Step, ...] = ()
    files: tuple[tuple[str, int], ...] = ()


class Way(Protocol):
    """Lead from an order to pages."""

    def lanes(self) -> dict[str, tuple[Step, ...]]:
        """Give the first steps of each lane, by the source's id."""
        ...

    def ask(self, lane: str, step: Step) -> Ask:
        """Say how to ask for a step."""
        ...

    async def read(self, lane: str, step: Step, page: Page, seen: set[str]) -> Findings:
        """Read the answer of a step; `seen` holds the keys that this lane has led to before.

        Raises ReadError where it says nothing usable.
        """
        ...

    def ends_at(self, step: Step, status: int) -> bool:
        """Tell whether an error status only means that the listing has no further page."""
        ...

    def restored(self, item: Item, page: Page) -> Page:
        """Give a page as its site served it, where an archive served a copy; raise ReadError where it is none."""
        ...
