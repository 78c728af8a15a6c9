"""Fold text for matching without losing the way back to the original, and cut it into sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from opencc import OpenCC

# Quotes, brackets and dashes are written in many ways; a term or document number has one.
_PUNCTUATION = {
    **dict.fromkeys("“”„‟«»「」『』＂", '"'),
    **dict.fromkeys("‘’‚‛＇`´", "'"),
    **dict.fromkeys("‐‑‒–—―−－", "-"),
    **dict.fromkeys("〔【［", "["),
    **dict.fromkeys("〕】］", "]"),
    **dict.fromkeys("〈", "《"),
    **dict.fromkeys("〉", "》"),
    **dict.fromkeys("\u00a0\u3000\t\r\v\f™®©℠\u2028\u2029\u0085", " "),
    # NFKC would make three dots of it, and İ grows when it is lowered.
    "…": "…",
    "İ": "I",
}
# Blocks in which NFKC changes something; Han has its own table, private use and surrogates none.
_COMPATIBLE = (range(0xA0, 0x3400), range(0xA000, 0xD800), range(0xF900, 0x10000), range(0x1D400, 0x1D800))
_DROPPED = "\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad"
_COMBINING = "\u0300-\u036f"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_SPACE_BETWEEN_HAN = re.compile(f"(?<=[{_HAN}]) +(?=[{_HAN}])")
_NOTHING = re.compile(f"[{_DROPPED}]|\u0307")
_SENTENCE_END = re.compile(r"""[。!?]+["')\]》]*|…+["')\]》]*(?=\s|$)|\.["')\]]*(?=\s)""")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'])(?:mr|mrs|ms|dr|prof|inc|corp|ltd|co|no|vs|st|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
    r"|gen|approx|[a-z]|(?:[a-z]\.)+[a-z])\.$",
    re.IGNORECASE,
)
_LONGEST_ABBREVIATION = 12
_SHORT_CLUSTER = 4
# Above this many different characters to change, one pass over the text is faster than one for each.
MOST_REPLACEMENTS = 60


@dataclass(frozen=True, slots=True)
class Folded:
    """Hold text as it is matched: `plain` keeps case, `lower` does not, both of one length.

    `offsets[i]` is where character i came from; None means that nothing moved.
    """

    plain: str
    lower: str
    offsets: Sequence[int] | None = None

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of the original text that `plain[start:end]` stands for."""
        if self.offsets is None or start >= end:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


@cache
def _table() -> dict[int, str]:
    """Map each character that the fold replaces by exactly one other."""
    han = [chr(code) for code in range(0x3400, 0xA000)]
    simplified = OpenCC("t2s").convert("\n".join(han)).split("\n")
    table = {ord(old): new for old, new in zip(han, simplified, strict=True) if old != new}
    for code in (code for block in _COMPATIBLE for code in block):
        normal = unicodedata.normalize("NFKC", chr(code))
        if len(normal) == 1 and normal != chr(code):
            table[code] = table.get(ord(normal), normal)
    return table | {ord(old): new for old, new in _PUNCTUATION.items()}


@cache
def _growing() -> frozenset[str]:
    """Give the characters that the fold replaces by several."""
    every = (chr(code) for block in _COMPATIBLE for code in block)
    return frozenset(
        each for each in every if each not in _PUNCTUATION and len(unicodedata.normalize("NFKC", each)) > 1
    )


@cache
def _uneven() -> frozenset[str]:
    """Give the characters that change the length of a text they are folded in."""
    return _growing() | frozenset(re.findall(f"[{_DROPPED}{_COMBINING}]", "".join(map(chr, range(0x10000)))))


@cache
def _clusters() -> re.Pattern[str]:
    """Match what the fold drops, composes or replaces by several characters."""
    marks = f"{_DROPPED}{_COMBINING}"
    return re.compile(f"[^{marks}]?[{marks}]+|[{re.escape(''.join(sorted(_growing())))}]", re.DOTALL)


def fold(text: str) -> Folded:
    """Fold width, compatibility forms, quotes, dashes, brackets, traditional script and spaces between Han.

    NFKC per character (Unicode Standard Annex 15), then traditional to simplified per character (OpenCC), so that
    every folded character has one origin.
    """
    offsets: list[int] | None = None
    different = set(text)
    if not different.isdisjoint(_uneven()):
        text, offsets = _expand(text)
        different = set(text)
    plain = _replaced(text, different)
    if _SPACE_BETWEEN_HAN.search(plain):
        plain, offsets = _join_han(plain, offsets)
    return Folded(plain, plain.lower(), offsets)


def _replaced(text: str, different: set[str]) -> str:
    """Replace single characters; most texts hold few that change, and replacing those is ten times as fast."""
    table = _table()
    changing = [character for character in different if ord(character) in table]
    if len(changing) > MOST_REPLACEMENTS:
        return text.translate(table)
    for character in changing:
        text = text.replace(character, table[ord(character)])
    return text


def _expand(text: str) -> tuple[str, list[int]]:
    """Replace the clusters whose length the fold changes, and say where each character came from."""
    pieces: list[str] = []
    offsets: list[int] = []
    position = 0
    for cluster in _clusters().finditer(text):
        start, end = cluster.span()
        pieces.append(text[position:start])
        offsets.extend(range(position, start))
        found = cluster.group()
        piece = _usual(found) if len(found) <= _SHORT_CLUSTER else _composed(found)
        pieces.append(piece)
        offsets.extend([start] * len(piece))
        position = end
    pieces.append(text[position:])
    offsets.extend(range(position, len(text)))
    return "".join(pieces), offsets


def _composed(cluster: str) -> str:
    return _NOTHING.sub("", unicodedata.normalize("NFKC", cluster))


# The same few clusters make up most of a text that has any; long ones are an attack and not worth remembering.
_usual = lru_cache(maxsize=4096)(_composed)


def _join_han(plain: str, offsets: list[int] | None) -> tuple[str, list[int]]:
    """Drop the spaces between Han characters."""
    pieces: list[str] = []
    kept: list[int] = []
    position = 0
    for gap in _SPACE_BETWEEN_HAN.finditer(plain):
        pieces.append(plain[position : gap.start()])
        kept.extend(range(position, gap.start()))
        position = gap.end()
    pieces.append(plain[position:])
    kept.extend(range(position, len(plain)))
    return "".join(pieces), kept if offsets is None else [offsets[index] for index in kept]


def is_han(character: str) -> bool:
    """Tell whether a character is a Han character."""
    return "\u3400" <= character <= "\u9fff"


def paragraphs(plain: str) -> Iterator[tuple[int, int]]:
    """Give the span of each line that holds something, without the blanks around it."""
    start = 0
    for line in plain.split("\n"):
        stripped = line.strip()
        if stripped:
            begin = start + line.index(stripped[0])
            yield begin, begin + len(stripped)
        start += len(line) + 1


def sentences(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the span of each sentence of `plain[start:end]`, which is one paragraph."""
    begin = start
    for stop in _SENTENCE_END.finditer(plain, start, end):
        if stop.group()[0] == "." and not _ends_sentence(plain, begin, stop):
            continue
        yield begin, stop.end()
        begin = stop.end()
        while begin < end and plain[begin] == " ":
            begin += 1
    if begin < end:
        yield begin, end


def _ends_sentence(plain: str, begin: int, stop: re.Match[str]) -> bool:
    """Tell a full stop from the dot of an abbreviation or an initial."""
    following = plain[stop.end() : stop.end() + 3].lstrip(" \"'([")
    if following and following[0].islower():
        return False
    tail = plain[max(begin, stop.start() + 1 - _LONGEST_ABBREVIATION) : stop.start() + 1]
    return _ABBREVIATION.search(tail) is None
