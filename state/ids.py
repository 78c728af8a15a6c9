"""Derive identifiers from what they identify, so that doing a thing twice cannot make two of it."""

from __future__ import annotations

import base64
import hashlib


def derived_id(prefix: str, *parts: str) -> str:
    """Derive a stable id of 16 base32 characters (80 bits) from `parts`, e.g. `st_mfrggzdfmztwq2lk`."""
    digest = hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=10).digest()
    return f"{prefix}_{base64.b32encode(digest).decode('ascii').lower()}"
