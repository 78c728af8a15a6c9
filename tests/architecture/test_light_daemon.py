"""A daemon hands pages to workers, and carries nothing itself of what only they need."""

import subprocess
import sys

HEAVY = ("trafilatura", "pypdf", "htmldate", "aiohttp", "playwright", "apprise")
DAEMON = "import crawler.daemon, crawler.cli.run, spiders.sites, crawler.fetching.handler, crawler.fetching.middlewares"


def test_a_daemon_that_crawls_imports_neither_readers_nor_web_servers():
    loaded = subprocess.run(
        [sys.executable, "-c", f"{DAEMON}, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(loaded.stdout.split()) & set(HEAVY) == set()
