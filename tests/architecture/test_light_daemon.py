"""A daemon hands pages to workers, and carries nothing itself of what only they need."""

import subprocess
import sys

HEAVY = ("trafilatura", "pypdf", "htmldate", "aiohttp", "requests", "playwright", "apprise")
DAEMON = """
from importlib import import_module
import sys
import crawler.daemon, crawler.cli.run, spiders.sites
from crawler.fetching import settings
named = (*settings.DOWNLOADER_MIDDLEWARES, *settings.DOWNLOADER_MIDDLEWARES_BASE, *settings.EXTENSIONS_BASE)
for name in (*named, *filter(None, settings.DOWNLOAD_HANDLERS.values())):
    import_module(name.rpartition(".")[0])
print(*sys.modules)
"""


def test_a_daemon_that_crawls_imports_neither_readers_nor_web_servers():
    loaded = subprocess.run(
        [sys.executable, "-c", DAEMON],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(loaded.stdout.split()) & set(HEAVY) == set()
