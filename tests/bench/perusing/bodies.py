"""Measure how truly and how fast bodies are read, beside the common readers on the same pages."""

from __future__ import annotations

import html
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import trafilatura
from readability import Document
from readability.readability import Unparseable

from perusing.samples import Sample, read_sample

_TOKEN = re.compile(r"\w+")


def _shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """Count the runs of `size` words, as the public article-extraction benchmark does."""
    words = _TOKEN.findall(text)
    return Counter(tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1)) if words)


def token_f1(pairs: Iterable[tuple[str, str]]) -> tuple[float, float, float]:
    """Give F1, precision and recall over (wanted, read) texts; each text weighs the same."""
    precisions, recalls = [], []
    for wanted, read in pairs:
        want, have = _shingles(wanted), _shingles(read)
        both = sum((want & have).values())
        if have:
            precisions.append(both / sum(have.values()))
        if want:
            recalls.append(both / sum(want.values()))
    precision, recall = statistics.mean(precisions), statistics.mean(recalls)
    return 2 * precision * recall / (precision + recall), precision, recall


def measure_bodies(samples: Sequence[Sample]) -> list[str]:
    """Compare our bodies with trafilatura's and readability's on the same pages."""
    readers: dict[str, Callable[[Sample], str]] = {
        "yuewatch": lambda sample: article.text if (article := read_sample(sample)) else "",
        "trafilatura default": lambda sample: trafilatura.extract(sample.page) or "",
        "readability": _readability,
    }
    rows = ["| reader | token F1 | precision | recall |", "|---|---|---|---|"]
    for name, reader in readers.items():
        f1, precision, recall = token_f1([(sample.body, reader(sample)) for sample in samples])
        rows.append(f"| {name} | {f1:.4f} | {precision:.4f} | {recall:.4f} |")
    return rows


def _readability(sample: Sample) -> str:
    try:
        summary = Document(sample.page).summary(html_partial=True)
    except Unparseable:
        return ""
    return html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</(?:p|div|li|h\d|tr)>|<br[^>]*>", "\n", summary)))


def measure_speed(samples: Sequence[Sample]) -> list[str]:
    """Compare the time of a whole article with trafilatura's with metadata, in turns, on the same pages."""
    ours = theirs = 0.0
    for sample in samples:
        start = time.process_time()
        read_sample(sample)
        middle = time.process_time()
        trafilatura.bare_extraction(sample.page, with_metadata=True)
        ours, theirs = ours + middle - start, theirs + time.process_time() - middle
    count = len(samples)
    return [
        "| reader | pages a second and core | |",
        "|---|---|---|",
        f"| yuewatch, whole article | {count / ours:.1f} | {theirs / ours:.2f} times trafilatura with metadata |",
        f"| trafilatura with metadata | {count / theirs:.1f} | |",
    ]
