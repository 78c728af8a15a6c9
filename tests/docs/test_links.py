"""Follow every link of the documentation that stays in the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/*.md")])
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def _links(page: Path) -> list[str]:
    prose = _CODE.sub("", page.read_text("utf-8"))
    return [link for link in _LINK.findall(prose) if "://" not in link and not link.startswith("mailto:")]


def _anchors(page: Path) -> set[str]:
    """Give the anchors that a page's headings get on the usual hosts of code."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page):
    for link in _links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.relative_to(ROOT)} links to {link}"
        assert target.is_relative_to(ROOT), f"{page.relative_to(ROOT)} leads out of the repository: {link}"
        if anchor:
            assert anchor in _anchors(target), f"{page.relative_to(ROOT)} links to {link}"


def test_every_page_can_be_found_from_the_index():
    index = {(ROOT / "docs" / link.partition("#")[0]).resolve() for link in _links(ROOT / "docs/README.md")}
    pages = {page for page in PAGES if page.is_relative_to(ROOT / "docs") and page.name != "README.md"}
    lost = [page for page in pages if page not in index and page.parent not in index]
    assert lost == []
