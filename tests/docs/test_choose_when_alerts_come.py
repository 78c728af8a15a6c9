"""Run what docs/how-to/choose-when-alerts-come.md shows."""

from __future__ import annotations

import shlex

import pytest
import yaml

PAGE = "docs/how-to/choose-when-alerts-come.md"


@pytest.fixture
def desk(desk, doc, monkeypatch):
    """Give a desk with the page's configuration, and the pack that comes with yuewatch."""
    (shown,) = doc(PAGE).blocks("yaml")
    monkeypatch.setenv("YUEWATCH_HOOK_SECRET", "whsec_b25seSBmb3IgdGVzdHMsIHNlY3JldCBmcm9tIG5vYm9keQ==")
    desk.write(pack="guangdong_ai", **yaml.safe_load(shown))
    return desk


def test_the_configuration_is_sound(desk):
    checked = desk.here("check")
    assert checked.code == 0, checked.out + checked.err
    listed = desk.rows("subscriptions", "list", "--json")
    assert [row["id"] for row in listed] == ["morning-digest", "analyst", "chat"]


def test_every_command_shown_does_what_it_says(desk, doc):
    shown = [line.removeprefix("$ ") for block in doc(PAGE).blocks("console") for line in block.splitlines()]
    assert len(shown) == 6
    for line in shown:
        outcome = desk.here(*shlex.split(line)[1:])
        assert outcome.code in {0, 3}, line + outcome.err  # 3: there is nothing to show yet
    assert desk.here("alerts", "mutes").code == 3
