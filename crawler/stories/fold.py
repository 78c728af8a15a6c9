"""Fold spelling away, so that the same words written in two ways compare equal."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import opencc

MAX_LENGTH: Final = 60_000
"""Characters of a text that are looked at; what stands later can't make two articles the same."""

HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
"""Han characters, as a range inside a character class."""

_STOPS: Final = frozenset("。!?;、,:.—–\n")
"""The punctuation that folding keeps, because clauses and sentences end there."""

_ADDRESS: Final = re.compile(r"https?://[^\s)\]>」）]+")
_GAP_BESIDE_HAN: Final = re.compile(rf"(?<=[{HAN}])[ \t]+| +(?=[{HAN}])")
_NOT_WORD: Final = re.compile(r"[\W_]+")
_HAN_CHARACTER: Final = re.compile(rf"[{HAN}]")


def _table() -> dict[int, str]:
    """Build the table that turns traditional characters simplified and all punctuation but stops to spaces.

    Words would fold more exactly, but character by character both scripts of one text become equal, which is all
    that comparing needs.
    """
    characters = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    folded = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = {ord(old): new for old, new in zip(characters, folded, strict=True) if old != new}
    for code in range(0x20000):
        character = chr(code)
        if character not in _STOPS and unicodedata.category(character)[0] in "PSZ":
            table[code] = " "
    return table


_TABLE: Final = _table()


def fold(text: str) -> str:
    """Fold widths, scripts and case; drop addresses, brackets, quotes and spaces beside Han; keep lines and stops."""
    plain = text[:MAX_LENGTH]
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", plain)
    plain = _ADDRESS.sub(" ", plain).translate(_TABLE).lower()
    return plain if plain.isascii() else _GAP_BESIDE_HAN.sub("", plain)


def words(text: str) -> str:
    """Fold a short text to its words: letters and digits, one space between words of scripts that have spaces."""
    return _GAP_BESIDE_HAN.sub("", _NOT_WORD.sub(" ", fold(text))).strip()


def letters(text: str) -> str:
    """Fold a short text to letters and digits only."""
    return _NOT_WORD.sub("", fold(text))


def is_han(text: str) -> bool:
    """Tell whether a text is written in Han characters: one in ten suffices, as names and terms stay Latin."""
    sample = "".join(text[:4000].split())
    return bool(sample) and han_characters(sample) >= 0.1 * len(sample)


def han_characters(text: str) -> int:
    """Count the Han characters of a text."""
    return 0 if text.isascii() else len(_HAN_CHARACTER.findall(text))
