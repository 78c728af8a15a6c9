"""Fold a body that stands more than once in one page, and leave every repeat that belongs to the text.

The method is the one of `notes/methods.md` section B: n-grams of tokens point to their first position, hits at a
nearly constant distance form a run, and only a long, dense run that makes a good part of the page is a copy.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from state.records import Folded

_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
_SENTENCE = re.compile(r".*?(?:[。！？!?]+[”’」』\"]?|\.(?=\s)|$)\s*", re.DOTALL)
_DRIFT = 40
_LOOK_BACK = 20
_MIN_GAP = 120
_MIN_WORDS = 30
_MIN_CJK = 50
_MIN_SHARE = 0.2
_SHORT_SHARE = 0.4
_STRETCH = 1.6
_NEW_NUMBERS = 0.15
_LONG = 200
_FEW_BREAKS = 3
_VARIED = 0.6
_WORDS_A_BREAK = 100
# Without 一, which is as often a word as a number.
_HAN_NUMBERS = frozenset("二三四五六七八九十百千")
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
    hits: list[tuple[int, int]]

    @property
    def offset(self) -> int:
        """Give how far the copy stands behind its source."""
        return self.end - self.source_end

    @property
    def patience(self) -> int:
        """Give the number of tokens this run may go without a hit, in copy or source."""
        return max(_MIN_GAP, (self.end - self.start) // 4)


def fold_repetition(lines: Sequence[str]) -> tuple[list[str], Folded]:
    """Drop the second and later copies of the body from `lines`; tell how many there were and what they weighed."""
    segments, tokens = _segments(lines)
    if not tokens or len(tokens) > _MAX_TOKENS:
        return list(lines), Folded()
    cjk = sum(1 for one in tokens if len(one) == 1 and one > "\u2e80") * 2 > len(tokens)
    size, floor = (8, _MIN_CJK) if cjk else (5, _MIN_WORDS)
    copies = _copies(_runs(_pairs(tokens, size), size), tokens, size, floor)
    if not copies:
        return list(lines), Folded()
    return _drop(lines, segments, copies, tokens, size)


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
    """Group hits into runs of nearly constant offset."""
    done: list[_Run] = []
    live: list[_Run] = []
    for position, source in pairs:
        keep: list[_Run] = []
        for run in live:
            (keep if position - run.end <= run.patience else done).append(run)
        live = keep
        fitting = [r for r in live if abs(position - source - r.offset) <= _DRIFT and source >= r.source]
        if fitting:
            run = max(fitting, key=lambda run: run.end)
            run.end, run.source_end = position + size, max(run.source_end, source + size)
            run.hits.append((position, source))
        else:
            live.append(_Run(position, position + size, source, source + size, [(position, source)]))
    return _chained(sorted(done + live, key=lambda run: run.start), size)


def _chained(runs: list[_Run], size: int) -> list[_Run]:
    """Join a run to the one it carries on after an edit, where copy and source both move on by little."""
    chains: list[_Run] = []
    for run in runs:
        before = next((c for c in reversed(chains[-_LOOK_BACK:]) if _carries_on(c, run, size)), None)
        if before is None:
            chains.append(run)
        else:
            before.end, before.source_end = run.end, run.source_end
            before.hits.extend(run.hits)
    return chains


def _carries_on(before: _Run, run: _Run, size: int) -> bool:
    copy_gap, source_gap = run.start - before.end, run.source - before.source_end
    return -size <= copy_gap <= before.patience and -size <= source_gap <= before.patience


def _copies(runs: list[_Run], tokens: Sequence[str], size: int, floor: int) -> list[_Run]:
    """Choose the runs that are copies of the body, the longest first, and none that overlap."""
    copies: list[_Run] = []
    apart = (trimmed for run in runs if (trimmed := _apart(run)) is not None)
    for run in sorted(apart, key=lambda run: run.start - run.end):
        overlaps = any(min(run.end, c.end) - max(run.start, c.start) > 2 * size for c in copies)
        if overlaps or not _is_copy(run, tokens, size, floor):
            continue
        grown = _grown(run, tokens)
        if _is_varied(tokens[grown.source : grown.source_end], size):
            copies.append(grown)
    return copies


def _grown(run: _Run, tokens: Sequence[str]) -> _Run:
    """Take in the equal tokens beside a run, whose n-grams were first met elsewhere."""
    start, source = run.start, run.source
    while source > 0 and start > run.source_end and tokens[start - 1] == tokens[source - 1]:
        start, source = start - 1, source - 1
    end, source_end = run.end, run.source_end
    while end < len(tokens) and source_end < start and tokens[end] == tokens[source_end]:
        end, source_end = end + 1, source_end + 1
    return _Run(start, end, source, source_end, run.hits)


def _apart(run: _Run) -> _Run | None:
    """Cut off the beginning of a run that still lies in its own source, as where a body quotes its title."""
    hits = [hit for hit in run.hits if hit[0] >= run.source_end]
    return _Run(hits[0][0], run.end, hits[0][1], run.source_end, hits) if hits else None


def _is_copy(run: _Run, tokens: Sequence[str], size: int, floor: int) -> bool:
    length, source = run.end - run.start, run.source_end - run.source
    # What is hardly longer than a refrain must be a whole short body standing twice.
    share = _SHORT_SHARE if length < 2 * floor else _MIN_SHARE
    if length < max(floor, share * len(tokens)):
        return False
    # Rows of a list are all like its first row: there the source stays behind while the copy grows.
    if not 1 / _STRETCH <= length / source <= _STRETCH:
        return False
    covered = _union(run.hits, size)
    if covered < _DENSE_COPY * length or covered < _DENSE_SOURCE * source:
        return False
    if _breaks(run.hits, tokens) > max(_FEW_BREAKS, length // _WORDS_A_BREAK):
        return False
    return _same_numbers(tokens[run.start : run.end], tokens[run.source : run.source_end])


def _is_varied(tokens: Sequence[str], size: int) -> bool:
    """Tell whether a stretch goes on saying new things; slogans and verses repeat themselves from line to line."""
    grams = [tuple(tokens[at : at + size]) for at in range(len(tokens) - size + 1)]
    return len(set(grams)) >= _VARIED * len(grams)


def _breaks(hits: Sequence[tuple[int, int]], tokens: Sequence[str]) -> int:
    """Count the places where a copy departs from its source: few after an edit, many in a story told by template.

    Between two hits the words may still be equal: their n-grams were then first met somewhere else.
    """
    return sum(
        tokens[before[0] : after[0]] != tokens[before[1] : after[1]]
        for before, after in pairwise(hits)
        if after[0] - before[0] > 1
    )


def _same_numbers(copy: Sequence[str], source: Sequence[str]) -> bool:
    """Tell whether the copy has hardly a number of its own; another day's story in the same words has."""
    numbers, known = (Counter(token for token in tokens if _is_number(token)) for tokens in (copy, source))
    new = sum((numbers - known).values())
    return new == 0 or (len(copy) >= _LONG and new <= max(1, _NEW_NUMBERS * sum(numbers.values())))


def _is_number(token: str) -> bool:
    return token.isdecimal() or token in _HAN_NUMBERS


def _union(hits: Sequence[tuple[int, int]], size: int) -> int:
    covered = 0
    end = -1
    for hit, _ in hits:
        covered += hit + size - max(hit, end)
        end = hit + size
    return covered


def _drop(
    lines: Sequence[str],
    segments: Sequence[_Segment],
    copies: Sequence[_Run],
    tokens: Sequence[str],
    size: int,
) -> tuple[list[str], Folded]:
    """Leave out the sentences that copies cover; what was edited in a copy is new and stays."""
    covered = _cover(copies, tokens, size)
    dropped = {i for i, segment in enumerate(segments) if _is_covered(segment, covered)}
    dropped |= _beside(segments, copies, dropped)
    kept: dict[int, str] = {}
    for i, segment in enumerate(segments):
        if i not in dropped:
            kept[segment.line] = kept.get(segment.line, "") + segment.text
    result = [text.strip() for text in kept.values() if text.strip()]
    removed = sum(len(line) for line in lines) - sum(len(text) for text in kept.values())
    return result, Folded(copies=len(copies), chars_removed=removed)


def _cover(copies: Sequence[_Run], tokens: Sequence[str], size: int) -> bytearray:
    """Mark the tokens of copies that stand in their sources as well."""
    covered = bytearray(len(tokens))
    for run in copies:
        first, last = run.hits[0], run.hits[-1]
        _mark(covered, run.start, first[0])
        _mark(covered, last[0], run.end)
        for here, after in pairwise(run.hits):
            equal = tokens[here[0] : after[0]] == tokens[here[1] : after[1]]
            _mark(covered, here[0], after[0] if equal else here[0] + size)
    return covered


def _mark(covered: bytearray, start: int, end: int) -> None:
    covered[start:end] = b"\x01" * (end - start)


def _is_covered(segment: _Segment, covered: bytearray) -> bool:
    length = segment.end - segment.start
    return length > 0 and sum(covered[segment.start : segment.end]) >= _COVERED * length


def _beside(segments: Sequence[_Segment], copies: Sequence[_Run], dropped: set[int]) -> set[int]:
    """Find the short lines in and beside a copy, such as its title, that stand word for word before it as well."""
    texts = [segment.text.strip() for segment in segments]
    more: set[int] = set()
    for run in copies:
        inside = [i for i in dropped if run.start <= segments[i].start < run.end]
        if not inside:
            continue
        first, last = min(inside), max(inside)
        earlier = {
            texts[i]
            for i, segment in enumerate(segments)
            if segment.end <= run.source_end and i not in dropped
        }
        more |= {i for i in range(first, last) if texts[i] in earlier}
        for step, here in ((-1, first - 1), (1, last + 1)):
            while (
                0 <= here < len(segments)
                and segments[here].start >= run.source_end
                and texts[here] in earlier
            ):
                more.add(here)
                here += step
    return more
