"""Aids for the documentation's tests: the pages, their sections and their code blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Doc:
    """Hold one page of documentation."""

    path: Path
    text: str

    def blocks(self, language: str) -> list[str]:
        """Give the fenced code blocks of a language."""
        return [body for name, body in _FENCE.findall(self.text) if name == language]

    def section(self, heading: str) -> str:
        """Give what stands under the heading that begins so, up to the next one of its level or above."""
        lines = self.text.splitlines()
        start = next(number for number, line in enumerate(lines) if line.startswith(heading))
        level = len(heading) - len(heading.lstrip("#"))
        end = next(
            (
                number
                for number, line in enumerate(lines[start + 1 :], start + 1)
                if re.match(rf"#{{1,{level}}} ", line)
            ),
            len(lines),
        )
        return "\n".join(lines[start:end])

    def names(self, key: str) -> bool:
        """Tell whether `key` stands in the page as code."""
        return re.search(rf"`{re.escape(key)}`", self.text) is not None


@pytest.fixture
def root() -> Path:
    return ROOT


@pytest.fixture
def doc():
    def read(name: str) -> Doc:
        path = ROOT / name
        assert path.is_file(), f"{name} is not written yet"
        return Doc(path, path.read_text("utf-8"))

    return read
