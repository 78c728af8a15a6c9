"""Orders: the same work has one name, and an open range ends where the live crawl begins."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from crawler.backfill.order import Order, cut_by, last_day, read_order
from state.sources import SourceState

ORDER = Order(("a", "b"), date(2025, 1, 1), date(2025, 6, 1), via="wayback")


def test_the_name_tells_what_is_brought_and_not_how_it_ends_or_alerts():
    assert ORDER.id == replace(ORDER, last=date(2025, 7, 1), alert="digest").id
    others = (
        replace(ORDER, sources=("a",)),
        replace(ORDER, since=date(2025, 1, 2)),
        replace(ORDER, until=date(2025, 6, 1)),
        replace(ORDER, via=None),
        replace(ORDER, files=("a",)),
        replace(ORDER, archive="https://x.example"),
    )
    assert len({order.id for order in (ORDER, *others)}) == 7


def test_an_order_comes_back_from_the_state_as_it_was():
    assert read_order(ORDER.written()) == ORDER


def test_an_open_range_ends_the_day_before_a_source_was_last_polled():
    now = datetime.now(UTC)
    polled = SourceState("a", now, last_success=now - timedelta(days=3))
    new = SourceState("b", now)
    day = now.date() - timedelta(days=4)
    assert last_day(None, ("a", "b"), {"a": polled, "b": new}) == day
    assert last_day(None, ("b",), {"a": polled, "b": new}) == now.date()
    assert last_day(date(2025, 1, 1), ("a",), {"a": polled}) == date(2025, 1, 1)
    alive = replace(polled, id="c", last_success=now)
    assert cut_by(("a", "b", "c"), {"a": polled, "b": new, "c": alive}) == ("a", day)
    assert cut_by(("b",), {"b": new}) is None


def test_a_source_that_is_dead_for_long_does_not_cut_the_range_of_the_others():
    now = datetime.now(UTC)
    dead = SourceState("dead", now, last_success=now - timedelta(days=120))
    states = {"alive": SourceState("alive", now, last_success=now), "dead": dead}
    assert last_day(None, ("alive", "dead"), states) == now.date() - timedelta(days=1)
    assert last_day(None, ("dead",), states) == now.date()
