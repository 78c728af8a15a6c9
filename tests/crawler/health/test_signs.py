"""What is remembered of the looks at a source while it is well, and while it is ill."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.health.case import Case
from crawler.health.looks import drifted, empty, stale
from crawler.health.signs import looked
from state.health import Look, Vitals
from state.records import Source
from state.sources import SourceState
from state.times import stamp

NOW = datetime(2026, 11, 22, tzinfo=UTC)
WELL = Look(shown=20, titled=20, dated=20)


def seen(*looks, vitals=None, frozen=False):
    vitals = vitals or Vitals()
    for number, look in enumerate(looks):
        vitals = looked(vitals, NOW + timedelta(hours=number), look, frozen=frozen)
    return vitals


def judged(contract, vitals):
    source = Source("gd", "listing", "https://gd.example/list", options={"item": "li"})
    return contract(Case(source, SourceState("gd", NOW), vitals, lambda: 0.0, NOW)) is not None


def test_one_page_that_stood_for_five_looks_shows_what_is_usual():
    few = Look(2, titled=2)
    assert not judged(drifted, seen(WELL, *[None] * 3, few, None))
    assert judged(drifted, seen(WELL, *[None] * 4, few, None))


def test_a_listing_that_is_emptied_in_its_first_days_is_noticed_too():
    assert not judged(empty, seen(WELL, *[None] * 4, Look(0)))
    assert judged(empty, seen(WELL, *[None] * 4, Look(0), None))
    assert not judged(empty, seen(WELL, Look(0), *[None] * 4))
    assert judged(empty, seen(WELL, Look(0), *[None] * 5))
    assert judged(empty, seen(WELL, *[Look(0)] * 6))
    assert not judged(empty, seen(Look(0), *[None] * 9))


@pytest.mark.parametrize(
    ("contract", "fault"), [(empty, Look(0)), (drifted, Look(2, titled=2)), (drifted, Look(20, dated=20))]
)
def test_a_fault_that_lasts_never_becomes_usual_while_it_is_frozen(contract, fault):
    vitals = seen(WELL, *[None] * 9, fault, fault)
    for _ in range(5):
        assert judged(contract, vitals)
        vitals = seen(fault, None, vitals=vitals, frozen=True)
        assert judged(contract, vitals)
    vitals = seen(WELL, vitals=vitals, frozen=True)
    assert not judged(contract, vitals)
    assert seen(WELL, vitals=vitals).looks[1:] == (WELL, WELL)


def test_old_items_are_noticed_also_while_another_fault_stands():
    fresh, old = (
        replace(WELL, new=1, newest_new=f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%S+00:00}")
        for days in (1, 400)
    )
    vitals = seen(old, None, vitals=seen(fresh, *[None] * 9))
    assert not judged(stale, vitals)
    assert judged(stale, seen(old, vitals=vitals, frozen=True))


def test_a_source_whose_items_another_finds_first_is_not_quiet():
    first, second = (replace(WELL, newest=stamp(NOW - timedelta(days=2 - day)), new=0) for day in range(2))
    vitals = seen(replace(first, new=20))
    assert vitals.quiet_since == stamp(NOW)
    for shown, moment in ((first, NOW), (second, NOW + timedelta(days=1)), (first, NOW + timedelta(days=1))):
        vitals = looked(vitals, NOW + timedelta(days=1), shown)
        assert vitals.quiet_since == stamp(moment)
    assert vitals.days[f"{NOW + timedelta(days=1):%Y-%m-%d}"].new == 0


def test_news_that_grew_old_because_a_source_is_slow_is_not_stale():
    """A ministry with a notice a month shows each on its day; that the last is of weeks ago says nothing of it."""
    vitals = Vitals()
    for days in (115, 87, 59, 31):
        shown = NOW - timedelta(days=days)
        notice = replace(WELL, new=1, newest_new=stamp(shown - timedelta(hours=2)))
        vitals = looked(vitals, shown, notice)
    assert not judged(stale, vitals)


def test_titles_of_a_source_that_never_showed_anything_are_not_missed():
    assert not judged(drifted, seen(Look(0), *[None] * 9, Look(3), Look(3)))
