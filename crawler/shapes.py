"""Shape records as the JSON that others rely on: extend, never break."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from state.records import Alert, Article, Delivery, Match, Story


def article_shape(article: Article) -> dict[str, Any]:
    """Shape an article; absent is null, times are ISO 8601 with offset, a bare day is a date."""
    published = article.published
    return {
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "lang": article.lang,
        "published": {
            "value": published.value,
            "precision": published.precision,
            "evidence": published.evidence,
            "raw": published.raw,
            "zone_assumed": published.zone_assumed,
            "conflicts": list(published.conflicts),
        },
        "publisher": article.publisher,
        "original_source": article.original_source,
        "chain": list(article.chain),
        "author": article.author,
        "folded": asdict(article.folded),
        "entities": [asdict(entity) for entity in article.entities],
        "source": article.source_id,
        "fetched_at": article.fetched_at.isoformat() if article.fetched_at else None,
        "notes": list(article.notes),
    }


def match_shape(url: str, story_id: str | None, match: Match) -> dict[str, Any]:
    """Shape a match; `start` and `end` count in the article's text, or in its title where `where` says so."""
    return {
        "url": url,
        "story_id": story_id,
        "rule": match.rule,
        "kind": match.kind,
        "status": match.status,
        "severity": match.severity,
        "reason": match.reason,
        "facts": match.facts,
        "evidence": [
            {
                "sentence": item.sentence,
                "start": item.start,
                "end": item.end,
                "where": item.where,
                "terms": [span.text for span in item.spans],
                "spans": [asdict(span) for span in item.spans],
            }
            for item in match.evidence
        ],
    }


def story_shape(story: Story) -> dict[str, Any]:
    """Shape a story; the lead is not among the members."""
    return {
        "story_id": story.id,
        "lead": story.lead,
        "members": [asdict(member) for member in story.members],
        "contains": [link.story_id for link in story.links if link.kind == "contains"],
        "corroborates": [link.story_id for link in story.links if link.kind == "corroborates"],
        "links": [asdict(link) for link in story.links],
    }


def alert_shape(alert: Alert, carrying: Iterable[Delivery]) -> dict[str, Any]:
    """Shape an alert with the deliveries that carry it."""
    return {
        "alert_id": alert.id,
        "story_id": alert.story_id,
        "rule": alert.rule,
        "subscription": alert.subscription,
        "created": alert.created.isoformat(),
        "reason": str(alert.reason),
        "url": alert.article_url,
        "deliveries": [
            {
                "delivery_id": delivery.id,
                "destination": delivery.destination,
                "state": delivery.state,
                "attempts": delivery.attempts,
                "last_error": delivery.last_error,
            }
            for delivery in carrying
        ],
    }
