"""Write a delivery as the JSON that webhooks receive: versioned, and never beyond the standard's 20 kB.

docs/reference/webhook.md describes it; a change that could break a receiver raises `VERSION`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import accumulate
from typing import Any, TypeVar

from alerts.safe_text import one_line, web_link
from alerts.view import Names, by_severity, by_story, change_of, names_in, publisher_of, severest
from state.deliveries import AlertContents, Carrier, Contents, Notice
from state.records import Article, Delivery, Evidence, Published

VERSION = 1
MOST_BYTES = 20_000

_MOST_QUOTATIONS = 3
_LONGEST_SENTENCE = 600
_MOST_STORIES = 50
_MOST_ALERTS = 10
_MOST_TERMS = 20
_FEW_TERMS = 5
_LONGEST_TERM = 100
_MOST_CARRIERS = 8
_LINES = (500, 150)
"""Characters that a line of a notice may have, and where they do not all fit then."""

Json = dict[str, Any]
T = TypeVar("T")


def payload(contents: Contents, names: Names) -> Json:
    """Give the JSON object of a delivery, thinned out until it fits into `MOST_BYTES`.

    What is left out is counted: `carried_by` counts all carriers, `more_alerts` and `more_stories` what is not listed.
    """
    groups = by_severity(by_story(contents.alerts))
    stories = [_story(group, names) for group in groups[:_MOST_STORIES]]
    body = _envelope(contents, stories, names)
    body["data"]["more_stories"] = len(groups) - len(stories)
    if _size(body) <= MOST_BYTES:
        return body
    for story in stories:
        _thin_out(story)
    body["data"]["stories"] = []
    kept = _what_fits(stories, MOST_BYTES - _size(body))
    body["data"].update(stories=kept, more_stories=len(groups) - len(kept))
    return body


def as_json(body: Json) -> str:
    """Write JSON that UTF-8 can encode: a lone surrogate, which some pages hold, becomes a question mark."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()


def _thin_out(story: Json) -> None:
    story.update(also_carried_by=[], corroborated_by=[], names=[])
    story["more_alerts"] += len(story["alerts"]) - 1
    story["alerts"] = story["alerts"][:1]
    first = story["alerts"][0]
    first["evidence"] = first["evidence"][:1]
    for evidence in first["evidence"]:
        evidence["terms"] = evidence["terms"][:_FEW_TERMS]


def _what_fits(parts: list[T], room: int) -> list[T]:
    sizes = accumulate(_size(part) + len(",") for part in parts)
    return [part for part, size in zip(parts, sizes, strict=True) if size <= room]


def _timestamp(delivery: Delivery) -> str:
    return delivery.told.isoformat(timespec="milliseconds")


def notice_payload(delivery: Delivery, notice: Notice) -> Json:
    """Give the JSON object of a notice to those who run yuewatch, its lines shortened until all fit.

    Those that do not fit even so are counted by `more_lines`.
    """
    body: Json = {
        "type": "notice",
        "version": VERSION,
        "timestamp": _timestamp(delivery),
        "data": {"delivery_id": delivery.id, "title": one_line(notice.title), "lines": [], "more_lines": 0},
    }
    room = MOST_BYTES - _size(body) - len(str(len(notice.lines)))
    for longest in _LINES:
        lines = [one_line(line, longest) for line in notice.lines]
        kept = _what_fits(lines, room)
        if len(kept) == len(lines):
            break
    body["data"] |= {"lines": kept, "more_lines": len(lines) - len(kept)}
    return body


def _envelope(contents: Contents, stories: list[Json], names: Names) -> Json:
    delivery = contents.delivery
    return {
        "type": "digest" if len(stories) > 1 else "alert",
        "version": VERSION,
        "timestamp": _timestamp(delivery),
        "data": {
            "delivery_id": delivery.id,
            "subscription": {
                "id": delivery.subscription,
                "name": one_line(names.subscriptions.get(delivery.subscription, delivery.subscription)),
            },
            "stories": stories,
            "more_stories": 0,
        },
    }


def _story(group: Sequence[AlertContents], names: Names) -> Json:
    first = group[0]
    return {
        "story_id": first.alert.story_id,
        "severity": severest(group),
        "lead": _article(first.lead, names),
        "alerts": [_alert(contents, names) for contents in group[:_MOST_ALERTS]],
        "more_alerts": max(0, len(group) - _MOST_ALERTS),
        "names": list(names_in(first.article)),
        "carried_by": first.carried_by,
        "also_carried_by": [_carrier(carrier, names) for carrier in first.carriers[:_MOST_CARRIERS]],
        "corroborated_by": [_carrier(carrier, names) for carrier in first.corroborating[:_MOST_CARRIERS]],
    }


def _alert(contents: AlertContents, names: Names) -> Json:
    alert, match = contents.alert, contents.match
    return {
        "alert_id": alert.id,
        "rule": alert.rule,
        "rule_name": one_line(names.rules.get(alert.rule, alert.rule)),
        "subscription": alert.subscription,
        "kind": match.kind if match else None,
        "status": match.status if match else None,
        "severity": match.severity if match else None,
        "reason": alert.reason,
        "change": change_of(contents),
        "created": alert.created.isoformat(timespec="milliseconds"),
        "article_url": _url(alert.article_url),
        "evidence": [_evidence(item) for item in match.evidence[:_MOST_QUOTATIONS]] if match else [],
    }


def _evidence(evidence: Evidence) -> Json:
    """Quote exactly, offsets in the article and all; only a sentence beyond all measure is cut at its end."""
    sentence = evidence.sentence[:_LONGEST_SENTENCE]
    return {
        "sentence": sentence,
        "cut": len(evidence.sentence) > len(sentence),
        "where": evidence.where,
        "start": evidence.start,
        "end": evidence.end,
        "terms": [
            {"text": span.text, "start": span.start, "end": span.end, "concept": span.concept[:_LONGEST_TERM]}
            for span in evidence.spans
            if span.end <= len(sentence) and len(span.text) <= _LONGEST_TERM
        ][:_MOST_TERMS],
    }


def _article(article: Article, names: Names) -> Json:
    return {
        "url": _url(article.url),
        "title": one_line(article.title, 300) if article.title else None,
        "lang": article.lang,
        "published": _published(article.published),
        "publisher": publisher_of(article, names),
        "original_source": one_line(article.original_source, 100) if article.original_source else None,
    }


def _published(published: Published) -> Json:
    shown = asdict(published)
    return {key: shown[key] for key in ("value", "precision", "evidence", "zone_assumed")}


def _carrier(carrier: Carrier, names: Names) -> Json:
    return {
        "url": _url(carrier.url),
        "publisher": publisher_of(carrier, names),
        "lang": carrier.lang,
        "relation": carrier.relation,
    }


def _url(url: str) -> str | None:
    return web_link(url)


def _size(body: Any) -> int:
    return len(as_json(body).encode())
