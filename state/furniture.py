"""Remember which lines stand on which pages of a host, so that what recurs is known as furniture."""

from __future__ import annotations

SCHEMA: tuple[str, ...] = ()
