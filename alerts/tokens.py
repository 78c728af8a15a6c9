"""Sign what a person sends back to us, so that nobody can confirm or end somebody else's subscription.

A token is a subscriber's id and a keyed hash (HMAC-SHA256, RFC 2104, cut to 128 bits) over its purpose, that id and
what else it is bound to. It says nothing of the address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Literal

Purpose = Literal["confirm", "unsubscribe"]
_BYTES = 16


def sign(key: bytes, purpose: Purpose, id_: str, bound_to: str = "") -> str:
    """Give the token for one purpose."""
    return f"{id_}.{_seal(key, purpose, id_, bound_to)}"


def is_signed(key: bytes, purpose: Purpose, token: str, bound_to: str = "") -> bool:
    """Tell whether we signed this token for this purpose; takes the same time whatever is wrong with it."""
    id_, _, seal = token.partition(".")
    wanted = _seal(key, purpose, id_, bound_to)
    return hmac.compare_digest(seal.encode("utf-8", "replace"), wanted.encode())


def id_in(token: str) -> str:
    """Give the id that a token claims to be for."""
    return token.partition(".")[0]


def _seal(key: bytes, purpose: str, id_: str, bound_to: str) -> str:
    said = f"{purpose}\x1f{id_}\x1f{bound_to}".encode("utf-8", "replace")
    digest = hmac.new(key, said, hashlib.sha256).digest()[:_BYTES]
    return base64.b32encode(digest).decode("ascii").rstrip("=").lower()
