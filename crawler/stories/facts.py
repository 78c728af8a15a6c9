"""Collect what a text says that no translation changes: figures, dates, Latin names, known entities."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from crawler.stories.fold import is_han
from crawler.stories.quantities import quantities
from state.records import Article

LOOKED_AT: Final = 8_000
"""Characters from which facts are taken; news says what it is about before that."""

MOST: Final = 48
"""Facts kept of one article, the first ones."""

_ADDRESS: Final = re.compile(r"<[^<>]{1,400}>|(?:https?://|www\.)\S+|\w\S*@\w\S+")
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-.&+/'’][A-Za-z0-9]+)*\+{0,2}")
_SENTENCE_START: Final = re.compile(r"(?:^|[.!?:\n]\s*|[\"“‘(]\s*)$")
_JOINTS: Final = re.compile(r"[-.&/'’]")
_POSSESSIVE: Final = re.compile(r"['’]s?$")
_COMMON: Final = frozenset(
    """ai the a an and or of in on to for with by from at as is are was were be been it its this that these those he she
    they we i you his her their our my your has have had will would can could may more most new now not no but if so
    after before over under up out into than then when where who what which how why all one two first last year years
    says said say inc ltd co corp llc plc mr ms mrs dr ceo cto cfo us uk eu tv pm am monday tuesday wednesday thursday
    friday saturday sunday january february march april june july august september october november december http https
    www com cn html source editor link app""".split()  # noqa: SIM905 - a list of words reads best as text
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold the facts of one article, each once, in the order of the text.

    `latin` are all its Latin words, folded: a translation may keep a word that the original does not write as a name.
    """

    tokens: tuple[str, ...]
    latin: frozenset[str]
    weight: int
    han: bool


def facts_of(article: Article) -> Facts:
    """Collect the facts of an article from its title and the beginning of its text."""
    text = unicodedata.normalize("NFKC", f"{article.title or ''}\n{article.text}"[:LOOKED_AT])
    text = _ADDRESS.sub(" ", text)
    han = is_han(text)
    found = [(at, token) for at, token in quantities(text)]
    words: set[str] = set()
    for match in _LATIN.finditer(text):
        word = _folded(match[0])
        words.add(word)
        if word not in _COMMON and len(word) > 1 and (han or _is_name(match[0], text, match.start())):
            found.append((match.start(), f"w{word}"))
    offset = len(article.title or "") + 1
    found += [(entity.start + offset, f"e{entity.id}") for entity in article.entities]
    tokens = tuple(dict.fromkeys(token for _, token in sorted(found)))[:MOST]
    return Facts(tokens, frozenset(words), sum(map(str.isalnum, text)), han)


def fact_key(token: str) -> int:
    """Name a fact by a 63-bit hash for the index."""
    return int.from_bytes(blake2b(token.encode("utf-8", "replace"), digest_size=8, person=b"fact").digest()) >> 1


def _folded(word: str) -> str:
    return _JOINTS.sub("", _POSSESSIVE.sub("", word)).lower()


def _is_name(word: str, text: str, start: int) -> bool:
    """Tell whether a word of an English text looks like a name: capitals inside, digits, or a capital in mid-sentence."""
    if any(c.isdigit() for c in word) or any(c.isupper() for c in word[1:]):
        return True
    return word[0].isupper() and not _SENTENCE_START.search(text[max(0, start - 3) : start])
