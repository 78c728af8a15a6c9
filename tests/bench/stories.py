"""Measure how well stories are found: `python tests/bench/stories.py [--million] [--only NAME …] [--plot FILE] [--keep FOLDER]`.

Data come from `../shared`; thresholds were chosen on the first half of each, and both halves are reported. Precision
and recall count pairs of articles: two in one story that belong together, of all in one story, of all that belong
together.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # before this folder, whose rules.py would hide the package of that name

import growth  # noqa: E402 - the checkout must be importable first
import texts  # noqa: E402
from republishing import EDITS, Surroundings, Text, digest  # noqa: E402

from crawler.stories.dictionary import Dictionary, open_dictionary  # noqa: E402
from crawler.stories.headlines import headline  # noqa: E402
from crawler.stories.place import place  # noqa: E402
from state import articles, stories  # noqa: E402
from state.database import open_writer  # noqa: E402
from state.records import Article, Published  # noqa: E402

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    """Hold one article to place, and what it belongs to."""

    belongs_to: Hashable
    title: str | None
    text: str
    at: datetime | None
    kind: str = ""


@dataclass(frozen=True)
class Outcome:
    """Hold the story of each item, in order, with the links between stories and how fast it went."""

    items: Sequence[Item]
    story: Sequence[str]
    links: frozenset[tuple[str, str, str]]
    per_second: float

    def pairs(self) -> tuple[int, int, int]:
        """Count pairs rightly in one story, all pairs in one story, and all that belong in one."""
        together, belong = defaultdict(Counter), Counter(item.belongs_to for item in self.items)
        for item, story in zip(self.items, self.story, strict=True):
            together[story][item.belongs_to] += 1
        right = sum(_pairs(n) for counts in together.values() for n in counts.values())
        merged = sum(_pairs(counts.total()) for counts in together.values())
        return right, merged, sum(map(_pairs, belong.values()))


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


_matcher = cache(growth.shipped_matcher)


def run(items: Sequence[Item], dictionary: Dictionary | None = None) -> Outcome:
    """Name, store and place items one after the other in a fresh state file."""
    matcher = _matcher()
    with tempfile.TemporaryDirectory() as folder, open_writer(Path(folder) / "bench.db") as db:
        db.execute("PRAGMA synchronous = NORMAL")
        start = time.process_time()
        for number, item in enumerate(items):
            published = Published(item.at.isoformat(), "minute") if item.at else Published()
            url = f"https://site{number % 41}.example/{number}.html"
            article = Article(url=url, title=item.title, text=item.text, published=published)
            with db.atomic():
                findings = matcher.read(article)
                article = replace(article, entities=findings.entities)
                articles.insert(db, article, "import", NOW)
                placement = place(db, article, None, NOW, dictionary, findings.others)
                stories.place(db, url, placement, NOW)
        took = time.process_time() - start
        story = [row[0] for row in db.execute("SELECT story_id FROM articles ORDER BY id")]
        links = frozenset(db.execute("SELECT story_id, kind, other_id FROM story_links").fetchall())
        return Outcome(items, story, links, len(items) / took)


def shown(label: str, outcome: Outcome, note: str = "") -> None:
    """Print recall and precision of one run."""
    right, merged, belong = outcome.pairs()
    print(
        f"{label:52} recall {right / max(1, belong):.4f}  precision {right / max(1, merged):.4f}"
        f"  ({belong:,} pairs, {len(outcome.items):,} articles, {outcome.per_second:.0f}/s){note}"
    )


def halves(things: Sequence[object]) -> Iterable[tuple[str, Sequence[object]]]:
    """Give the half that thresholds were chosen on and the one kept for checking."""
    return ("first half", things[0::2]), ("other half", things[1::2])


def copies() -> None:
    """Republish articles in fifteen ways, among other news and digests, in one mixed stream."""
    print(
        "\nCopies of real articles, fifteen kinds, Chinese and English in one stream with digests and other news"
    )
    chinese, english = texts.chinese_bases(), texts.english_bases()
    random.Random(4).shuffle(chinese)
    for (name, some), (_, others) in zip(halves(chinese), halves(english), strict=True):
        outcome = run(_republished(some[:110], others, some[110:], random.Random(11)))
        lost = _lost(outcome)
        shown(f"copies, {name}", outcome, f"\n    of kinds: {lost}" if lost else "")
        found, all_parts = _digests(outcome)
        print(f"    digests linked with the articles they carry: {found} of {all_parts}")


def _republished(
    chinese: Sequence[tuple[str, Text]],
    english: Sequence[tuple[str, Text]],
    background: Sequence[tuple[str, Text]],
    chance: random.Random,
) -> list[Item]:
    items = []
    for bases in (chinese, english):
        around = Surroundings(chance, tuple(t.title for _, t in bases), tuple(t for _, t in bases))
        for number, (day, text) in enumerate(bases):
            at, key = _day(day), (text.han, number)
            items.append(Item(key, text.title, text.body, at, "original"))
            for kind, edit in EDITS.items():
                edited = edit(text, around)
                later = at + timedelta(hours=chance.randrange(1, 60))
                items.append(Item(key, edited.title, edited.body, later, kind))
    same_day = defaultdict(list)
    for number, (day, text) in enumerate(background):
        items.append(Item(("other", number), text.title, text.body, _day(day), "other"))
        same_day[day].append((number, text))
    for day, found in same_day.items():
        if len(found) >= 3:
            brief = digest([text for _, text in found], around)
            parts = tuple(("other", number) for number, _ in found)
            items.append(
                Item(("digest", *parts), brief.title, brief.body, _day(day) + timedelta(hours=9), "digest")
            )
    chance.shuffle(items)
    return items


def _lost(outcome: Outcome) -> dict[str, int]:
    """Count the copies of each kind that are not in their original's story."""
    home = {
        i.belongs_to: s for i, s in zip(outcome.items, outcome.story, strict=True) if i.kind == "original"
    }
    return dict(
        Counter(
            item.kind
            for item, story in zip(outcome.items, outcome.story, strict=True)
            if item.kind in EDITS and story != home[item.belongs_to]
        )
    )


def _digests(outcome: Outcome) -> tuple[int, int]:
    home = {i.belongs_to: s for i, s in zip(outcome.items, outcome.story, strict=True)}
    wanted = [
        (story, "contains", home[part])
        for item, story in zip(outcome.items, outcome.story, strict=True)
        if item.kind == "digest"
        for part in item.belongs_to[1:]
    ]
    return sum(link in outcome.links for link in wanted), len(wanted)


def _day(day: str) -> datetime:
    return datetime.strptime(day, "%Y%m%d").replace(hour=6, tzinfo=UTC)


def templates() -> None:
    """Place pairs of different news in formulaic wording, with and without their dates."""
    print("\nDifferent Chinese news in formulaic wording")
    rows = texts.rows("dedup-dev/zh-template-news-different.jsonl.gz")
    for dated in (True, False):
        items = [
            Item((n, side), row[side]["title"], row[side]["text"], _day(row[side]["date"]) if dated else None)
            for n, row in enumerate(rows)
            for side in "ab"
        ]
        known = {(item.title, item.text, item.at) for item in items}
        distinct = list({(i.title, i.text, i.at): i for i in items}.values())
        outcome = run(distinct)
        story = {(i.title, i.text, i.at): s for i, s in zip(distinct, outcome.story, strict=True)}
        merged = sum(
            story[(a.title, a.text, a.at)] == story[(b.title, b.text, b.at)]
            for a, b in zip(items[0::2], items[1::2], strict=True)
        )
        label = "with dates" if dated else "without dates"
        print(
            f"template news, {label:38} merged wrongly {merged} of {len(rows)} pairs ({len(known)} articles)"
        )


def clusters() -> None:
    """Place feed items of one headline among six thousand others."""
    print("\nEnglish headlines with feed summaries")
    items = [
        Item(("cluster", n), i["title"], i["description"], datetime.fromisoformat(i["date"]))
        for n, row in enumerate(texts.rows("dedup-dev/en-feed-same-headline-clusters.jsonl.gz"))
        for i in row["items"]
    ]
    items += [
        Item(("other", n), i["title"], i["description"], datetime.fromisoformat(i["date"]))
        for n, i in enumerate(texts.rows("background-rss-2026-01-en-feed-items.jsonl.gz"))
    ]
    items.sort(key=lambda item: item.at)
    outcome = run(items)
    together = defaultdict(list)
    for item, story in zip(items, outcome.story, strict=True):
        together[story].append(item)
    right, _, belong = outcome.pairs()
    joined = [pair for members in together.values() for pair in combinations(members, 2)]
    other_words = sum(
        a.belongs_to != b.belongs_to and not set(headline(a.title)) & set(headline(b.title))
        for a, b in joined
    )
    print(
        f"headline clusters {'':34} recall {right / belong:.4f}  ({belong} pairs, {len(items):,} articles,"
        f" {outcome.per_second:.0f}/s)\n    pairs joined: {len(joined)}, of them under different headlines: {other_words}"
        f" ({other_words / len(joined):.2%}; to be read, most are one item edited)"
    )
    read = texts.rows("dedup-dev/en-title-pairs-read.jsonl.gz")
    verdicts = Counter()
    for row in read:
        pair = run([Item(0, row["a"], "", NOW), Item(1, row["b"], "", NOW + timedelta(hours=20))])
        verdicts[row["label"], pair.story[0] == pair.story[1]] += 1
    print(f"    headline pairs read by hand (label, joined): {dict(verdicts)}")


def translations() -> None:
    """Place headlines and items with their machine translations, in two orders, with and without a dictionary."""
    dictionary = open_dictionary()
    print(f"\nTranslations ({'with' if dictionary else 'NO'} dictionary package installed)")
    for name, pairs, in_title in (
        ("items", texts.item_pairs(), False),
        ("headlines", texts.title_pairs(), True),
    ):
        random.Random(5).shuffle(pairs)
        for half, some in halves(pairs):
            for book, label in ((dictionary, "dictionary"), (None, "facts only")):
                for order in ("mixed", "Chinese first"):
                    outcome = run(_bilingual(some, order, in_title=in_title), book)
                    shown(f"{name}, {half}, {label}, {order}", outcome)
    _whole_days()


def _bilingual(pairs: Sequence[tuple[str, str]], order: str, *, in_title: bool) -> list[Item]:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    sides = [(n, text, k) for n, pair in enumerate(pairs) for k, text in enumerate(pair)]
    random.Random(3).shuffle(sides)
    if order != "mixed":
        sides.sort(key=lambda side: -side[2])
    return [Item(n, text if in_title else None, "" if in_title else text, at) for n, text, _ in sides]


def _whole_days() -> None:
    days = texts.whole_days()
    for lang in ("en", "fr"):
        items = [
            Item(n, None, text, datetime(2026, 3, 1, tzinfo=UTC))
            for n, day in enumerate(days)
            for text in (day["cn"], day[lang])
        ]
        random.Random(3).shuffle(items)
        shown(f"whole days, Chinese with {lang}, facts only", run(items))


def grow(*, million: bool, plot: Path | None, keep: Path | None) -> None:
    """Measure look-up and ingest as the index grows."""
    print("\nThe index as it grows (synthetic articles over 400 days, pruned as the daemon does)")
    growth.measure([10_000, 100_000, *([1_000_000] if million else [])], plot, keep)


def main() -> None:
    """Run what was asked for, everything by default."""
    parts: dict[str, Callable[[], None]] = {
        "copies": copies,
        "templates": templates,
        "clusters": clusters,
        "translations": translations,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[*parts, "growth"], default=[*parts, "growth"])
    parser.add_argument(
        "--million", action="store_true", help="grow the index to 1,000,000 articles (an hour, 4 GB)"
    )
    parser.add_argument("--plot", type=Path, help="write the growth curve as an SVG file")
    parser.add_argument(
        "--keep", type=Path, help="keep the filled indexes in this folder, to measure them again"
    )
    asked = parser.parse_args()
    if not texts.SHARED.is_dir() and set(asked.only) != {"growth"}:
        print(f"the development data is not at {texts.SHARED}; only --only growth runs without it")
        return
    for name in asked.only:
        if name == "growth":
            grow(million=asked.million, plot=asked.plot, keep=asked.keep)
        else:
            parts[name]()


if __name__ == "__main__":
    main()
