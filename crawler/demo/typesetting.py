"""Set manuscripts in type: fill in dates and years, cut paragraphs, resolve reprints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from jinja2 import Environment, StrictUndefined

from crawler.demo.manuscripts import Manuscript

ZONE = ZoneInfo("Asia/Shanghai")
_BLANK_LINE = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold one article ready to print.

    `published` is aware and in the newsroom's zone; `paths` maps list names to paths, the first being the
    article's own address. Paragraphs that open with "## " are headings.
    """

    manuscript: Manuscript
    published: datetime
    title: str
    paragraphs: tuple[str, ...]
    paths: Mapping[str, str] = field(default_factory=dict)
    original: str | None = None
    number: str = ""
    summary: str = ""

    @property
    def path(self) -> str:
        """Give the article's own address on its site."""
        return next(iter(self.paths.values()))

    @property
    def standfirst(self) -> str:
        """Give the summary a feed would carry: the written one, else the first paragraph's first 120 characters."""
        return self.summary or self.paragraphs[0][:120]


class Typesetter:
    """Turn manuscripts into pieces whose dates are relative to `opened`, the moment the newsroom opens."""

    def __init__(self, manuscripts: tuple[Manuscript, ...], opened: datetime) -> None:
        self.opened = opened.astimezone(ZONE)
        self._manuscripts = {manuscript.id: manuscript for manuscript in manuscripts}
        self._jinja = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - frames escape the text
        self._jinja.globals.update(
            year=self.opened.year,
            day=self._day,
            zh_day=lambda days: f"{self._day(days).month}月{self._day(days).day}日",
            zh_date=lambda days: f"{self._day(days).year}年{self._day(days).month}月{self._day(days).day}日",
            en_day=lambda days: f"{self._day(days):%B} {self._day(days).day}",
            en_date=lambda days: f"{self._day(days):%B} {self._day(days).day}, {self._day(days).year}",
            weekday=lambda days: f"{self._day(days):%A}",
            paragraph=self._paragraph,
        )

    def set(self, manuscript: Manuscript, moment: datetime) -> Piece:
        """Set one manuscript whose stage opens at `moment`."""
        published = (moment - manuscript.age).astimezone(ZONE)
        return Piece(
            manuscript=manuscript,
            published=published,
            title=self._title(manuscript),
            paragraphs=self._paragraphs(manuscript),
            paths={name: f"{published:{path}}" for name, path in manuscript.lists.items()},
            original=manuscript.text_of or manuscript.truth.of,
            number=self._fill(manuscript.number or ""),
            summary=self._fill(manuscript.summary),
        )

    def _day(self, days: int) -> datetime:
        return self.opened + timedelta(days=days)

    def _fill(self, text: str) -> str:
        return self._jinja.from_string(text).render()

    def _title(self, manuscript: Manuscript) -> str:
        if manuscript.title is None:
            assert manuscript.text_of is not None, f"{manuscript.id} has neither a title nor text_of"
            return self._title(self._manuscripts[manuscript.text_of])
        return self._fill(manuscript.title)

    def _paragraphs(self, manuscript: Manuscript) -> tuple[str, ...]:
        if manuscript.text_of is not None:
            return self._paragraphs(self._manuscripts[manuscript.text_of])
        cut = _BLANK_LINE.split(self._fill(manuscript.body).strip())
        joint = "" if manuscript.lang == "zh" else " "
        return tuple(joint.join(line.strip() for line in paragraph.splitlines()) for paragraph in cut)

    def _paragraph(self, manuscript_id: str, index: int) -> str:
        return self._paragraphs(self._manuscripts[manuscript_id])[index]
