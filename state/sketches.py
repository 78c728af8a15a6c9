"""Keep the fingerprints by which a new article finds those it may be a copy of."""

from __future__ import annotations

SCHEMA: tuple[str, ...] = ()
