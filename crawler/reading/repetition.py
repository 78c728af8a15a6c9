"""Fold a body that stands more than once in one page, and leave every repeat that belongs to the text.

The method is the one of `notes/methods.md` section B: n-grams of tokens point to their first position, hits at a
nearly constant distance form a run, and only a long, dense run that makes a good part of the page is a copy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from state.records import Folded

_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
_SENTENCE = re.compile(r".*?(?:[。！？!?]+[”’」』\"]?|\.(?=\s)|$)\s*", re.DOTALL)
_DRIFT = 40
_MIN_WORDS = 40
_MIN_CJK = 80
_MIN_SHARE = 0.2
_DENSE_COPY = 0.6
_DENSE_SOURCE = 0.5
_COVERED = 0.6
_MAX_TOKENS = 200_000


@dataclass(frozen=True, slots=True)
class _Segment:
    """Hold one sentence: which line it is of and which tokens are its own."""

    line: int
    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Run:
    """Hold one stretch of tokens that repeats an earlier one: `[start, end)` copies `[source, source_end)`."""

    start: int
    end: int
    source: int
    source_end: int
    hits: list[int]

    @property
    def offset(self) -> int:
        return self.end - self.source_end


def fold_repetition(lines: Sequence[str]) -> tuple[list[str], Folded]:
    """Drop the second and later copies of the body from `lines`; tell how many there were and what they weighed."""
    segments, tokens = _segments(lines)
    if not tokens or len(tokens) > _MAX_TOKENS:
        return list(lines), Folded()
    cjk = sum(1 for one in tokens if len(one) == 1 and one > "\u2e80") * 2 > len(tokens)
    size, floor = (8, _MIN_CJK) if cjk else (5, _MIN_WORDS)
    runs = _copies(_runs(_pairs(tokens, size), size), len(tokens), size, floor)
    if not runs:
        return list(lines), Folded()
    return _drop(lines, segments, runs)


def _segments(lines: Sequence[str]) -> tuple[list[_Segment], list[str]]:
    segments: list[_Segment] = []
    tokens: list[str] = []
    for number, line in enumerate(lines):
        for match in _SENTENCE.finditer(line):
            if match[0]:
                own = _TOKEN.findall(match[0].lower())
                segments.append(_Segment(number, match[0], len(tokens), len(tokens) + len(own)))
                tokens.extend(own)
    return segments, tokens


def _pairs(tokens: Sequence[str], size: int) -> list[tuple[int, int]]:
    """List (position, first position) of every n-gram that was met before."""
    first: dict[tuple[str, ...], int] = {}
    pairs = []
    for position in range(len(tokens) - size + 1):
        gram = tuple(tokens[position : position + size])
        seen = first.setdefault(gram, position)
        if seen != position:
            pairs.append((position, seen))
    return pairs


def _runs(pairs: Sequence[tuple[int, int]], size: int) -> list[_Run]:
    """Group hits into runs of nearly constant offset; a gap may be as long as a quarter of the run so far."""
    done: list[_Run] = []
    live: list[_Run] = []
    for position, source in pairs:
        keep: list[_Run] = []
        for run in live:
            gap = max(2 * _DRIFT, (run.end - run.start) // 4)
            (keep if position - run.end <= gap else done).append(run)
        live = keep
        fitting = [
            run for run in live if abs(position - source - run.offset) <= _DRIFT and source >= run.source
        ]
        if fitting:
            run = max(fitting, key=lambda run: run.end)
            run.end, run.source_end = position + size, max(run.source_end, source + size)
            run.hits.append(position)
        else:
            live.append(_Run(position, position + size, source, source + size, [position]))
    return done + live


def _copies(runs: list[_Run], total: int, size: int, floor: int) -> list[_Run]:
    copies: list[_Run] = []
    for run in sorted(runs, key=lambda run: run.start - run.end):
        length = run.end - run.start
        if length < max(floor, _MIN_SHARE * total):
            continue
        covered = _union(run.hits, size)
        if covered < _DENSE_COPY * length or covered < _DENSE_SOURCE * (run.source_end - run.source):
            continue
        if run.start < run.source_end or any(run.start < c.end and c.start < run.end for c in copies):
            continue
        copies.append(run)
    return copies


def _union(hits: Sequence[int], size: int) -> int:
    covered = 0
    end = -1
    for hit in hits:
        covered += hit + size - max(hit, end)
        end = hit + size
    return covered


def _drop(
    lines: Sequence[str], segments: Sequence[_Segment], runs: Sequence[_Run]
) -> tuple[list[str], Folded]:
    dropped = {id(segment) for segment in segments if _covered(segment, runs)}
    _extend(segments, runs, dropped)
    kept: dict[int, str] = {}
    for segment in segments:
        if id(segment) not in dropped:
            kept[segment.line] = kept.get(segment.line, "") + segment.text
    result = [text.strip() for text in kept.values() if text.strip()]
    removed = sum(len(line) for line in lines) - sum(len(text) for text in kept.values())
    return result, Folded(copies=len(runs), chars_removed=removed)


def _covered(segment: _Segment, runs: Sequence[_Run]) -> bool:
    length = segment.end - segment.start
    if length == 0 or any(
        segment.start < run.source_end and run.source < segment.end
        for run in runs
        if run.source >= segment.start
    ):
        return False
    overlap = sum(max(0, min(segment.end, run.end) - max(segment.start, run.start)) for run in runs)
    return overlap >= _COVERED * length


def _extend(segments: Sequence[_Segment], runs: Sequence[_Run], dropped: set[int]) -> None:
    """Drop the short lines beside a copy, such as its title, that stand word for word before it as well."""
    texts = [segment.text.strip() for segment in segments]
    for run in runs:
        inside = [
            i
            for i, segment in enumerate(segments)
            if segment.start < run.end and segment.end > run.start and id(segment) in dropped
        ]
        if not inside:
            continue
        earlier = {
            texts[i]
            for i, segment in enumerate(segments)
            if segment.end <= run.source_end and id(segment) not in dropped
        }
        for step, here in ((-1, inside[0] - 1), (1, inside[-1] + 1)):
            while (
                0 <= here < len(segments)
                and segments[here].start >= run.source_end
                and texts[here] in earlier
            ):
                dropped.add(id(segments[here]))
                here += step
        for i in range(inside[0], inside[-1]):
            if texts[i] in earlier:
                dropped.add(id(segments[i]))
