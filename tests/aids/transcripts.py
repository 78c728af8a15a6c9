"""Probe sites of the demo's newsroom and write down what is seen, the same on every machine and day.

`python tests/aids/transcripts.py` prints the transcripts of docs/how-to/add-a-source.md, to be put there anew.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from crawler.demo.newsroom import Newsroom

SITES = {
    "portal": "/",
    "daily_en": "/",
    "republisher": "/en/news",
}
"""The sites that are probed, each with the path of the page that is given."""

_SHOWN_DAY = date(2026, 11, 20)
_CONFIGURATION = """\
state: state.db
pack_sources: false
fetching: {delay: 0.01s, allow_addresses: [127.0.0.1]}
"""
_DAY = re.compile(r"(?<!\d)(?:(\d{4})-(\d\d)-(\d\d)|(\d\d)/(\d\d)/(\d{4}))(?!\d)")


@dataclass(frozen=True)
class Disguise:
    """Put a name in the place of a port, and days of one week in the place of those of today."""

    host: str
    name: str
    opened: date

    def __call__(self, text: str) -> str:
        """Write a transcript as the documentation shows it."""
        for written in (lambda host: host, lambda host: host.replace(".", r"\."), _hyphens):
            text = text.replace(written(self.host), written(self.name))
        return _DAY.sub(self._day, text).replace(f"{self.opened.year}年度", f"{_SHOWN_DAY.year}年度")

    def _day(self, found: re.Match[str]) -> str:
        year, month, day, other_day, other_month, other_year = found.groups()
        told = date(int(year or other_year), int(month or other_month), int(day or other_day))
        shown = told + (_SHOWN_DAY - self.opened)
        return f"{shown:%Y-%m-%d}" if year else f"{shown:%d/%m/%Y}"


def _hyphens(host: str) -> str:
    return host.replace(".", "-").replace(":", "-")


async def probed(key: str) -> str:
    """Give the transcript of a probe of one site as it is when the newsroom opens."""
    # Opened at one time of day, so that whatever is so many hours old appeared on the same day before.
    opened = (datetime.now(UTC) - timedelta(days=1)).replace(hour=4, minute=0, second=0, microsecond=0)
    newsroom = Newsroom()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "yuewatch.yaml"
        config.write_text(_CONFIGURATION)
        addresses = await newsroom.start(opened)
        try:
            site = getattr(addresses, key)
            verb = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "crawler", "--config", str(config)),
                *("sources", "probe", site + SITES[key]),
                stdout=asyncio.subprocess.PIPE,
            )
            said = (await verb.communicate())[0].decode()
        finally:
            await newsroom.stop()
    disguise = Disguise(site.removeprefix("http://"), f"{key.replace('_', '-')}.example", opened.date())
    return disguise(f"$ yuewatch sources probe {site}{SITES[key]}\n{said}")


if __name__ == "__main__":
    for name in SITES:
        sys.stdout.write(f"```text\n{asyncio.run(probed(name))}```\n\n")
