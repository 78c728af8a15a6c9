"""Follow a running daemon through its state file, read-only, and put what is new into lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from crawler.demo.newsroom import Published
from crawler.health.remedy import remedy
from crawler.logs import clean
from state import activity, health
from state.database import open_reader
from state.errors import StateError
from state.figures import figures

_TODAY = timedelta(hours=1)
"""What is held for longer waits for tomorrow."""


class Watch:
    """Remember how far a state file was told, and tell what came since."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._since = activity.Since()
        self.recoveries = 0
        self._found = datetime.now(UTC)
        self._told: set[tuple[str, str, bool]] = set()
        self._proposed: set[str] = set()

    def news(self) -> list[str]:
        """Give a line for each article, alert and broken or recovered source since the last call."""
        try:
            with open_reader(self._state) as db:
                seen, self._since = activity.since(db, self._since)
                found = health.findings_since(db, self._found)
        except StateError:
            return []  # the daemon has not made its state file yet
        self.recoveries += sum(spell.failures == 0 for spell in seen.destinations)
        return [*_lines(seen), *self._findings(found)]

    def _findings(self, found: Sequence[health.Finding]) -> Iterator[str]:
        for finding in found:
            mark = (finding.source_id, finding.kind, finding.closed is not None)
            if mark not in self._told:
                self._told.add(mark)
                yield clean(
                    f"   ? finding on {finding.source_id} {'closed' if finding.closed else f'opened: {finding.reason}'}"
                )
            proposed = remedy(finding)
            if proposed and finding.source_id not in self._proposed:
                self._proposed.add(finding.source_id)
                yield clean(f"       proposed: {proposed}")

    def found(self, source_id: str, *, closed: bool = False) -> bool:
        """Tell whether a finding on a source was told to be open, or closed."""
        return any((name, over) == (source_id, closed) for name, _, over in self._told)

    def proposed(self, source_id: str) -> bool:
        """Tell whether a repair of a source was told."""
        return source_id in self._proposed

    @property
    def spared(self) -> frozenset[str]:
        """Name the destinations that were left alone, for they fail, when last looked at."""
        return frozenset(self._since.spared)

    @property
    def failing(self) -> frozenset[str]:
        """Name the sources that failed when last looked at."""
        return frozenset(self._since.errors)

    def settled(self, on_show: Sequence[Published]) -> bool:
        """Tell whether every page on show that may be read has been."""
        try:
            with open_reader(self._state) as db:
                return activity.quiet(db) and figures(db)["articles"]["stored"] >= _readable(on_show)
        except StateError:
            return False

    def drained(self, on_show: Sequence[Published]) -> bool:
        """Tell whether all news has been read and nothing waits but what is for tomorrow's digest."""
        with open_reader(self._state) as db:
            open_ones = activity.unsent(db, datetime.now(UTC) + _TODAY)
        return open_ones == 0 and self.settled(on_show)

    def line_of_totals(self) -> str:
        """Give the totals so far in one line."""
        with open_reader(self._state) as db:
            counted = figures(db)
        return (
            f"   {counted['articles']['stored']} articles read from {counted['sources']['reached']} sources, "
            f"{counted['articles']['folded']} with a body that stood twice, {counted['stories']['open']} stories"
        )

    def an_alerted_url(self) -> str | None:
        """Give the address of an article that alerted, for the user to try `explain` on."""
        with open_reader(self._state) as db:
            return activity.latest_alerted(db)


def _readable(on_show: Sequence[Published]) -> int:
    """Count the documents of the newsroom that a polite crawler comes to read."""
    return len({item.id for item in on_show if not item.manuscript.forbidden})


def _lines(seen: activity.Seen) -> Iterator[str]:
    for article in seen.articles:
        if article.origin == "baseline":
            continue
        joined = f" = {article.relation.replace('_', ' ')} of an earlier story" if article.relation else ""
        folded = ", body folded" if article.folded else ""
        yield clean(
            f"   + {article.publisher or article.source_id}: {article.title or '(no title)'}{joined}{folded}"
        )
    for (rule, sentence), raised in groupby(seen.alerts, lambda alert: (alert.rule, alert.sentence)):
        heard = ", ".join(f"{alert.subscription} ({alert.reason})" for alert in raised)
        yield clean(f"   ! {rule}: {sentence}")
        yield clean(f"       for {heard}")
    for source in seen.sources:
        yield clean(f"   ~ source {source.id} {'fails: ' + source.error if source.error else 'works again'}")
    for spell in seen.destinations:
        fate = (
            f"is left alone for a while after {spell.failures} failures"
            if spell.failures
            else "takes messages again"
        )
        yield clean(f"   ~ destination {spell.id} {fate}")
