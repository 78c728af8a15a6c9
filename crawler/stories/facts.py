"""Collect what a text says that neither translation nor rewriting changes: figures, dates, names, known entities."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from math import log
from types import MappingProxyType
from typing import Final, Literal

from crawler.stories.fold import han_characters, is_han
from crawler.stories.quantities import quantities
from state.records import Article, Entity

Kind = Literal["name", "figure", "count", "year", "share", "place", "entity", "stem"]

LOOKED_AT: Final = 8_000
"""Characters from which facts are taken, a third as many of a Chinese text; news says what it is about before that."""

MOST: Final = 48
"""Facts kept of one article, the first ones."""

_KINDS: Final[tuple[Kind, ...]] = ("name", "figure", "count", "year", "share", "place", "entity", "stem")
_USUAL: Final = MappingProxyType(
    {"name": 4, "figure": 6, "count": 40, "year": 150, "share": 12, "place": 150, "entity": 8, "stem": 40}
)
"""Of two thousand articles, how many carry any one fact of a kind by chance; a year says little, a name much."""

_PLACES: Final = frozenset(
    {"city", "province", "district", "county", "zone", "region", "country", "national", "place"}
)
_MARKUP: Final = re.compile(r"<[^<>]{1,400}>")
_ADDRESS: Final = re.compile(r"(?:https?://|www\.)([^\s)\]>」）'\"]+)|@[A-Za-z0-9.-]+\.[A-Za-z]+")
_LATIN: Final = re.compile(r"(?<![A-Za-z0-9])[0-9]{0,3}[A-Za-z][A-Za-z0-9]*(?:[-.&+/'’][A-Za-z0-9]+)*\+{0,2}")
_NAME: Final = re.compile(
    r"[A-Z0-9](?:(?<![A-Za-z0-9][A-Z0-9])|(?<=[a-z][A-Z]))[A-Za-z0-9]+(?:[-.&+/'’][A-Za-z0-9]+)*\+{0,2}"
)
_DOCUMENT: Final = re.compile(r"[\u4e00-\u9fff]{1,8}[〔\[(](?:19|20)\d\d[〕\])](?:第)?\d{1,5}号")
_SENTENCE_START: Final = re.compile(r"(?:^|[.!?:\n]\s*|[\"“‘(]\s*)$")
_WORD: Final = re.compile(r"[a-z0-9+]{2,}")
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
    """Hold the facts of one article as keys, each once, in the order of the text.

    `names` gives the Latin word behind a key; `following` are names that stand right behind another, and say little
    more than it does (Sam Altman). `length` counts letters, a Han character as three, as much as it takes in English.
    """

    keys: tuple[int, ...]
    names: Mapping[int, str]
    following: frozenset[int]
    length: int
    han: bool


def facts_of(article: Article, others: Iterable[Entity] = ()) -> Facts:
    """Collect the facts of an article from its title and the beginning of its text.

    `others` are names the gazetteer knows beyond the article's own entities, with their place in title, line break and
    text: one that is written in Chinese counts as the Latin name it stands for.
    """
    title = article.title or ""
    raw = f"{title}\n{article.text}"
    raw = raw[: LOOKED_AT // 3 if is_han(raw) else LOOKED_AT]
    text = _MARKUP.sub(" ", unicodedata.normalize("NFKC", raw))
    found = [
        (match.start(), fact_key("name", f"@{match[1]}")) for match in _ADDRESS.finditer(text) if match[1]
    ]
    text = _ADDRESS.sub(lambda match: " " * len(match[0]), text)
    han = is_han(text)
    found += [(at, fact_key(kind, value)) for at, kind, value in quantities(text, han=han)]
    names: dict[int, str] = {}
    following = set()
    end = -2
    for match in (_LATIN if han else _NAME).finditer(text):
        word = _folded(match[0])
        if len(word) > 1 and word not in _COMMON and (han or _is_name(match[0], text, match.start())):
            key = fact_key("name", word)
            if match.start() <= end + 1 and key not in names:
                following.add(key)
            names[key] = word
            found.append((match.start(), key))
            end = match.end()
    found += [
        (match.start(), fact_key("entity", _JOINTS.sub("", match[0]))) for match in _DOCUMENT.finditer(text)
    ]
    for entity in article.entities:
        kind: Kind = "place" if entity.kind in _PLACES else "entity"
        found.append((entity.start + len(title) + 1, fact_key(kind, entity.id)))
    for other in others:
        if other.kind in _PLACES:
            found.append((other.start, fact_key("place", other.id)))
            continue
        name = _folded(other.id)
        if is_han(other.surface) or _folded(other.surface.replace(" ", "")) == name:
            names[key := fact_key("name", name)] = name
            found.append((other.start, key))
    keys = tuple(dict.fromkeys(key for _, key in sorted(found)))[:MOST]
    return Facts(keys, MappingProxyType(names), frozenset(following), _length(text), han)


def _length(text: str) -> int:
    return len("".join(text.split())) + 2 * han_characters(text)


def latin_words(article: Article) -> frozenset[str]:
    """Give all Latin words of an article, folded as names are: a translation may keep one that is no name in it."""
    text = unicodedata.normalize("NFKC", f"{article.title or ''}\n{article.text}"[:LOOKED_AT])
    return frozenset(_WORD.findall(_JOINTS.sub("", text.lower())))


def fact_key(kind: Kind, value: str) -> int:
    """Name a fact by a 63-bit hash whose last three bits tell its kind."""
    digest = blake2b(value.encode("utf-8", "replace"), digest_size=8, person=kind.encode()).digest()
    return (int.from_bytes(digest) >> 1 & ~7) | _KINDS.index(kind)


def kind_of(key: int) -> Kind:
    """Tell the kind of a fact by its key."""
    return _KINDS[key & 7]


def weights(facts: Facts, carriers: Mapping[int, int]) -> dict[int, float]:
    """Weigh the facts of an article by rarity; the second word of a name adds less than half of its own weight."""
    return {
        key: weight(key, carriers.get(key, 1)) * (0.4 if key in facts.following else 1.0)
        for key in facts.keys
    }


def weight(key: int, carriers: int) -> float:
    """Weigh a fact by its rarity: the logarithm of how unlikely two unrelated articles share it."""
    return max(0.3, log(2000 / (carriers + _USUAL[kind_of(key)])))


def _folded(word: str) -> str:
    word = _JOINTS.sub("", _POSSESSIVE.sub("", word))
    # LLMs are what an LLM is.
    return (word[:-1] if word.endswith("s") and len(word) > 2 and word[:-1].isupper() else word).lower()


def _is_name(word: str, text: str, start: int) -> bool:
    """Tell whether a word of an English text looks like a name: capitals inside, digits, or a capital in mid-sentence."""
    if not word[1:].islower():
        return not word.isdigit()
    return word[0].isupper() and not _SENTENCE_START.search(text[max(0, start - 3) : start])
