"""Measure backfills: `python tests/bench/backfill.py [--full] [--news-please PYTHON]`.

Kills a backfill at random moments and compares what it leaves with an undisturbed run, times the whole walk over a
WARC file, watches the memory over a long one, and counts what a backfill alerts by default. By default it is small;
--full kills 100 times and reads 5 GB. The pages timed are the real ones under ../shared where that is there, else made
up. PYTHON is an interpreter that has news-please, whose extraction is then timed on the same file.
"""

import argparse
import gzip
import os
import pty
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "aids"))

from archive import Article, Newspaper, archive_of, response_record
from backfilling import backfill, command, configure, count, outcome, wait_for

SHARED = Path(os.environ.get("YUEWATCH_SHARED", Path(__file__).parents[3] / "shared"))
PAGES = SHARED / "eval" / "extraction-dev" / "fundus-parser-test-data.tar.xz"
READING = {"workers": 1}
PAGES_IN_RANGE = 81
RANGE = ("--since", "2025-01-10", "--until", "2025-03-31")
PEER = """
import sys, time
from newsplease import NewsPlease
from warcio.archiveiterator import ArchiveIterator
pages = found = 0
began = time.perf_counter()
with open(sys.argv[1], "rb") as stream:
    for record in ArchiveIterator(stream):
        if record.rec_type != "response":
            continue
        pages += 1
        try:
            found += bool(NewsPlease.from_warc(record, fetch_images=False).maintext)
        except Exception:
            pass
print(pages, found, time.perf_counter() - began)
"""


def kills(folder, number):
    """Kill backfills at random moments, each ten times over, resume and compare with an undisturbed one.

    Give the kills, the backfills, how many of these ended alike, and the pages fetched twice in all.
    """
    dice = random.Random(number)
    alike = twice = killed = chains = 0
    with Newspaper(archive_of(date(2025, 1, 1), date(2025, 3, 31)), latency=0.01) as paper:
        sources = [{"id": "map", "kind": "sitemap", "url": f"{paper.base}/sitemap.xml"}]
        calm = configure(folder / "calm", sources, reading=READING)
        backfill(calm, "map", *RANGE)
        wanted = outcome(calm.with_name("state.db"))
        while killed < number:
            chains += 1
            paper.asked.clear()
            config = configure(folder / f"killed-{chains}", sources, reading=READING)
            for enough in sorted(dice.sample(range(PAGES_IN_RANGE), min(10, number - killed))):
                kill_once(config, enough, dice)
                killed += 1
            backfill(config, "map", *RANGE, "--resume")
            alike += outcome(config.with_name("state.db")) == wanted
            twice += sum(times - 1 for times in paper.fetched().values())
            shutil.rmtree(config.parent)
            told = f"{killed} kills of {chains} backfills: {alike} ended alike, {twice} pages twice"
            print(told, file=sys.stderr, flush=True)
    return killed, chains, alike, twice


def kill_once(config, enough, dice):
    """Start or resume a backfill and kill it once so many pages are had, a random moment later."""
    process = subprocess.Popen(
        command(config, "backfill", "map", *RANGE, "--resume"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    had = "SELECT count(*) FROM backfill_items WHERE state NOT IN ('found', 'waiting', 'claimed')"
    wait_for(config, had, enough, timeout=300)
    time.sleep(dice.uniform(0, 0.2))
    process.kill()
    process.wait()


def real_pages():
    """Give real pages, or made-up ones where the shared data is absent."""
    if not PAGES.exists():
        return [article.page() for article in archive_of(date(2024, 1, 1), date(2024, 12, 31))]
    with tarfile.open(PAGES) as packed:
        members = sorted((item for item in packed if item.name.endswith(".html")), key=lambda item: item.name)
        return [packed.extractfile(item).read() for item in members]


def write_warc(path, pages):
    with path.open("wb") as file:
        for number, page in enumerate(pages):
            url = f"http://site-{number % 40}.example/story-{number}.html"
            file.write(gzip.compress(response_record(url, page, when="2026-08-01T00:00:00Z"), 1))


def walk(config, path, *, watch=None):
    """Walk a WARC file; give the seconds from the first page on, the outcome, and the memory seen if it was watched."""
    args = ("--since", "1996-01-01", "--via", "warc", "--from", path)
    began = time.monotonic()
    if watch is None:
        code, last, told = backfill(config, *args, timeout=3600)
        assert code in {0, 5}, told
        return time.monotonic() - began, last["report"], []
    process = subprocess.Popen(
        command(config, "backfill", *args), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    seen = []
    while process.poll() is None:
        time.sleep(watch)
        seen.append(tree_memory(process.pid))
    return time.monotonic() - began, None, [one for one in seen if one[0]]


def tree_memory(pid):
    """Give the proportional memory of a process with all its children, and its own resident memory, in MiB."""
    total = 0
    todo = [pid]
    while todo:
        one = todo.pop()
        total += _kilobytes(f"/proc/{one}/smaps_rollup", "Pss:")
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                todo += map(int, (task / "children").read_text().split())
    return total / 1024, _kilobytes(f"/proc/{pid}/status", "VmRSS") / 1024


def _kilobytes(path, name):
    """Read one figure of a process; 0 where it has just ended."""
    with suppress(OSError):
        lines = [line for line in Path(path).read_text().splitlines() if line.startswith(name)]
        return int(lines[0].split()[1]) if lines else 0
    return 0


def throughput(folder, peer):
    """Time the whole walk, less a walk over one page, and the peer's extraction in two processes on halves of the file."""
    pages = real_pages()
    one, whole = folder / "one.warc.gz", folder / "whole.warc.gz"
    write_warc(one, pages[:1])
    write_warc(whole, pages)
    start, _, _ = walk(configure(folder / "one", []), one)
    took, report, _ = walk(configure(folder / "whole", []), whole)
    ours = (len(pages) - 1) / (took - start)
    size = sum(map(len, pages)) / len(pages) / 1000
    theirs = None
    if peer:
        halves = []
        for number in range(2):
            half = folder / f"half-{number}.warc.gz"
            write_warc(half, pages[number::2])
            halves.append(
                subprocess.Popen(
                    [peer, "-c", PEER, str(half)],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            )
        results = [half.communicate()[0].split()[-3:] for half in halves]
        theirs = len(pages) / max(float(seconds) for _, _, seconds in results)
    return len(pages), size, report["articles"], ours, theirs, start


def long_file(path, size):
    """Write a WARC of `size` bytes: made-up news with much that is not wanted between it, as crawls are."""
    filler = os.urandom(150_000).hex().encode()
    pictures = [
        response_record(f"http://other.example/{n}", filler[n:], kind="image/svg+xml") for n in range(24)
    ]
    between = b"".join(gzip.compress(picture, 1) for picture in pictures)
    number = 0
    day = date(2025, 1, 1)
    with path.open("wb") as file:
        while file.tell() < size:
            article = Article(number, day + timedelta(days=number % 300))
            file.write(
                gzip.compress(response_record(f"http://paper.example{article.path}", article.page()), 1)
            )
            file.write(between)
            number += 1
    return number


def memory(folder, size):
    """Walk a long file and give its pages, seconds, and the memory early, late and at most."""
    path = folder / "long.warc.gz"
    pages = long_file(path, size)
    config = configure(
        folder / "long", [{"id": "p", "kind": "sitemap", "url": "http://paper.example/sitemap.xml"}]
    )
    took, _, seen = walk(config, path, watch=0.5)
    third = max(1, len(seen) // 3)
    early = max(total for total, _ in seen[:third])
    late = max(total for total, _ in seen[-third:])
    state = config.with_name("state.db")
    kept = count(state, "SELECT count(*) FROM articles")
    path.unlink()
    return (
        pages,
        kept,
        took,
        early,
        late,
        max(own for _, own in seen),
        count(state, "SELECT count(*) FROM deliveries"),
    )


def show(folder):
    """Play it on a terminal: dry run, run, kill, resume, report, over two years of archive with a hole in it."""
    hole = (date(2025, 4, 7), date(2025, 5, 4))
    papers = archive_of(date(2024, 1, 1), date(2025, 12, 31), gap=hole)
    with Newspaper(papers, latency=0.005) as paper:
        source = {"id": "daily", "kind": "sitemap", "url": f"{paper.base}/sitemap.xml"}
        config = configure(folder / "show", [source])
        asked = ("daily", "--since", "2024-01-01", "--until", "2025-12-31")
        on_terminal(config, *asked, "--dry-run")
        on_terminal(config, *asked, kill_at=250)
        on_terminal(config, "--list")
        on_terminal(config, "--resume")
        print(f"pages asked for twice: {sum(times - 1 for times in paper.fetched().values())}")


def on_terminal(config, *args, kill_at=None):
    """Run a backfill on a terminal of its own and print what stands there in the end."""
    print(f"\n$ yuewatch backfill {' '.join(args)}", flush=True)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(config, "backfill", *args),
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "120"},
    )
    os.close(theirs)
    if kill_at is not None:
        wait_for(config, "SELECT count(*) FROM articles", kill_at)
        process.kill()
    shown = b""
    with suppress(OSError):
        while piece := os.read(ours, 65536):
            shown += piece
    os.close(ours)
    process.wait()
    # What a terminal keeps of a line that was drawn over many times is the last of it.
    lines = [
        line.split("\r")[-1] for line in shown.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    ]
    plain = [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line).rstrip() for line in lines]
    print("\n".join(line for line in plain if line))
    if kill_at is not None:
        print(f"(kill -9; exit code {process.returncode})")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--full", action="store_true", help="100 kills, a file of 5 GB")
    options.add_argument("--news-please", metavar="PYTHON", help="an interpreter that has news-please")
    options.add_argument("--only", choices=["kills", "throughput", "memory", "show"])
    asked = options.parse_args()
    number, size = (100, 5 * 10**9) if asked.full else (5, 150 * 10**6)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.only == "show":
            show(folder)
        if asked.only in {None, "kills"}:
            killed, chains, alike, twice = kills(folder, number)
            print(f"kill -9, resume: {killed} kills, identical in the end      {alike} of {chains} backfills")
            print(
                f"pages fetched twice, in all                                {twice} ({killed} in flight)",
                flush=True,
            )
        if asked.only in {None, "throughput"}:
            pages, kilobytes, kept, ours, theirs, start = throughput(folder, asked.news_please)
            print(
                f"WARC, whole walk: {pages} pages of {kilobytes:.0f} kB, {kept} kept     {ours:.1f} pages/s (start of {start:.1f} s taken off)"
            )
            if theirs:
                print(
                    f"news-please's extraction, two processes, same pages        {theirs:.1f} pages/s: we are {ours / theirs:.1f} times as fast",
                    flush=True,
                )
        if asked.only in {None, "memory"}:
            pages, kept, took, early, late, own, sent = memory(folder, size)
            print(
                f"memory over {size / 1e9:.2f} GB, {pages} pages ({kept} kept), {took:.0f} s      all processes {early:.0f} MiB early, {late:.0f} MiB late; the reader itself {own:.0f} MiB at most"
            )
            print(f"live alerts sent by a default backfill                     {sent}")


if __name__ == "__main__":
    main()
