"""Join the stages of one policy: one alert for each new stage, whoever reports it, linking the earlier ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from rules.text import fold
from state import policies
from state.policies import Stage
from state.records import Match

# Stages and trial editions stand in brackets behind a title that is otherwise the policy's own.
_BRACKETS = re.compile(
    r"[（(][^（）()]*(?:征求意见|试行|修订|草案|公示|解读|draft|trial|revised)[^（）()]*[）)]", re.IGNORECASE
)
_NOT_LETTERS = re.compile(r"[\W_]+")
_SHORTEST_TITLE = 10


def follow(
    db: Database, found: Sequence[Match], story_id: str, url: str, now: datetime
) -> tuple[tuple[Match, ...], Mapping[str, Sequence[Stage]]]:
    """File the policies that matches announce; give the matches with their thread, and the rules that tell of no new stage.

    A match gains the facts `thread` and `earlier` (stages told of before, each with stage and url). With each of the
    rules stands where other stories told of its stage.
    """
    followed: list[Match] = []
    known: dict[str, Sequence[Stage]] = {}
    for match in found:
        keys = _keys(match.facts) if match.status == "event" else ()
        if not keys:
            followed.append(match)
            continue
        stage = str(match.facts.get("stage") or "issued")
        thread = policies.thread_of(db, keys)
        before = [item for item in policies.stages(db, thread) if item.story_id != story_id]
        policies.note(db, thread, stage, story_id, url, now)
        earlier = [{"stage": item.stage, "url": item.article_url} for item in before]
        reason = match.reason
        told = [item for item in before if item.stage == stage]
        if told:
            known[match.rule] = told
            reason = f"{reason}; this stage of the policy was told of before, by {told[0].article_url}"
        followed.append(
            replace(match, reason=reason, facts={**match.facts, "thread": thread, "earlier": earlier})
        )
    return tuple(followed), known


def tells_of_new_stage(match: Match) -> bool:
    """Tell of a stored match whether its stage of the policy was new when it was found; others tell of no stage at all."""
    stage = str(match.facts.get("stage") or "issued")
    return all(item["stage"] != stage for item in match.facts.get("earlier", ()))


def _keys(facts: dict[str, Any]) -> tuple[str, ...]:
    """Give what identifies a policy: its title without stage brackets, its number; short titles name too many papers."""
    title = _NOT_LETTERS.sub("", _BRACKETS.sub("", fold(str(facts.get("policy_title") or "")).plain)).lower()
    number = _NOT_LETTERS.sub("", fold(str(facts.get("document_number") or "")).plain).lower()
    known = facts.get("known_document")
    found = (
        f"title:{title}" if len(title) >= _SHORTEST_TITLE else "",
        f"number:{number}" if number else "",
        f"known:{known}" if known else "",
    )
    return tuple(key for key in found if key)
