"""Measure the reading stage: bodies, dates, folding, controls, seeds, speed. Prints the table of docs/reference/reading.md.

Run `python tests/bench/reading.py [--quick]` from the repository root. Needs `../shared` (or $YUEWATCH_SHARED): the
public development pages of `eval/extraction-dev`, the broadcasts of `eval/background-xwlb-zh-news-all.jsonl.gz` and
the five seeds. Everything else is generated.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import html
import importlib.util
import json
import logging
import os
import re
import statistics
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from random import Random

import trafilatura
import yaml
from readability import Document
from readability.readability import Unparseable

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from crawler.reading.furniture import line_key  # noqa: E402 - the checkout need not be installed
from crawler.reading.page import ReadPage, read_page, read_text  # noqa: E402
from crawler.workers import Workers  # noqa: E402
from state.errors import ReadError  # noqa: E402
from state.records import Article, Lead, Page, Source  # noqa: E402

SHARED = Path(os.environ.get("YUEWATCH_SHARED", ROOT / "../shared"))
TOKEN = re.compile(r"\w+")
LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Sample:
    """Hold one real page with the body its publisher's parser expects."""

    name: str
    url: str
    fetched_at: datetime
    page: str
    body: str


# --- Real pages -----------------------------------------------------------------------------------------------------


def load_samples() -> list[Sample]:
    """Read the development pages from their archive."""
    archive = SHARED / "eval/extraction-dev/fundus-parser-test-data.tar.xz"
    with tarfile.open(archive) as tar:
        files = {member.name: tar.extractfile(member) for member in tar.getmembers() if member.isfile()}
        texts = {
            name: file.read().decode("utf-8", "replace") for name, file in files.items() if file is not None
        }
    return [
        sample for folder in sorted({str(Path(n).parent) for n in texts}) for sample in _folder(folder, texts)
    ]


def _folder(folder: str, texts: dict[str, str]) -> Iterable[Sample]:
    if f"{folder}/meta.info" not in texts:
        return
    known = json.loads(texts[f"{folder}/meta.info"])
    pages = sorted(n for n in texts if n.startswith(f"{folder}/") and n.endswith(".html"))
    turn: Counter[str] = Counter()
    for name in pages:
        publisher = re.sub(r"_\d{4}_\d\d_\d\d\.html$", "", name)
        versions = json.loads(texts[f"{publisher}.json"])
        body = versions[sorted(versions)[turn[publisher]]]["body"]
        turn[publisher] += 1
        about = known[f"{Path(name).name}.gz"]
        parts = [*body["summary"], *(p for s in body["sections"] for p in (*s["headline"], *s["paragraphs"]))]
        fetched = datetime.fromisoformat(about["crawl_date"]).replace(tzinfo=UTC)
        yield Sample(Path(name).stem, about["url"], fetched, texts[name], "\n".join(parts))


def read_sample(sample: Sample) -> Article | None:
    """Read one real page as the daemon would."""
    page = Page(
        sample.url, sample.url, sample.page.encode(), sample.fetched_at, headers={"content-type": "text/html"}
    )
    try:
        return read_page(page).article
    except ReadError:
        return None


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """Count the runs of `size` words, as the public article-extraction benchmark does."""
    words = TOKEN.findall(text)
    return Counter(tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1)) if words)


def token_f1(pairs: Iterable[tuple[str, str]]) -> tuple[float, float, float]:
    """Give F1, precision and recall over (wanted, read) texts; each text weighs the same."""
    precisions, recalls = [], []
    for wanted, read in pairs:
        want, have = shingles(wanted), shingles(read)
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


# --- Dates ----------------------------------------------------------------------------------------------------------


def measure_dates() -> list[str]:
    """Read every case of the table of dates."""
    folder = ROOT / "tests/crawler/reading"
    sys.path.insert(0, str(folder))
    from conftest import dated_html

    cases = yaml.safe_load((folder / "dates/cases.yaml").read_text(encoding="utf-8"))
    right = invented = 0
    for case in cases:
        url = case.get("url", "https://www.example.com/story")
        zone = case.get("zone") or ("Asia/Shanghai" if case["lang"] == "zh" else "UTC")
        fetched = case.get("fetched", "2026-11-21T04:30:00+00:00")
        lead = Lead(url, url, "s", published=case["feed"]) if "feed" in case else None
        page = Page(url, url, dated_html(case).encode(), datetime.fromisoformat(fetched) if fetched else None)
        value = read_page(page, Source("s", "feed", url, zone=zone), lead).article.published.value
        right += value == case.get("value")
        invented += value is not None and case.get("value") is None
    chinese = sum(case["lang"] == "zh" for case in cases)
    return [
        "| date cases | of them Chinese | right | invented |",
        "|---|---|---|---|",
        f"| {len(cases)} | {chinese} | {right} | {invented} |",
    ]


# --- Repetition -----------------------------------------------------------------------------------------------------

BETWEEN = {
    "zh": ["声明：本页可能含有第三方内容，仅供参考，不构成任何建议。", "相关阅读", "责任编辑：李明"],
    "en": [
        "This page may hold content of third parties and is no advice of any kind.",
        "Related stories",
        "Editor: Li Ming",
    ],
}


def doubled(kind: str, lang: str, title: str, lines: list[str], random: Random) -> str:
    """Write the inside of a page whose body stands twice, in one of eight ways."""
    body = paragraphs(lines)
    between = paragraphs(BETWEEN[lang])
    headline = f"<p>{html.escape(title)}</p>"
    pages = {
        "one after the other": lambda: body + body,
        "matter between": lambda: body + between + body,
        "title and matter between": lambda: body + between + headline + body,
        "three times": lambda: body + body + body,
        "print copy in one line": lambda: (
            body + f"<p>{html.escape((' ' if lang == 'en' else '').join(lines))}</p>"
        ),
        "desktop and mobile": lambda: (
            f'<div class="pc">{body}</div><div class="mobile">{paragraphs(respaced(lines, lang))}</div>'
        ),
        "one sentence edited": lambda: body + paragraphs(edited(lines, lang, random)),
        "share text, cut short": lambda: body + paragraphs(lines[: max(3, round(len(lines) * 0.7))]),
    }
    return f'<div class="article-content">{pages[kind]()}</div>'


KINDS = (
    "one after the other",
    "matter between",
    "title and matter between",
    "three times",
    "print copy in one line",
    "desktop and mobile",
    "one sentence edited",
    "share text, cut short",
)


def paragraphs(lines: Iterable[str]) -> str:
    """Set lines as paragraphs."""
    return "".join(f"<p>{html.escape(line)}</p>" for line in lines)


def respaced(lines: list[str], lang: str) -> list[str]:
    """Change white space and punctuation as another template does."""
    if lang == "zh":
        return [f"　　{line}".replace("，", ",").replace("“", "「").replace("”", "」") for line in lines]
    return [
        f"  {line}".replace("“", '"').replace("”", '"').replace("’", "'").replace(" ", "  ", 3)
        for line in lines
    ]


def edited(lines: list[str], lang: str, random: Random) -> list[str]:
    """Rewrite one sentence."""
    at = random.randrange(len(lines))
    new = (
        "编辑部在第二版中改写了这一句话，并补充了新的说法。"
        if lang == "zh"
        else "The desk rewrote this sentence for the later edition."
    )
    sentences = re.split(r"(?<=[。！？])|(?<=[.!?])\s+", lines[at])
    sentences[0] = new
    return [*lines[:at], (" " if lang == "en" else "").join(sentences).strip(), *lines[at + 1 :]]


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
    return LETTERS.sub("", text).lower()


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


_TRAILER = re.compile(r"\.shtml|更新时间戳")


def broadcasts() -> list[dict[str, str]]:
    """Read the Chinese broadcast items."""
    with gzip.open(SHARED / "eval/background-xwlb-zh-news-all.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


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


def template_pairs() -> list[dict[str, str]]:
    """Read pairs of different stories in one formulaic wording, told apart by their numbers."""
    path = SHARED / "eval/dedup-dev/zh-template-news-different.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    pairs = [{side: row[side]["text"] for side in "ab"} for row in rows]
    return [
        pair
        for pair in pairs
        if sorted(re.findall(r"\d+", pair["a"])) != sorted(re.findall(r"\d+", pair["b"]))
    ]


def legitimate(random: Random, count: int) -> list[str]:
    """Write texts that repeat lines on purpose: songs, price lists, tables of results, quoted slogans."""
    cities = [
        "广州",
        "深圳",
        "珠海",
        "佛山",
        "东莞",
        "惠州",
        "中山",
        "江门",
        "肇庆",
        "汕头",
        "湛江",
        "茂名",
        "韶关",
        "梅州",
        "清远",
        "潮州",
    ]
    words = [
        "harbour",
        "lantern",
        "river",
        "market",
        "summer",
        "window",
        "engine",
        "mountain",
        "silver",
        "garden",
    ]
    texts = []
    for number in range(count):
        pick = random.sample(cities, 8)
        refrain = "\n".join(
            f"Oh the {random.choice(words)} rolls on to the {random.choice(words)} tonight" for _ in range(4)
        )
        song = "\n".join(
            f"Verse {n} of the {random.choice(words)} and the {random.choice(words)} by the sea\n{refrain}"
            for n in range(4)
        )
        table = "\n".join(
            f"{city} | {random.randint(100, 999)} 亿元 | 同比增长 {random.randint(1, 90) / 10}%"
            for city in pick * 2
        )
        quote = "\n".join(f"{city}代表说：“坚持创新驱动，坚持实体经济，坚持制造业当家。”" for city in pick)
        listing = "\n".join(
            f"• {word} model {n}: 12 GB memory, 256 GB storage, two year warranty"
            for n, word in enumerate(words)
        )
        texts.append((song, table, quote, listing)[number % 4])
    return texts


# --- Hostile pages --------------------------------------------------------------------------------------------------


def measure_hostile() -> list[str]:
    """Read pages made to cost, each in a process of its own, and tell the slowest and the largest."""
    rows = ["| hostile page | megabytes | seconds | peak memory, MB |", "|---|---|---|---|"]
    for name, inside in _hostile_pages().items():
        with get_context("spawn").Pool(1) as pool:
            seconds, memory = pool.apply(_cost, (inside,))
        rows.append(f"| {name} | {len(inside.encode()) / 1e6:.1f} | {seconds:.1f} | {memory} |")
    return rows


def _cost(inside: str) -> tuple[float, int]:
    read_text("x:", "Warm up the language classifier with a sentence of some length before time is taken.")
    start = time.perf_counter()
    with contextlib.suppress(ReadError):
        read_page(Page("x:", "x:", f"<html><body>{inside}</body></html>".encode(), None))
    took = time.perf_counter() - start
    # Not getrusage: a child begins there with its parent's peak.
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))
    return took, int(peak[1]) // 1024 if peak else 0


def measure_large_hostile() -> list[str]:
    """Read the same pages at 10 MB through the daemon's worker, under its deadline and its memory limit."""
    return asyncio.run(_through_a_worker())


async def _through_a_worker() -> list[str]:
    rows = ["| hostile page of 10 MB | ends as | seconds |", "|---|---|---|"]
    workers = Workers(1)
    with contextlib.suppress(ReadError):  # the first pays for starting the worker
        await workers.run(read_page, Page("x:", "x:", b"<p>Warm up.</p>", None))
    for name, inside in _hostile_pages().items():
        body = f"<html><body>{inside * (10_000_000 // len(inside.encode()) + 1)}</body></html>".encode()
        start = time.perf_counter()
        try:
            reading = await workers.run(read_page, Page("x:", "x:", body[:10_000_000], None))
            end = f"article of {len(reading.article.text):,} characters"
        except ReadError as error:
            end = str(error)
        rows.append(f"| {name} | {end} | {time.perf_counter() - start:.1f} |")
    workers.close()
    return rows


def _hostile_pages() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("hostile", ROOT / "tests/crawler/reading/test_hostile.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pages: dict[str, str] = module.PAGES
    return pages


# --- Seeds ----------------------------------------------------------------------------------------------------------

SEEDS = {
    "000": ("en", "Steady Progress", None, "Gate", "Southern Metropolis Daily", None, 1),
    "001": ("en", "AI plays crucial role", "2018-10-17T10:00:59+08:00", "INDICS", "China Daily", None, 0),
    "002": ("en", "Guangdong: Seizing AI", None, None, None, None, 0),
    "003": ("en", None, None, None, None, None, 0),
    "004": ("en", "Chinese Provinces and Cities", None, None, None, None, 0),
}


def measure_seeds() -> list[str]:
    """Read the five seeds and compare with what their own text proves."""
    rows = [
        "| seed | language | title | date | publisher | original source | author | folded copies |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for path in sorted((SHARED / "seeds").glob("*.txt")):
        page = Page(
            path.name,
            path.name,
            path.read_bytes(),
            None,
            headers={"content-type": "text/plain; charset=utf-8"},
        )
        a = read_page(page).article
        lang, title, date, publisher, source, author, copies = SEEDS[path.name[:3]]
        same_title = a.title is None if title is None else (a.title or "").startswith(title)
        checks = (
            (a.lang == lang, a.lang),
            (same_title, (a.title or "null")[:30]),
            (a.published.value == date, a.published.value or f"null ({a.published.raw or 'no trace'})"),
            (a.publisher == publisher, a.publisher or "null"),
            (a.original_source == source, a.original_source or "null"),
            (a.author == author, a.author or "null"),
            (a.folded.copies == copies, f"{a.folded.copies} ({a.folded.chars_removed} characters)"),
        )
        rows.append(
            f"| {path.name[:3]} | "
            + " | ".join(f"{'✓' if good else '✗'} {value}" for good, value in checks)
            + " |"
        )
    return rows


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of everything")
    quick = parser.parse_args().quick
    logging.disable(logging.CRITICAL)  # readability logs the pages it cannot parse
    samples = load_samples()[:: 5 if quick else 1]
    each = 5 if quick else 30
    line_key("warm")
    read_text("x:", "Warm up the language classifier with a sentence of some length before time is taken.")
    print(f"### {len(samples)} development pages\n", *measure_bodies(samples), sep="\n")
    print("\n", *measure_speed(samples), sep="\n")
    print("\n### Dates\n", *measure_dates(), sep="\n")
    print(
        f"\n### Folding, {2 * each * len(KINDS)} doubled pages\n", *measure_folding(samples, each), sep="\n"
    )
    print("\n### Controls\n", *measure_controls(samples, 40 if quick else 300), sep="\n")
    print("\n### Hostile pages\n", *measure_hostile(), sep="\n")
    print("\n### Hostile pages of 10 MB\n", *measure_large_hostile(), sep="\n")
    print("\n### Seeds\n", *measure_seeds(), sep="\n")


if __name__ == "__main__":
    main()
