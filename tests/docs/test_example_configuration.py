"""Hold the example configuration to what it says of itself: it checks as it is, and with every setting switched on."""

from __future__ import annotations

import re
import shutil

import pytest
import yaml

from crawler.configuration.load import load_configuration
from crawler.configuration.settings import Settings
from rules.matcher import failing_examples

EXAMPLE = "deploy/yuewatch.example.yaml"
SECRET = "whsec_" + "c2VjcmV0" * 6  # a made-up one, of the right form


def _switched_on(text: str) -> str:
    """Take away every # that no space follows: those stand before settings, not before remarks."""
    lines = [re.sub(r"^(\s*)#(?=\S|  )", r"\1", line) for line in text.splitlines()]
    kept = [line for number, line in enumerate(lines) if not _repeated(lines, number)]
    return "\n".join(kept)


def _repeated(lines: list[str], number: int) -> bool:
    """Tell whether a setting is given again by the next line, which was switched on."""
    key = lines[number].partition(":")[0]
    following = lines[number + 1].partition(":")[0] if number + 1 < len(lines) else ""
    return bool(key.strip()) and key == following


@pytest.fixture
def installed(root, tmp_path):
    """Lay the example and what it names into a folder of their own, as an operator does."""
    shutil.copy(root / "deploy/rules.example.yaml", tmp_path)
    return shutil.copy(root / EXAMPLE, tmp_path / "yuewatch.yaml")


def test_it_loads_and_its_rules_hold_as_it_is(root):
    configuration = load_configuration(root / EXAMPLE)
    assert not failing_examples(configuration.pack)
    assert {source.kind for source in configuration.sources.values()} == {
        "feed",
        "sitemap",
        "listing",
        "json",
    }


def test_it_loads_with_every_setting_switched_on(installed, monkeypatch, tmp_path):
    text = _switched_on(installed.read_text("utf-8"))
    assert "#username" not in text
    password = tmp_path / "smtp-password"
    password.write_text("not a real one\n")
    password.chmod(0o600)
    installed.write_text(text.replace("/run/credentials/yuewatch.service/smtp-password", str(password)))
    monkeypatch.setenv("YUEWATCH_HOOK_SECRET", SECRET)
    configuration = load_configuration(installed)
    assert {item.channel for item in configuration.open_destinations().values()} == {"email", "webhook"}
    named = {name for item in configuration.subscriptions for name in item.destinations}
    assert named == set(configuration.settings.destinations)


def test_it_shows_every_key_of_the_top_and_of_its_groups(root):
    written = yaml.safe_load((root / EXAMPLE).read_text("utf-8"))
    assert set(written) == set(Settings.model_fields)
    for group in ("fetching", "reading", "alerting", "stories", "log"):
        assert set(written[group]) == set(Settings.model_fields[group].annotation.model_fields)


def test_what_it_says_of_defaults_is_what_holds_without_it(root):
    written = Settings.model_validate(yaml.safe_load((root / EXAMPLE).read_text("utf-8")))
    defaults = Settings()
    assert written.fetching.model_copy(update={"contact": None}) == defaults.fetching
    for group in ("reading", "alerting", "stories", "log"):
        assert getattr(written, group) == getattr(defaults, group)
