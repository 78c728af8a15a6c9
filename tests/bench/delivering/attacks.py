"""Put every attack by markup into every field of an alert, and look for anything active in the mail."""

from __future__ import annotations

from markup import ATTACKS, FIELDS, active_parts, attacked

from .table import Row


def attacks() -> list[Row]:
    """Row C2: each mail is parsed; nothing may be in it that the templates did not put there."""
    active = [
        (field, attack, found)
        for field in FIELDS
        for attack in ATTACKS
        if (found := active_parts(attacked(field, attack).html))
    ]
    for one in active:
        print(*one)
    return [
        Row(
            f"{len(ATTACKS)} attacks by markup in each of {len(FIELDS)} fields ({len(ATTACKS) * len(FIELDS):,} mails)",
            "active elements 0",
            f"{len(active)}",
        )
    ]
