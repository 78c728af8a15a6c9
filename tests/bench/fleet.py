"""Let a daemon watch 200 sources on 20 hosts, kill it half-way, and read in the hosts' books how it behaved.

The hosts note when each request arrives and what it costs. Two figures come of that: violations of pace (two requests
nearer than the host's delay or Crawl-delay allows, one before the Retry-After of the last is over, two connections at
once), restarts and redirects between hosts included; and the bytes of polls that found nothing changed, by what the
server offers to ask with. `python tests/bench/fleet.py [SECONDS]`.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "aids")]

from wire import Crossing, Host, Reply, serving  # noqa: E402 - the checkout must be importable first

HOSTS, SOURCES = 20, 200
SECONDS = 360.0
DELAY = 0.5
EVERY = "4s"
CHEAP = 1024
SHOWN = 60
"""Items on each listing: 11 to 24 kB."""
CRAWL_DELAYS = {3: 1.0, 8: 1.0, 13: 2.0}
"""Seconds that the robots.txt of some hosts asks for."""
IMPATIENT = {5: 2, 11: 3}
"""Hosts that answer some requests with 429, and how many seconds they ask for; the second by a date."""
REFUSED = 1 / 60
# What servers offer to ask with, by kind of source. Nobody has counted it for these sites; the shares are ours.
OFFERS = {
    "listing": {"both": 70, "modified": 15, "none": 13, "lies": 1, "stuck": 1},
    "feed": {"both": 60, "tag": 20, "none": 18, "lies": 1, "stuck": 1},
    "json": {"both": 10, "tag": 20, "none": 70},
}
KINDS = {"listing": 86, "json": 36, "feed": 20}
"""The kinds of the catalogue's sources that are enabled."""


@dataclass
class Paper:
    """Publish under one address of a host, and note of each poll whether there was anything new to tell."""

    name: str
    kind: str
    offer: str
    host: Host
    elsewhere: Host
    births: list[float]
    moved: bool = False
    told: int = -1
    unchanged: list[float] = field(default_factory=list)

    @property
    def entry(self) -> dict[str, object]:
        """Give the source's entry in a configuration."""
        options: dict[str, object] = {}
        if self.kind == "listing":
            options = {"listing": {"item": "li", "pattern": "/news/"}}
        if self.kind == "json":
            options = {"json": {"items": "rows", "fields": {"url": "u", "title": "t"}}}
        path = "old" if self.moved else "list"
        address = f"http://{self.host.name}/{path}/{self.name}"
        return {
            "id": self.name,
            "kind": self.kind,
            "url": address,
            "every": EVERY,
            "adaptive": False,
            "max_leads": 2,
        } | options

    def answer(self, at: float, headers: dict[str, str]) -> Reply:
        """Answer a poll."""
        version = sum(birth <= at for birth in self.births)
        unchanged, self.told = version == self.told, version
        tag = '"same"' if self.offer in {"lies", "stuck"} else f'"v{version}"'
        modified = formatdate(1_790_000_000 + version * 3600, usegmt=True)
        offered = []
        if self.offer in {"both", "tag", "lies", "stuck"}:
            offered.append(("ETag", tag))
        if self.offer in {"both", "modified"}:
            offered.append(("Last-Modified", modified))
        if unchanged:
            self.unchanged.append(at)
        asked = headers.get("if-none-match"), headers.get("if-modified-since")
        known = asked[0] == tag if self.offer in {"both", "tag", "stuck"} else asked[1] == modified
        if self.offer not in {"none", "lies"} and known:
            return Reply(status=304, headers=tuple(offered))
        return Reply(self._body(version), headers=(("Content-Type", _TYPES[self.kind]), *offered))

    def _body(self, version: int) -> bytes:
        host = self.elsewhere if version % 2 else self.host
        items = [
            (f"http://{host.name}/news/{self.name}/{number}.html", _title(self.name, number))
            for number in range(version + SHOWN, version, -1)
        ]
        return _BODIES[self.kind](items).encode()


def _title(name: str, number: int) -> str:
    return f"市政府办公室关于印发第{number}号实施方案的通知（{name}）"


def _listing(items: list[tuple[str, str]]) -> str:
    rows = "".join(
        f'<li class="news-item"><span class="date">2026-11-20</span><a href="{url}" target="_blank" title="{title}">{title}</a></li>'
        for url, title in items
    )
    return f"<!doctype html><html><head><title>要闻</title></head><body><ul>{rows}</ul></body></html>"


def _feed(items: list[tuple[str, str]]) -> str:
    rows = "".join(
        f"<item><title>{title}</title><link>{url}</link><description>{title * 2}</description></item>"
        for url, title in items
    )
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>要闻</title>{rows}</channel></rss>'


def _json(items: list[tuple[str, str]]) -> str:
    return json.dumps(
        {"rows": [{"u": url, "t": title, "column": 3, "source": "本网"} for url, title in items]},
        ensure_ascii=False,
    )


_BODIES = {"listing": _listing, "feed": _feed, "json": _json}
_TYPES = {
    "listing": "text/html; charset=utf-8",
    "feed": "application/rss+xml",
    "json": "application/json; charset=utf-8",
}


@dataclass
class Fleet:
    """Hold the hosts and papers, and what was promised to whom."""

    hosts: list[Host]
    papers: dict[str, Paper]
    patience: dict[str, list[tuple[float, float]]]
    rng: random.Random

    @classmethod
    def built(cls, seconds: float) -> Fleet:
        """Make 200 papers on 20 hosts, each of which publishes three times while they are watched."""
        rng = random.Random(7)
        fleet = cls([], {}, defaultdict(list), rng)
        fleet.hosts = [Host(fleet.answering(number)) for number in range(HOSTS)]
        start = time.monotonic()
        for number in range(SOURCES):
            kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
            offer = rng.choices(list(OFFERS[kind]), list(OFFERS[kind].values()))[0]
            births = [start + seconds * rng.uniform(0.1, 0.9) for _ in range(3)]
            host, elsewhere = fleet.hosts[number % HOSTS], rng.choice(fleet.hosts)
            name = f"s{number:03}"
            fleet.papers[name] = Paper(name, kind, offer, host, elsewhere, births, moved=number % 25 == 0)
        return fleet

    def answering(self, number: int):
        """Give how one host answers."""

        def answer(path: str, headers: dict[str, str]) -> Reply:
            at = time.monotonic()
            if path == "/robots.txt":
                delay = CRAWL_DELAYS.get(number)
                rules = f"User-agent: *\nCrawl-delay: {delay:g}\n" if delay else "User-agent: *\nDisallow:\n"
                return Reply(rules.encode(), headers=(("Content-Type", "text/plain"),))
            if number in IMPATIENT and self.rng.random() < REFUSED:
                return self._refuse(number, at)
            _, what, name, *_ = path.split("/")
            paper = self.papers[name]
            if what == "old":
                to = f"http://{paper.elsewhere.name}/list/{name}"
                return Reply(status=302, headers=(("Location", to),))
            if what == "list":
                return paper.answer(at, headers)
            return Reply(_page(path), headers=(("Content-Type", "text/html; charset=utf-8"),))

        return answer

    def _refuse(self, number: int, at: float) -> Reply:
        wait, asked = float(IMPATIENT[number]), str(IMPATIENT[number])
        if number == max(IMPATIENT):
            moment = int(time.time() + wait)
            wait, asked = moment - time.time(), formatdate(moment, usegmt=True)
        self.patience[self.hosts[number].name].append((at, at + wait))
        return Reply(status=429, headers=(("Retry-After", asked),))

    def delay_of(self, number: int) -> float:
        """Give the least time between two requests to a host, in seconds."""
        return max(DELAY, CRAWL_DELAYS.get(number, 0.0))


def _page(path: str) -> bytes:
    text = "".join(
        f"<p>{path}：各有关单位要结合实际认真组织实施，第{line}条自印发之日起施行。</p>" for line in range(8)
    )
    return f"<!doctype html><title>{path}</title><article><h1>{path}</h1>{text}</article>".encode()


# A daemon that is killed half-way ---------------------------------------------------------------------------------


def watched(fleet: Fleet, seconds: float) -> None:
    """Let a daemon watch the fleet for so long, killed and started again in the middle."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        configuration = {
            "state": "state.db",
            "pack": str(ROOT / "tests" / "packs" / "robots"),
            "pack_sources": False,
            "log": {"format": "json"},
            "fetching": {
                "delay": f"{DELAY}s",
                "allow_addresses": ["127.0.0.1"],
                "contact": "https://watch.example/about",
            },
            "sources": [paper.entry for paper in fleet.papers.values()],
        }
        file = folder / "yuewatch.yaml"
        file.write_text(yaml.safe_dump(configuration, allow_unicode=True), "utf-8")
        for starts, how in enumerate((signal.SIGKILL, signal.SIGTERM), start=1):
            with (folder / "daemon.log").open("ab") as log:
                daemon = subprocess.Popen(
                    [sys.executable, "-m", "crawler", "--config", str(file), "run"], stdout=log, stderr=log
                )
            while _events(folder).count("running") < starts:
                time.sleep(0.2)
                if daemon.poll() is not None:
                    raise SystemExit((folder / "daemon.log").read_text("utf-8")[-2000:])
            time.sleep(seconds / 2)
            daemon.send_signal(how)
            daemon.wait(30)
        told = Counter(event for event in _events(folder) if len(event) < 30)
        print("the daemon logged " + ", ".join(f"{event} {number}" for event, number in told.items()))


def _events(folder: Path) -> list[str]:
    log = (folder / "daemon.log").read_text("utf-8")
    return [json.loads(line)["event"] for line in log.splitlines() if line.endswith("}")]


# What the books say ------------------------------------------------------------------------------------------------


def too_near(fleet: Fleet) -> list[str]:
    """Give the requests that came nearer to the one before them on their host than its pace allows."""
    found = []
    for number, host in enumerate(fleet.hosts):
        arrived = sorted(host.crossings, key=lambda crossing: crossing.at)
        for earlier, later in pairwise(arrived):
            # Nobody can know a Crawl-delay before robots.txt has been read.
            gap, owed = later.at - earlier.at, fleet.delay_of(number)
            if gap < owed:
                found.append(f"{later.path} {gap:.3f} s after {earlier.path}, owed {owed:g} s")
    return found


def too_early(fleet: Fleet) -> list[str]:
    """Give the requests that came while their host had asked to be left alone."""
    return [
        f"{crossing.path} {until - crossing.at:.3f} s early"
        for host in fleet.hosts
        for since, until in fleet.patience[host.name]
        for crossing in host.crossings
        if since
        < crossing.at
        < until - 0.01  # a date of HTTP is the wall clock's, the books keep the other one
    ]


def unchanged_polls(fleet: Fleet) -> dict[str, list[int]]:
    """Give the bytes of each poll that found nothing changed, by what its server offers to ask with."""
    costs: dict[str, list[int]] = defaultdict(list)
    for host in fleet.hosts:
        for crossing in host.crossings:
            paper = _polled(fleet, crossing)
            if paper is not None and any(crossing.at <= at <= crossing.until for at in paper.unchanged):
                costs[paper.offer].append(crossing.bytes)
    return costs


def _polled(fleet: Fleet, crossing: Crossing) -> Paper | None:
    parts = crossing.path.split("/")
    return fleet.papers[parts[2]] if parts[1] == "list" else None


def report(seconds: float = SECONDS) -> bool:
    """Print both figures; tell whether the pace was kept."""
    fleet = Fleet.built(seconds)
    with serving(fleet.hosts):
        watched(fleet, seconds)
    requests = sum(len(host.crossings) for host in fleet.hosts)
    near, early = too_near(fleet), too_early(fleet)
    most = max(host.most_open for host in fleet.hosts)
    for line in (near + early)[:20]:
        print(f"  {line}")
    print(f"\npace: {SOURCES} sources on {HOSTS} hosts, {requests} requests in {seconds:g} s, killed once")
    print(f"  requests nearer than the host's delay     {len(near)}")
    print(
        f"  requests before Retry-After was over      {len(early)} of {sum(map(len, fleet.patience.values()))} times asked"
    )
    print(f"  most connections to one host at once      {most}")
    print("\nbytes of unchanged polls (request and answer, heads and bodies)")
    costs = unchanged_polls(fleet)
    for offer, bytes_ in sorted(costs.items()):
        _print_costs(offer, bytes_)
    _print_costs("all that offer", [one for offer in ("both", "tag", "modified") for one in costs[offer]])
    _print_costs("all", [one for ones in costs.values() for one in ones])
    return not near and not early and most == 1


def _print_costs(name: str, costs: list[int]) -> None:
    ordered = sorted(costs)
    if not ordered:
        return
    cheap = sum(cost <= CHEAP for cost in ordered) / len(ordered)
    print(
        f"  {name:<16}{len(ordered):>7} polls, median {ordered[len(ordered) // 2]:>6} B, "
        f"within 1 kB {cheap:.1%}"
    )


if __name__ == "__main__":
    sys.exit(0 if report(*map(float, sys.argv[1:])) else 1)
