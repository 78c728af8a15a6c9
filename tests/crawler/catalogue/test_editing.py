"""Sources are added and switched in a file as its owner would do it: line by line."""

from __future__ import annotations

import pytest

from crawler.catalogue.editing import with_block, with_sources, with_switch
from state.errors import ConfigurationError

ENTRY = {"id": "new", "kind": "listing", "url": "https://new.example/", "listing": {"pattern": r"/a/\d+"}}
FILE = """\
# our watch
fetching: {delay: 3s}   # be kind

sources:
  # the harbour
  - id: harbour   # since 2026
    kind: feed
    url: https://harbour.example/feed
    remark: |
      two
      lines
  # the end of the list

# who is told
subscriptions: []
"""


def added(text):
    return with_sources(text, [ENTRY], "watch.yaml")


def test_an_entry_goes_to_the_end_of_the_list_and_nothing_else_changes():
    lines = added(FILE).splitlines()
    at = lines.index("  - id: new")
    assert lines[at : at + 5] == [
        "  - id: new",
        "    kind: listing",
        "    url: https://new.example/",
        "    listing:",
        r"      pattern: /a/\d+",
    ]
    assert lines[:at] + lines[at + 5 :] == FILE.splitlines()


@pytest.mark.parametrize(
    "text",
    ["", "# nothing yet\n", "sources:\n", "sources: []\n", "sources: []   # none\nrules: []\n", "log: {level: info}", "sources:\n- {id: a, kind: feed, url: 'https://a.example/'}", "sources: ~\nlog: {}\n", FILE.replace("\n", "\r\n")],
)  # fmt: skip
def test_lists_of_every_form_take_an_entry(text):
    edited = added(text)
    assert "id: new" in edited
    assert ("\r\n" in text) == ("\r\n" in edited)


@pytest.mark.parametrize(
    "text",
    ["sources: [{id: a, kind: feed, url: 'https://a.example/'}]", "{}", "[1]", "sources: 3", "a: [", "\x07"],
)
def test_what_cannot_be_edited_with_certainty_is_refused(text):
    with pytest.raises(ConfigurationError, match=r"watch\.yaml"):
        added(text)


def test_values_that_look_like_something_else_stay_text():
    odd = ENTRY | {"name": "no", "remark": "12:30", "zone": "UTC", "places": ["a: b", "#c"]}
    assert "id: new" in with_sources(FILE, [odd], "watch.yaml")


def test_a_source_is_switched_off_and_on_in_its_own_lines():
    off = with_switch(FILE, "harbour", "watch.yaml", enabled=False)
    assert off == FILE.replace("since 2026\n", "since 2026\n    enabled: false\n")
    assert with_switch(off, "harbour", "watch.yaml", enabled=True) == off.replace(
        "enabled: false", "enabled: true"
    )


def test_a_source_in_braces_is_switched_too():
    text = "sources:\n  - {id: a, kind: feed, url: 'https://a.example/'}  # a\n"
    assert with_switch(text, "a", "watch.yaml", enabled=False) == text.replace(
        "id: a,", "id: a, enabled: false,"
    )


def test_a_source_that_stands_elsewhere_cannot_be_switched_here():
    with pytest.raises(ConfigurationError, match="no source 'b'"):
        with_switch(FILE, "b", "watch.yaml", enabled=False)


def test_the_block_of_a_source_is_replaced_where_it_stands():
    text = FILE.replace(
        "    remark: |", "    listing:   # as of May\n      item: ul li   # old\n    remark: |"
    )
    block = {"item": "li.news", "pattern": None}
    edited = with_block(text, "harbour", "listing", block, "watch.yaml")
    lines = edited.splitlines()
    at = lines.index("    listing:")
    assert lines[at : at + 4] == [
        "    listing:",
        "      item: li.news",
        "      pattern: null",
        "    remark: |",
    ]
    assert lines[:at] + lines[at + 3 :] == FILE.splitlines()


def test_a_block_that_is_missing_is_added_to_its_source_and_a_source_in_braces_is_refused():
    edited = with_block(FILE, "harbour", "feed", {"pattern": "/a/"}, "watch.yaml")
    assert "      lines\n    feed:\n      pattern: /a/\n  # the end" in edited
    with pytest.raises(ConfigurationError, match="braces"):
        with_block("sources:\n- {id: a, kind: feed, url: 'https://a/'}\n", "a", "feed", {}, "watch.yaml")
    with pytest.raises(ConfigurationError, match="no source 'other'"):
        with_block(FILE, "other", "feed", {}, "watch.yaml")
