"""Aids for the tests of rules: packs from files, articles from words."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.matcher import Matcher
from rules.pack import parse_pack
from state.records import Article, Published

ROOT = Path(__file__).parents[2]
BAVARIA = Path(__file__).parent / "packs" / "bavaria_energy.yaml"
GUANGDONG = ROOT / "rules" / "packs" / "guangdong_ai"


def pack_files(folder):
    return {
        path.name: path.read_text("utf-8")
        for path in sorted(folder.glob("*.yaml"))
        if path.name != "sources.yaml"
    }


@pytest.fixture(scope="session")
def bavaria():
    return parse_pack({BAVARIA.name: BAVARIA.read_text("utf-8")})


@pytest.fixture(scope="session")
def guangdong():
    return parse_pack(pack_files(GUANGDONG))


@pytest.fixture(scope="session")
def bavarian(bavaria):
    return Matcher(bavaria)


@pytest.fixture(scope="session")
def cantonese(guangdong):
    return Matcher(guangdong)


@pytest.fixture
def with_rules():
    """Build the Bavarian matcher with a user's rules file on top."""

    def build(text):
        return Matcher(parse_pack({BAVARIA.name: BAVARIA.read_text("utf-8"), "mine.yaml": text}))

    return build


@pytest.fixture
def one_rule(with_rules):
    """Build a matcher for one user rule with a query and window, as an analyst writes it."""

    def build(query, window="sentence", more=""):
        return with_rules(
            f"rules:\n  - id: mine\n    name: {{en: mine}}\n    kind: watch\n    query: '{query}'\n"
            f"    window: {window}\n{more}    examples: {{alert: [x], quiet: [y]}}\n"
        )

    return build


@pytest.fixture
def article():
    """Make an article of a title and a text, published on a day if one is given."""

    def build(title, text="", day=None, **more):
        return Article(
            "https://example.org/1",
            title,
            text,
            published=Published(day, "day") if day else Published(),
            **more,
        )

    return build


@pytest.fixture
def statuses():
    """Give rule to status of what a matcher finds."""

    def read(matcher, article, source=None):
        return {match.rule: match.status for match in matcher.read(article, source).matches}

    return read


@pytest.fixture
def concepts():
    """Give the words a matcher believes to be named, with their concept."""

    def read(matcher, article, source=None):
        reading = matcher._reading(article, source)
        hits = [hit for hit in reading.hits if hit.alias.concept.field not in {"term", "regex"}]
        return [(reading.text.original(hit.start, hit.end), hit.alias.concept.key) for hit in hits]

    return read
