"""Who a page's publisher is, and how good a lead that makes it."""

from __future__ import annotations

import pytest

from crawler.stories.lead import rank, role_of
from state.records import Article, Source

ROLES = {"copies.example": "republisher", "apes.example": "clone", "wire.example": "national"}
SEARCH = Source("search", "feed", "https://search.example/feed", role="aggregator")


@pytest.mark.parametrize(
    ("url", "source", "role"),
    [
        ("https://copies.example/1", None, "republisher"),
        ("https://news.copies.example:8443/1", None, "republisher"),
        ("https://notcopies.example/1", None, None),
        ("https://copies.example.net/1", None, None),
        ("https://apes.example/1", SEARCH, "clone"),
        ("https://daily.example/1", SEARCH, "aggregator"),
        ("https://copies.example/1", Source("own", "feed", "https://copies.example/f"), "outlet"),
    ],
    ids=[
        "its host",
        "a parent of its host",
        "another name that ends alike",
        "a name that begins alike",
        "found through another source",
        "a stranger, so its source's",
        "a source of its own: whoever configured it knows best",
    ],
)
def test_the_role_of_a_publisher(url, source, role):
    assert role_of(url, source, ROLES) == role


def test_known_hosts_rank_between_originals_and_clones():
    urls = [
        "https://wire.example/1",
        "https://daily.example/1",
        "https://copies.example/1",
        "https://apes.example/1",
    ]
    ranks = [rank(Article(url, "T", "Text."), None, ROLES) for url in urls]
    assert ranks == sorted(set(ranks))
