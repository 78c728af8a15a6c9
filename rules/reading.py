"""Read an article the way rules see it: units and sentences, and what is named where."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from typing import Any

from rules.terms import Alias, Concept, Hit
from rules.text import Folded, fold
from state.records import Article

# More than any news text has; what a hostile page adds beyond it is not read.
LONGEST_TEXT = 60_000
LONGEST_TITLE = 1_000
MOST_REGEX_HITS = 100
_START = attrgetter("start")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Hold the span of one sentence in the joined text; a title counts as one."""

    start: int
    end: int
    paragraph: int
    bullet: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """Hold one piece of news: a whole article, or one item of a digest. `title` is None where it has none."""

    title: Sentence | None
    body: tuple[Sentence, ...]

    def lead(self, size: int) -> tuple[Sentence, ...]:
        """Give the first sentences of the running text; a list of points above it is no lead."""
        running = (sentence for sentence in self.body if not sentence.bullet)
        return tuple(islice(running, size)) or self.body[:size]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Give the title, where there is one, and the sentences of the body."""
        return self.body if self.title is None else (self.title, *self.body)

    @property
    def span(self) -> tuple[int, int]:
        """Give where the unit begins and ends."""
        sentences = self.sentences
        return sentences[0].start, sentences[-1].end


@dataclass(frozen=True, slots=True)
class Joined:
    """Hold title and text folded and joined by a line break, with the way back to both.

    `base` is where the text begins in the joined string.
    """

    folded: Folded
    title: Folded
    body: Folded
    title_text: str
    body_text: str
    base: int

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Give where in the original title or text a span lies."""
        if start < self.base:
            return self.title.origin(start, end)
        return self.body.origin(start - self.base, end - self.base)

    def original(self, start: int, end: int) -> str:
        """Give a span as it was written."""
        begin, stop = self.origin(start, end)
        return (self.title_text if start < self.base else self.body_text)[begin:stop]


def join(article: Article) -> Joined:
    """Fold an article's title and text and join them."""
    title = (article.title or "")[:LONGEST_TITLE].replace("\n", " ")
    text = article.text[:LONGEST_TEXT]
    top, body = fold(title), fold(text)
    folded = Folded(f"{top.plain}\n{body.plain}", f"{top.lower}\n{body.lower}")
    return Joined(folded, top, body, title, text, len(top.plain) + 1)


@dataclass(slots=True)
class Reading:
    """Hold all that rules ask about one article; regexes are searched when first asked for."""

    article: Article
    text: Joined
    units: tuple[Unit, ...]
    hits: tuple[Hit, ...]
    regexes: Mapping[str, Any]
    _by_key: dict[str, list[Hit]] = field(default_factory=dict)
    _encoded: bytes | None = None

    def index(self, wanted: frozenset[str]) -> Iterable[str]:
        """File the hits under the keys that any rule asks for, and give the keys found."""
        by_key = self._by_key
        for hit in self.hits:
            for key in hit.alias.concept.keys:
                if key in wanted:
                    by_key.setdefault(key, []).append(hit)
        return by_key.keys()

    def find(self, key: str, start: int, end: int) -> Sequence[Hit]:
        """Give the hits of a key that lie wholly inside a span, in order."""
        found = self._by_key.get(key)
        if found is None:
            if key not in self.regexes:
                return ()
            found = self._by_key[key] = self._search(key)
        low = bisect_left(found, start, key=_START)
        high = bisect_right(found, end, key=_START)
        return [hit for hit in found[low:high] if hit.end <= end]

    def _search(self, key: str) -> list[Hit]:
        """Search one regex; on bytes, because RE2 counts them and encoding once is cheaper."""
        if self._encoded is None:
            self._encoded = self.text.folded.plain.encode()
        alias = Alias(Concept("regex", key, (key,)), key)
        hits: list[Hit] = []
        seen = position = 0
        for match in self.regexes[key].finditer(self._encoded):
            start, end = match.span()
            begin = position + len(self._encoded[seen:start].decode())
            stop = begin + len(self._encoded[start:end].decode())
            hits.append(Hit(begin, stop, alias))
            seen, position = end, stop
            if len(hits) >= MOST_REGEX_HITS:
                break
        return hits
