"""Fetch addresses as the daemon does, with its settings, guard and manners; write what came of each as JSON.

Each line of standard input is an order `{"crawls": [[url, …], …], "allow": […], "delay": s, "settings": {…},
"hold": {host: s}, "browser": true, "sources": [[kind, url], …], "errands": [url, …], "probes": [url, …]}`, each line of
output its outcome. The crawls of an order run at once in this one process. Each
address is a waiting page of the one spider that production uses.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta

from scrapy import Request
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings

from crawler.fetching import settings as ours
from crawler.fetching.browser import Browser
from crawler.fetching.guard import GuardedResolver
from crawler.fetching.manners import Manners
from crawler.fetching.pace import Pace
from crawler.leads.read import read_leads
from crawler.logs import configure_logging
from crawler.probing.asking import Asker
from crawler.probing.probe import Probe
from crawler.reactor import run
from crawler.rounds import Round
from state.addresses import parse_networks
from state.errors import YuewatchError
from state.records import Lead, Source
from state.sources import SourceState

OPTIONS = {"json": {"items": "rows", "fields": {"url": "u"}}, "listing": {"item": "li"}}


class Notebook:
    """Note what became of each page and source."""

    def __init__(self):
        self.notes = {}

    async def keep_page(self, page, lead, origin):
        self.notes[lead.url] = {
            "status": page.status,
            "final_url": page.final_url,
            "size": len(page.body),
            "start": page.body[:200].decode("utf-8", "replace"),
            "robots": page.robots,
        }
        return ()

    async def read_listing(self, source, page):
        return read_leads(page.body, source, page.final_url, page.headers)

    async def keep_listing(self, listing):
        self.notes[listing.source.url] = {"leads": len(listing.leads.items)}
        return [(lead, "live") for lead in listing.leads.items]

    async def wants_page(self, listing):
        return False

    async def poll_failed(self, source, before, error, status):
        self.notes[source.url] = {"error": str(error), "kind": type(error).__name__, "status": status}

    async def lead_failed(self, lead, error, status):
        self.notes[lead.url] = {
            "error": str(error),
            "kind": type(error).__name__,
            "retryable": error.retryable,
            "status": status,
        }


class Here:
    """Read in this process."""

    async def run(self, function, *args):
        return function(*args)


async def ask(notes, urls, download):
    """Fetch as a backfill does; note what was refused."""
    for url in urls:
        try:
            response = await download(Request(url))
        except Exception as error:  # noqa: BLE001 - whatever keeps an address from being fetched is noted
            notes[url] = {"error": str(error), "kind": type(error).__name__}
        else:
            notes[url] = {"status": response.status}


async def look(notes, urls, asker):
    """Probe addresses; note what was found."""
    for url in urls:
        try:
            findings = await Probe(asker.afresh(), {}).run(url)
        except YuewatchError as error:
            notes[url] = {"error": str(error)}
        else:
            found = {"candidates": len(findings.candidates)}
            notes[url] = found if findings.candidates else {"error": "; ".join(findings.remarks)}


async def fetch(order, guard, browser):
    pace = Pace(timedelta(seconds=order.get("delay", 0)))
    for host, seconds in order.get("hold", {}).items():
        pace.hold(host, datetime.now(UTC) + timedelta(seconds=seconds))
    held = {}
    manners = Manners(
        pace=pace,
        guard=guard,
        on_hold=lambda host, until, why: held.setdefault(host, [until.isoformat(), why]),
        browser=browser,
    )
    runner = AsyncCrawlerRunner(Settings(ours.as_mapping() | order.get("settings", {}), priority="project"))
    notebook = Notebook()
    shown = frozenset({"probe"} if order.get("browser") else ())
    crawls = []
    for urls in order["crawls"]:
        round_ = Round(
            "probe", leads=tuple((Lead(url, url, "probe"), "live") for url in urls), by_browser=shown
        )
        crawl = runner.create_crawler("host")
        crawls.append(runner.crawl(crawl, round_=round_, ledger=notebook, manners=manners))
    polls = tuple(
        (
            Source(f"s{n}", kind, url, max_leads=2000, options=OPTIONS.get(kind, {})),
            SourceState(f"s{n}", datetime.now(UTC)),
        )
        for n, (kind, url) in enumerate(order.get("sources", ()))
    )
    crawls.append(
        runner.crawl(
            runner.create_crawler("host"), round_=Round("probe", polls), ledger=notebook, manners=manners
        )
    )

    async def errands(download):
        await ask(notebook.notes, order.get("errands", ()), download)
        await look(notebook.notes, order.get("probes", ()), Asker(download, manners, Here()))

    crawls.append(runner.crawl(runner.create_crawler("errands"), errands=errands, manners=manners))
    await asyncio.gather(*crawls)
    return {"notes": notebook.notes, "held": held, "playwright": "playwright" in sys.modules}


async def serve():
    from twisted.internet import reactor

    configure_logging("error")
    browser = Browser()
    resolver = reactor.nameResolver
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        reactor.installNameResolver(resolver)
        guard = GuardedResolver(reactor, parse_networks(order["allow"]))
        guard.install_on_reactor()
        sys.stdout.write(json.dumps(await fetch(order, guard, browser), ensure_ascii=False) + "\n")
        sys.stdout.flush()
    await browser.close()


if __name__ == "__main__":
    run(serve)
