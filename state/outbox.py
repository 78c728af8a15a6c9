"""Keep alerts and their deliveries: the table is the state machine.

held ──release──► due ──claim──► leased ──┬─► delivered
                   ▲                      ├─► due (retry later)
                   └── lease runs out ────┤
                                          └─► parked ──retry──► due
"""

from __future__ import annotations

SCHEMA: tuple[str, ...] = ()
