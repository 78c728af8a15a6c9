"""Tell the paper that an item announces from the papers it only cites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Literal

from rules.documents import Documents
from rules.reading import Reading
from rules.window import Firing, Span

# The paper that an item announces is named where it is announced or soon after; further down others are cited.
LEAD_SENTENCES = 4
MOST_NAMED = 20
# What makes a paper a cited one stands in the same clause, before it.
_LONGEST_CLAUSE = 160
_CLAUSE_END = re.compile(r"[,;:!?。\n]")
_TITLE = re.compile(r"《[^《》]*》")

Standing = Literal["announced", "cited", "named"]


def own_spans(firing: Firing) -> list[Span]:
    """Give where an item names its own paper: where the rule fired, the headline, the lead."""
    title = firing.unit.title
    spans = [(firing.start, firing.end)]
    if title is not None:
        spans.append((title.start, title.end))
    spans.extend((each.start, each.end) for each in firing.unit.lead(LEAD_SENTENCES))
    return list(dict.fromkeys(spans))


def standing(documents: Documents, plain: str, start: int, position: int) -> Standing:
    """Say how the text from `start` speaks of what stands at `position`: it issues it, rests on it, or just names it.

    Of "issued" and "pursuant to" the later counts. Titles in between are passed over, words and all.
    """
    before = plain[max(start, position - _LONGEST_CLAUSE) : position]
    clause = _CLAUSE_END.split(_TITLE.sub("《》", before))[-1]
    cited, announced = _last(documents.citing, clause), _last(documents.announcing, clause)
    if cited > announced:
        return "cited"
    return "announced" if announced >= 0 else "named"


def _last(pattern: Any, clause: str) -> int:
    """Give where the last match of a regex of the pack begins; -1 where there is none."""
    found = [] if pattern is None else [match.start() for match in pattern.finditer(clause)]
    return found[-1] if found else -1


def own_numbers(
    firing: Firing, reading: Reading, documents: Documents, spans: list[Span]
) -> Iterator[tuple[Span, str | None]]:
    """Give the numbers in some spans that can be the paper's own, as span and issuer where that is known.

    Not its own are those it rests on, and those of bodies beyond the beat or not responsible for who acts here.
    """
    if documents.number is None:
        return
    plain = reading.text.folded.plain
    place = None if firing.actor is None else firing.actor.concept.place
    for start, end in spans:
        for found in islice(documents.number.finditer(plain[start:end]), MOST_NAMED):
            begin, issuer = documents.issuer(found.group())
            # Words that lead up to a number unseparated may be part of the match, so all of it is looked at.
            if standing(documents, plain, start, start + found.end()) == "cited":
                continue
            if issuer is None or (issuer.home and (place is None or place in issuer.places)):
                yield (
                    (start + found.start() + begin, start + found.end()),
                    None if issuer is None else issuer.id,
                )
