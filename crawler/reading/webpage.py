"""Read an HTML page up to the point from which all documents are read alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import html

from crawler.reading.blocks import Block, cut_blocks, squeeze, weigh
from crawler.reading.body import Body, Witness, read_body
from crawler.reading.document import parse_html
from crawler.reading.nearby import Nearby, find_nearby
from crawler.reading.structured import Claims, collect_claims
from crawler.reading.title import choose_title, headline_above
from crawler.reading.twins import count_twins
from state.errors import UnreadablePage
from state.records import Lead

_MIN_WEIGHT = 30
_SCRAP = 400
_MANY_LINKS = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold what one kind of document yields before the steps that all kinds share.

    `lines` are the candidate paragraphs; `nearby` are short lines around them that may carry dates and credits;
    `twins` are the long blocks that stand in the page more than once.
    """

    title: str | None
    lines: tuple[str, ...]
    nearby: tuple[Nearby, ...] = ()
    claims: Claims = field(default_factory=Claims)
    notes: tuple[str, ...] = ()
    twins: Mapping[str, int] = field(default_factory=dict)


def read_html(text: str, url: str, lead: Lead | None = None) -> Reading:
    """Read the page `text`; `lead` is what the source said of it.

    Raises:
        UnreadablePage: it is empty, a list, a login page or needs its scripts.
    """
    tree = parse_html(text)
    if tree is None:
        raise UnreadablePage(f"{url}: the page is empty; it was skipped, check the address in a browser")
    claims = collect_claims(tree)
    blocks = cut_blocks(tree.find("body"))
    witness = Witness(claims.article_body, claims.first("og:description", "description"))
    body = read_body(tree, blocks, witness)
    title = choose_title(claims, blocks, lead.title if lead else None)
    lines, notes = _witnessed_lines(body, claims, lead)
    title = title or headline_above(blocks, lines, _first_block(blocks, body))
    if sum(weigh(line) for line in lines) < _MIN_WEIGHT:
        grade, why = _why_empty(tree, blocks)
        raise UnreadablePage(
            f"{url}: {why}; it was skipped, exclude such addresses in the source", grade=grade
        )
    return Reading(title, lines, find_nearby(blocks, body, title), claims, notes, count_twins(blocks))


def _witnessed_lines(
    body: Body, claims: Claims, lead: Lead | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take the body as read, or a witness (JSON-LD, feed) where that has clearly more than a scrap of body."""
    lines = tuple(line.text for line in body.lines)
    weight = sum(weigh(line) for line in lines)
    for name, witness in (("JSON-LD", claims.article_body), ("feed", lead.content if lead else None)):
        told = _witness_lines(witness)
        if sum(weigh(line) for line in told) > max(2 * weight, 4 * _MIN_WEIGHT) and weight < _SCRAP:
            return told, (f"body taken from its {name}",)
    return lines, ()


def _witness_lines(text: str | None) -> tuple[str, ...]:
    if not text:
        return ()
    if "<" in text and ">" in text:
        tree = parse_html(text)
        blocks = cut_blocks(tree.find("body")) if tree is not None else []
        return tuple(block.text for block in blocks)
    return tuple(line for line in (squeeze(raw) for raw in text.splitlines()) if line)


def _first_block(blocks: Sequence[Block], body: Body) -> int:
    own = {id(line.block) for line in body.lines}
    return next((index for index, block in enumerate(blocks) if id(block) in own), 0)


def _why_empty(tree: html.HtmlElement, blocks: Sequence[Block]) -> tuple[str | None, str]:
    """Give the grade of the error, where it has one of its own, and the reason in words."""
    if tree.find(".//input[@type='password']") is not None:
        return "login", "it asks for a login and shows no article"
    if len([block for block in blocks if block.linked > 0.5]) > max(_MANY_LINKS, len(blocks) // 3):
        return None, "it is a list of links and no article"
    return None, "no article was found in it" if blocks else "it shows nothing without running its scripts"
