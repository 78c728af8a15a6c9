"""Replay the walk of one article from what is stored, and say which step stopped it and why."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from crawler.ingest import Ingest
from crawler.leads.address import canonical_key
from crawler.reading.page import read_page
from crawler.shapes import article_shape, match_shape, story_shape
from rules.matcher import Findings
from state import articles, deliveries, leads, matches, pages, sources, stories
from state.database import open_reader
from state.errors import ReadError, YuewatchError
from state.records import Article, Match, Page, Story

MAX_FILE = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Explanation:
    """Hold what is known about one article, and the steps it took in words."""

    article: Article | None = None
    story: Story | None = None
    matches: tuple[Match, ...] = ()
    alert: bool = False
    reason: str = ""
    steps: tuple[str, ...] = field(default=())

    def shape(self) -> dict[str, Any]:
        """Shape it as `explain --json` promises."""
        story_id = self.story.id if self.story is not None else None
        url = self.article.url if self.article is not None else ""
        return {
            "article": article_shape(self.article) if self.article is not None else None,
            "story": story_shape(self.story) if self.story is not None else None,
            "matches": [match_shape(url, story_id, match) for match in self.matches],
            "verdict": {"alert": self.alert, "reason": self.reason},
            "steps": list(self.steps),
        }


def explain_file(
    ingest: Ingest,
    path: Path,
    *,
    url: str | None = None,
    source_id: str | None = None,
    fetched_at: datetime | None = None,
) -> Explanation:
    """Read a saved page or text and match it as if it had just been fetched; nothing is stored.

    Raises YuewatchError for a file that is too large or cannot be read.
    """
    if path.stat().st_size > MAX_FILE:
        raise YuewatchError(f"{path} is larger than {MAX_FILE // 2**20} MiB and was not read")
    source = ingest.source_of(source_id)
    if source_id is not None and source is None:
        raise YuewatchError(f"there is no source {source_id!r}; `yuewatch sources list --all` shows the ids")
    address = url or path.absolute().as_uri()
    kind = mimetypes.guess_type(path.name)[0] or "text/html"
    moment = (
        None if fetched_at is None else fetched_at if fetched_at.tzinfo else fetched_at.replace(tzinfo=UTC)
    )
    page = Page(
        address, address, path.read_bytes(), moment, headers={"content-type": kind}, source_id=source_id
    )
    steps = [f"read {path} as {kind}"]
    try:
        article = read_page(page, source).article
    except ReadError as error:
        return Explanation(reason=str(error), steps=(*steps, str(error)))
    findings = ingest.matcher.read(article, source)
    article = replace(article, url=address, entities=findings.entities)
    alert, reason = _would_alert(ingest, article, findings, source.zone if source else "UTC")
    return Explanation(article, None, findings.matches, alert, reason, (*steps, *_words(findings)))


def explain_url(ingest: Ingest, state: Path, url: str) -> Explanation:
    """Tell from the state what became of an address, and what today's rules make of it."""
    with open_reader(state) as db:
        found = _stored(db, url)
        if found is None:
            return _not_an_article(db, url)
        article, story = found
        source = ingest.source_of(article.source_id)
        stored = matches.of_article(db, article.url)
        findings = ingest.matcher.read(article, source)
        steps = [
            *_came_by(db, article),
            f"story {story.id} with {len(story.members)} other members",
            *_words(findings),
        ]
        raised = deliveries.alerts_of_story(db, story.id)
    if raised:
        alerted = any(carrying for _, carrying in raised)
        reason = ", ".join(
            sorted({f"{alert.rule} for {alert.subscription}: {alert.reason}" for alert, _ in raised})
        )
        return Explanation(article, story, stored, alerted, reason, tuple(steps))
    events = [match for match in stored if match.status == "event"]
    reason = (
        "; ".join(f"{match.rule}: {match.reason}" for match in events)
        or "no rule matched it as an announcement"
    )
    reason = f"{reason}; no alert was raised for any subscription" if events else reason
    return Explanation(article, story, stored, alert=False, reason=reason, steps=tuple(steps))


def _stored(db: Database, url: str) -> tuple[Article, Story] | None:
    address: str | None = url if articles.exists(db, url) else articles.with_key(db, _key(url))
    if address is None:
        page = pages.load(db, _key(url))
        address = page[0].final_url if page is not None and articles.exists(db, page[0].final_url) else None
    if address is None:
        return None
    article = articles.find(db, address)
    story_id = stories.of_article(db, address)
    story = stories.find(db, story_id) if story_id is not None else None
    return (article, story) if article is not None and story is not None else None


def _not_an_article(db: Database, url: str) -> Explanation:
    """Say how far an address came that is no article."""
    state = pages.state_of(db, _key(url))
    if state is not None:
        return Explanation(
            reason=f"its page is stored but {state[0]}: {state[1] or 'not read yet'}",
            steps=("the page was fetched",),
        )
    lead = leads.find(db, _key(url))
    if lead is not None:
        row = lead[1]
        reason = (
            f"its page is {row['state']} after {row['attempts']} tries: {row['error'] or 'not fetched yet'}"
        )
        return Explanation(
            reason=reason, steps=(f"source {row['source_id']} showed it at {row['found_at']}",)
        )
    known = len(sources.all_states(db))
    return Explanation(
        reason=f"none of the {known} known sources has shown this address; `yuewatch explain FILE` reads a saved page"
    )


def _came_by(db: Database, article: Article) -> list[str]:
    lead = leads.find(db, article.key)
    if lead is None:
        return [f"stored from {article.source_id or 'an import'}"]
    return [f"source {lead[1]['source_id']} showed it at {lead[1]['found_at']} ({lead[1]['origin']})"]


def _would_alert(ingest: Ingest, article: Article, findings: Findings, zone: str) -> tuple[bool, str]:
    events = [match for match in findings.matches if match.status == "event"]
    if not findings.matches:
        return False, "no rule matched"
    if not events:
        return False, "the text only mentions it: " + "; ".join(
            sorted({match.reason for match in findings.matches})
        )
    if not ingest.is_fresh(article, zone, datetime.now(UTC)):
        return (
            False,
            f"published {article.published.value}, more than {ingest.max_age.days} days ago: old news is kept quietly",
        )
    return True, f"{events[0].rule}: {events[0].reason}"


def _words(findings: Findings) -> list[str]:
    found = [f"rule {match.rule}: {match.status} ({match.reason})" for match in findings.matches]
    return found + [str(silence) for silence in findings.silences]


def _key(url: str) -> str:
    try:
        return canonical_key(url)
    except ValueError:
        return url
