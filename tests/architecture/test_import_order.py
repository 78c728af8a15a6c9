"""Check the import order by reading the code, so that a checkout without import-linter still fails."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("alerts", "crawler", "rules", "spiders", "state")
MAY_IMPORT = {
    "spiders": {"spiders", "crawler", "rules", "alerts", "state"},
    "crawler": {"crawler", "rules", "alerts", "state"},
    "rules": {"rules", "state"},
    "alerts": {"alerts", "state"},
    "state": {"state"},
}
# Who may speak to what: a library that is imported somewhere else has lost its owner.
OWNERS = {
    "smtplib": ("alerts/channels/",),
    "apscheduler": ("crawler/daemon.py",),
    "trafilatura": ("crawler/reading/",),
    "feedparser": ("crawler/leads/",),
    "pebble": ("crawler/workers.py",),
    "playwright": ("crawler/fetching/browser.py",),
    "scrapy_playwright": ("crawler/fetching/",),
}
MODULES = [file for folder in OURS for file in sorted((ROOT / folder).rglob("*.py"))]


def _imports(file: Path) -> Iterator[str]:
    """Give the dotted names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _name(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("folder", OURS)
def test_a_folder_imports_only_what_it_may(folder):
    wrong = {
        f"{_name(file)} imports {name}"
        for file in (ROOT / folder).rglob("*.py")
        for name in _imports(file)
        if name.split(".")[0] in set(OURS) - MAY_IMPORT[folder]
    }
    assert wrong == set()


def test_rules_know_records_and_errors_only():
    known = {
        ".".join(name.split(".")[:2])
        for file in (ROOT / "rules").rglob("*.py")
        for name in _imports(file)
        if name.startswith("state.")
    }
    assert known <= {"state.records", "state.errors"}


def test_rules_have_no_clock_network_disk_or_log():
    imported = {name for file in (ROOT / "rules").rglob("*.py") for name in _imports(file)}
    assert not imported & {
        "os",
        "time",
        "socket",
        "pathlib",
        "logging",
        "structlog",
        "sqlite3",
        "urllib.request",
    }
    clocks = [
        f"{_name(file)}:{node.lineno}"
        for file in (ROOT / "rules").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}
    ]
    assert clocks == []


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_has_one_owner(library):
    users = {_name(file) for file in MODULES if library in {name.split(".")[0] for name in _imports(file)}}
    assert users, f"nobody imports {library}"
    assert all(user.startswith(OWNERS[library]) for user in users), users


def test_sql_is_written_in_state_only():
    """Whoever executes a statement elsewhere goes round the functions that know what the tables mean."""
    verbs = {"execute", "executemany", "executescript"}
    elsewhere = [
        f"{_name(file)}:{node.lineno}"
        for file in MODULES
        if file.relative_to(ROOT).parts[0] != "state"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in verbs
    ]
    assert elsewhere == []
