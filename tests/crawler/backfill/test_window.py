"""Days: which links may lead into the range, which articles belong to it, and what nonsense counts for."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from crawler.backfill.window import Window
from state.records import Article, Lead, Published, Source

WINDOW = Window(date(2025, 2, 1), date(2025, 2, 28))
SHENZHEN = Source("s", "feed", "https://a.example/", zone="Asia/Shanghai")


def lead(url="https://a.example/x", published=None):
    return Lead(url, url, "s", published=published)


@pytest.mark.parametrize(
    ("link", "changed", "may"),
    [
        (lead(published="2025-02-10"), False, True),
        (lead(published="2025-03-10"), False, False),
        (lead(published="2025-03-10"), True, True),  # changed later than it was published
        (lead(published="2025-01-10"), True, False),
        (lead("https://a.example/2025/03/10/x.html", "2025-02-10"), True, False),
        (lead("https://a.example/2025/02/10/x.html", "2026-02-10"), False, True),
        (lead(), False, True),
        (lead(published="someday"), False, True),
        (lead(published="1970-01-01"), False, True),
        (lead(published="2199-01-01"), False, True),
        (lead(published="2025-01-31T17:00:00+00:00"), False, True),  # already February in Shenzhen
    ],
)
def test_a_link_may_lead_into_the_range_unless_its_day_says_otherwise(link, changed, may):
    assert WINDOW.may_hold(link, SHENZHEN, changed=changed) is may


@pytest.mark.parametrize(
    ("published", "belongs"),
    [
        ("2025-02-01", True),
        ("2025-02-28T23:59:00+08:00", True),
        ("2025-03-01T00:00:00+08:00", False),
        ("1970-01-01", False),
        ("2199-01-01", False),
        (None, True),
    ],
)
def test_an_article_belongs_to_the_range_by_its_own_calendar(published, belongs):
    article = Article("u", "t", "x", published=Published(published))
    assert (WINDOW.refusal(article, datetime(2025, 6, 1, tzinfo=UTC)) is None) is belongs


def test_an_undated_article_whose_copy_is_older_than_the_range_does_not_belong():
    article = Article("u", "t", "x")
    assert "older than 2025-02-01" in WINDOW.refusal(article, datetime(2025, 1, 1, tzinfo=UTC))
    assert WINDOW.refusal(replace(article, title=None), None) is None
