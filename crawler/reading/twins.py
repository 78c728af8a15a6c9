"""Count the copies of a body that the readers left out by themselves, so that they are reported like the folded ones.

A second run in a container of its own (desktop and mobile, a reprint below the disclaimer) never reaches the text:
the spine is one of the two. What was left out is seen by comparing the text with all blocks of the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from crawler.reading.blocks import Block, fold_key, weigh
from state.records import Folded

_LONG = 80
_SHARE = 0.6


def count_twins(blocks: Iterable[Block]) -> dict[str, int]:
    """Give the keys of long blocks that stand more than once in a page, with how often beyond the first."""
    counted = Counter(block.key for block in blocks if block.weight >= _LONG)
    return {key: number - 1 for key, number in counted.items() if number > 1}


def folded_outside(paragraphs: Sequence[str], twins: Mapping[str, int]) -> Folded:
    """Report the copies of a text that stand elsewhere in its page; none unless most of the text does."""
    longs = [(fold_key(line), line) for line in paragraphs if weigh(line) >= _LONG]
    kept = Counter(key for key, _ in longs)
    # What still stands twice in the text was not left out.
    twice = [(twins[key] + 1 - kept[key], line) for key, line in longs if twins.get(key, 0) >= kept[key]]
    whole, again = sum(weigh(line) for _, line in longs), sum(weigh(line) for _, line in twice)
    if len(twice) < 2 or again < _SHARE * whole:
        return Folded()
    copies = Counter(number for number, _ in twice).most_common(1)[0][0]
    return Folded(copies, sum(number * len(line) for number, line in twice))
