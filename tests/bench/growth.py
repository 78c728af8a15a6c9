"""Measure what a look-up and an ingest cost as the index of stories grows."""

from __future__ import annotations

import multiprocessing
import random
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from sqlite_utils import Database

from crawler.ingest import Ingest
from crawler.stories.counterparts import keys_of, said
from crawler.stories.headlines import headline, headline_keys
from crawler.stories.place import place
from crawler.stories.sketch import KEPT, sketch
from crawler.stories.wording import lines_of, wording_of
from rules.matcher import Matcher
from rules.pack import parse_pack
from state import articles, sketches, stories
from state.database import open_writer
from state.records import Article, Placement, Published
from state.sketches import Fingerprint

_DAYS = 400
_RECENT = timedelta(days=45)
_END = datetime(2026, 11, 1, tzinfo=UTC)
_PROBES = 400
_BATCH = 2_000
_HAN = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严龙飞"


class Newswire:
    """Write endless synthetic news, Chinese and English, with words as common and rare as in real language."""

    def __init__(self, seed: int, site: str = "site") -> None:
        self._site = site
        # All of them write the same two languages; the seed decides what they say.
        self._chance = language = random.Random(7)
        letters = "etaoinshrdlucmfwypvbgk"
        self._han = ["".join(language.choices(_HAN, k=2)) for _ in range(40_000)]
        self._latin = ["".join(language.choices(letters, k=language.randint(2, 9))) for _ in range(40_000)]
        self._phrases = [self._words(6, han=n % 2 == 0) for n in range(400)]
        self._chance = random.Random(seed)

    def article(self, number: int, at: datetime) -> Article:
        """Write one article of about 800 characters; one sentence in six is a phrase of the trade."""
        han = self._chance.random() < 0.6
        lines = []
        for _ in range(4):
            sentences = [
                self._chance.choice(self._phrases)
                if self._chance.random() < 0.16
                else self._words(12, han=han)
                for _ in range(4)
            ]
            figure = f"{self._chance.randint(11, 99_999)}"
            lines.append(
                ("，".join(sentences) + f"，{figure}万元。")
                if han
                else f"{', '.join(sentences)}, {figure} yuan."
            )
        title = self._words(7, han=han)
        return Article(
            url=f"https://{self._site}{number % 997}.example/{number}.html",
            title=title if han else title.title(),
            text="\n".join(lines),
            lang="zh" if han else "en",
            published=Published(at.isoformat(), "minute"),
        )

    def _words(self, count: int, *, han: bool) -> str:
        # The square of a uniform number picks the k-th word about as often as Zipf's law does.
        vocabulary = self._han if han else self._latin
        picked = (vocabulary[int(len(vocabulary) * self._chance.random() ** 2)] for _ in range(count))
        return ("" if han else " ").join(picked)


class _Undo(Exception):  # noqa: N818 - it takes a probe back and is no error
    """Roll back what a probe wrote."""


def measure(sizes: Sequence[int], plot: Path | None = None, keep: Path | None = None) -> None:
    """Fill an index to each of the sizes and print what one look-up and one ingest cost there.

    Filled indexes stay in the folder `keep`, so that a quiet hour can measure what a busy one filled.
    """
    with tempfile.TemporaryDirectory() as passing:
        folder = keep or Path(passing)
        _fill_all(folder, sizes)
        curve = [(size, *_measure_one(_index(folder, size), size)) for size in sizes]
    print(f"look-up p99 at {curve[-1][0]:,} against {curve[0][0]:,}: {curve[-1][2] / curve[0][2]:.2f}x")
    if plot is not None:
        plot.write_text(_svg(curve), encoding="utf-8")


def _index(folder: Path, size: int) -> Path:
    return folder / f"growth-{size}.db"


def _measure_one(path: Path, size: int) -> tuple[float, float]:
    """Print what one look-up and one ingest cost in a copy of this index; give the look-up's p50 and p99."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copy = Path(shutil.copyfile(path, Path(folder) / "copy.db"))
        with open_writer(copy) as db:
            # The same probes at every size, as fresh as the newest articles.
            p50, p99 = _look_up(db, Newswire(99), size)
            ingest = _ingest(db, Newswire(99, "fresh-"))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(
        f"{size:>9,} articles: look-up p50 {p50:.2f} ms, p99 {p99:.2f} ms; file {path.stat().st_size / 2**20:,.0f} MiB,"
        f" peak memory {memory:.0f} MiB; {ingest}",
        flush=True,
    )
    return p50, p99


def _fill_all(folder: Path, sizes: Sequence[int]) -> None:
    """Fill the indexes that are not there yet, each in a process of its own, whose memory is not the measured one."""
    before = 0
    for size in sizes:
        if not _index(folder, size).exists():
            child = multiprocessing.get_context("spawn").Process(target=_fill, args=(folder, before, size))
            child.start()
            child.join()
            if child.exitcode:
                sys.exit(f"filling the index of {size:,} ended with {child.exitcode}")
        before = size


def _fill(folder: Path, before: int, size: int) -> None:
    """Index articles as placing would, without comparing them; what is not recent keeps its words only."""
    unfinished = folder / "unfinished.db"
    if before:
        shutil.copyfile(_index(folder, before), unfinished)
    wire, chance = Newswire(size), random.Random(size)
    with open_writer(unfinished) as db:
        # Nothing is lost if this is: no waiting for the disk, and the keys' tree stays in memory.
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -4000000")
        for start in range(before, size, _BATCH):
            with db.atomic():
                for number in range(start, min(start + _BATCH, size)):
                    at = _END - timedelta(days=_DAYS) * chance.random()
                    _remember(db, wire.article(number, at), at)
    unfinished.replace(_index(folder, size))


def _remember(db: Database, article: Article, at: datetime) -> None:
    wording = wording_of(article.title, lines_of(article.text), frozenset())
    lists: dict[sketches.Index, Sequence[int]] = {"words": sketch(wording.text, han=wording.han)[:KEPT]}
    letters = wording.weight
    if _END - at < _RECENT:
        words = said(article, None)
        lists |= {"headlines": headline_keys(headline(article.title)), "facts": keys_of(words, None)}
    articles.insert(db, article, "import", at)
    stories.place(db, article.url, Placement(f"st_{article.url}"), at)
    sketches.remember(db, article.url, f"st_{article.url}", Fingerprint(4, wording.han, letters, lists), at)


def _look_up(db: Database, wire: Newswire, done: int) -> tuple[float, float]:
    """Time the placement of new articles, half of them cut copies of indexed ones; give p50 and p99 in ms of CPU."""
    chance = random.Random(3)
    times = []
    for number in range(_PROBES):
        fresh = wire.article(number, _END)
        if number % 2:
            old = db.execute(
                "SELECT text, title FROM articles WHERE id = ?", [chance.randint(1, done)]
            ).fetchone()
            fresh = Article(fresh.url, old[1], old[0][: len(old[0]) * 3 // 4], published=fresh.published)
        article = Article(
            f"https://probe.example/{number}", fresh.title, fresh.text, published=fresh.published
        )
        with suppress(_Undo), db.atomic():
            articles.insert(db, article, "import", _END)
            start = time.thread_time()
            place(db, article, None, _END)
            times.append((time.thread_time() - start) * 1e3)
            raise _Undo
    cuts = statistics.quantiles(times, n=100)
    return cuts[49], cuts[98]


def _ingest(db: Database, wire: Newswire) -> str:
    """Time the whole ingest of new articles, rules and transaction included, as the daemon commits them."""
    ingest = Ingest(shipped_matcher(), {}, (), timedelta(days=3))
    fresh = [wire.article(number, _END) for number in range(_PROBES)]
    cpu, wall = time.process_time(), time.perf_counter()
    for article in fresh:
        with db.atomic():
            ingest.article(db, article, "import", _END)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return f"whole ingest {_PROBES / wall:.0f}/s ({_PROBES / cpu:.0f}/s of CPU)"


def shipped_matcher() -> Matcher:
    """Build the matcher of the pack that yuewatch comes with."""
    folder = files("rules").joinpath("packs", "guangdong_ai")
    pack = {
        item.name: item.read_text("utf-8")
        for item in sorted(folder.iterdir(), key=lambda item: item.name)
        if item.name.endswith(".yaml") and item.name != "sources.yaml"
    }
    return Matcher(parse_pack(pack))


def _svg(curve: Sequence[tuple[int, float, float]]) -> str:
    """Draw look-up times over sizes as a plain SVG."""
    highest = 1.25 * max(p99 for _, _, p99 in curve)
    columns = [80 + 480 * number / max(1, len(curve) - 1) for number in range(len(curve))]

    def line(values: Sequence[float], colour: str, label: str) -> str:
        points = [(x, 260 - 220 * value / highest) for x, value in zip(columns, values, strict=True)]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        marks = "".join(
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="{colour}"/>'
            f'<text x="{x:.0f}" y="{y - 8:.0f}" text-anchor="middle">{value:.2f}</text>'
            for (x, y), value in zip(points, values, strict=True)
        )
        end = f'<text x="{points[-1][0] + 40:.0f}" y="{points[-1][1] + 4:.0f}">{label}</text>'
        return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>{marks}{end}'

    sizes = "".join(
        f'<text x="{x:.0f}" y="282" text-anchor="middle">{size:,}</text>'
        for x, (size, _, _) in zip(columns, curve, strict=True)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 310" font-family="sans-serif" font-size="12">'
        '<rect width="660" height="310" fill="white"/>'
        '<text x="20" y="22">milliseconds to place one article, by articles in the index</text>'
        f'<line x1="60" y1="260" x2="600" y2="260" stroke="black"/>{sizes}'
        + line([p50 for _, p50, _ in curve], "#2060a0", "p50")
        + line([p99 for _, _, p99 in curve], "#b04020", "p99")
        + "</svg>\n"
    )
