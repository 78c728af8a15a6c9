"""Sketch a text by its smallest hashes, so that a part finds the whole and the whole its part.

Keeping the k smallest hashes of all character n-grams is Broder's bottom-k sketch ("On the resemblance and containment
of documents", 1997). A long text is asked for with more hashes than are kept of one, because the hashes of a part are
thinly spread among those of the whole; banded MinHash, which measures resemblance, misses most of such pairs.
"""

from __future__ import annotations

from typing import Final

import numpy as np

KEPT: Final = 16
ASKED: Final = 64
HAN_GRAM: Final = 7
LATIN_GRAM: Final = 22

_BASE: Final = np.uint64(0x100000001B3)
_MIX: Final = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_BITS: Final = np.uint64(63)


def sketch(text: str, *, han: bool) -> tuple[int, ...]:
    """Give the up to 64 smallest distinct hashes of a folded text without spaces, smallest first.

    The first 16 are kept in the index; all of them ask it. Empty for a text shorter than one n-gram.
    """
    size = HAN_GRAM if han else LATIN_GRAM
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    count = len(codes) - size + 1
    if count < 1:
        return ()
    grams = np.zeros(count, dtype=np.uint64)
    for offset in range(size):
        grams = grams * _BASE + codes[offset : offset + count]
    hashes = _mixed(grams)
    some = 4 * ASKED  # a phrase that stands twice gives one hash twice
    if count > some:
        hashes = np.partition(hashes, some)[:some]
    return tuple(sorted(set(hashes.tolist()))[:ASKED])


def _mixed(grams: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Spread rolling hashes evenly (the finaliser of SplitMix64) over 63 bits, which SQLite's integers hold."""
    grams = (grams ^ (grams >> np.uint64(30))) * _MIX[0]
    grams = (grams ^ (grams >> np.uint64(27))) * _MIX[1]
    return (grams ^ (grams >> np.uint64(31))) >> (np.uint64(64) - _BITS)
