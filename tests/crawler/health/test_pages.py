"""What the pages of a source come to, and what is said of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.health.case import Case
from crawler.health.pages import unreadable
from state.health import Read, Vitals
from state.records import Source
from state.sources import SourceState

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def case(*reads):
    source = Source("gd", "listing", "https://gd.example/list")
    return Case(source, SourceState("gd", NOW), Vitals(reads=reads), lambda: 0.0, NOW)


@pytest.mark.parametrize(
    ("broken", "cause"),
    [
        (Read(error="https://blog.example/in/1: no article was found in it", grade="unreadable"), "rebuilt"),
        (Read(error="https://gd.example/1: it asks for a login", grade="login"), "want a login"),
    ],
)
def test_a_login_is_told_from_pages_that_cannot_be_read(broken, cause):
    complaint = unreadable(case(*[Read(900, "zh")] * 10, *[broken] * 5))
    assert cause in complaint.reason
    assert broken.error in complaint.evidence
