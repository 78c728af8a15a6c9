"""Measure the folding of bodies that stand twice, and that nothing else is folded."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from random import Random

from crawler.reading.page import ReadPage, read_page, read_text
from perusing.doubling import KINDS, doubled, legitimate, paragraphs
from perusing.samples import Sample, broadcasts, read_sample, template_pairs
from state.records import Page

_LETTERS = re.compile(r"[\W_]+")
_TRAILER = re.compile(r"\.shtml|更新时间戳")


def measure_folding(samples: Sequence[Sample], each: int) -> list[str]:
    """Double `each` texts of both languages in eight ways; a page counts when it reads like its single form."""
    random = Random(20261121)
    pool = bodies(samples)
    rows = ["| kind | English | Chinese |", "|---|---|---|"]
    totals = {"en": [0, 0], "zh": [0, 0]}
    for kind in KINDS:
        cells = []
        for lang in ("en", "zh"):
            chosen = random.sample([body for body in pool if body[0] == lang], each)
            good = sum(_restored(kind, lang, title, lines, random) for _, title, lines in chosen)
            totals[lang][0] += good
            totals[lang][1] += each
            cells.append(f"{good}/{each}")
        rows.append(f"| {kind} | {' | '.join(cells)} |")
    rows.append(f"| all | {' | '.join(f'{good}/{all_}' for good, all_ in totals.values())} |")
    return rows


def _restored(kind: str, lang: str, title: str, lines: list[str], random: Random) -> bool:
    single = read_made(lang, title, f'<div class="article-content">{paragraphs(lines)}</div>').article
    double = read_made(lang, title, doubled(kind, lang, title, lines, random)).article
    ratio = len(key(double.text)) / len(key(single.text))
    # An edited sentence may stay, and so may the matter between the copies.
    return 0.97 <= ratio <= 1.12 and all(key(line) in key(double.text) for line in single.text.split("\n"))


def measure_controls(samples: Sequence[Sample], each: int) -> list[str]:
    """Read texts without a repeated body; nothing of them may be folded."""
    random = Random(20261122)
    texts = {
        "real pages": [article.folded for s in samples if (article := read_sample(s)) is not None],
        "broadcast items": [
            read_text("x:", row["text"]).article.folded for row in random.sample(broadcasts(), each)
        ],
        "two stories of one template, other numbers": [
            read_text("x:", f"{pair['a']}\n{pair['b']}").article.folded for pair in template_pairs()[:each]
        ],
        "refrains, lists, tables, quotations": [
            read_text("x:", text).article.folded for text in legitimate(random, 100)
        ],
    }
    rows = ["| control pages | number | touched | characters lost |", "|---|---|---|---|"]
    for name, folded in texts.items():
        touched = sum(one.copies > 0 for one in folded)
        rows.append(f"| {name} | {len(folded)} | {touched} | {sum(one.chars_removed for one in folded)} |")
    return rows


def framed(lang: str, title: str, inside: str) -> str:
    """Put an article into a page with a menu, a headline and a footer."""
    menu = "".join(
        f'<li><a href="/{name}">{name}</a></li>' for name in ("news", "policy", "companies", "about")
    )
    head = html.escape(title)
    return (
        f'<html lang="{lang}"><head><meta charset="utf-8"><title>{head}</title></head><body><nav><ul>{menu}</ul></nav>'
        f"<h1>{head}</h1>{inside}<footer>Copyright 2026</footer></body></html>"
    )


def read_made(lang: str, title: str, inside: str) -> ReadPage:
    """Read a generated page."""
    url = "https://www.example.com/story"
    return read_page(Page(url, url, framed(lang, title, inside).encode(), None))


def key(text: str) -> str:
    """Reduce a text to its letters and digits."""
    return _LETTERS.sub("", text).lower()


def bodies(samples: Sequence[Sample]) -> list[tuple[str, str, list[str]]]:
    """Collect texts to double: English and Chinese, of at least five paragraphs."""
    latin = [("en", s.name, s.body.split("\n")) for s in samples if re.search(r"[a-z]", s.body[:200])]
    return [
        (lang, f"{name} headline of its own", lines) for lang, name, lines in latin if 5 <= len(lines) <= 120
    ] + [
        ("zh", row["title"], lines)
        for row in broadcasts()
        if len(
            lines := [line for line in row["text"].split("\n") if line.strip() and not _TRAILER.search(line)]
        )
        >= 5
    ]
