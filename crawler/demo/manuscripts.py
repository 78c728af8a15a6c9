"""Load the demo's articles as they were written, each with what yuewatch should make of it.

One YAML file an article, under `articles/<site>/`. Dates are ages, so that the demo never gets old; titles,
paths and bodies may hold Jinja expressions that `typesetting` fills in when the newsroom opens.
"""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

Stage = Literal["start", "morning", "noon", "evening"]
STAGES: tuple[Stage, ...] = ("start", "morning", "noon", "evening")


class Truth(BaseModel):
    """State what an article should become; the demo's summary and tests are checked against it.

    Articles of one `story` are duplicates of each other: exactly one of them is its "lead" (what opened it in the
    world, whichever is crawled first), the others name the article they were made `of`. An independent report is a
    story of its own that `corroborates` another; a digest `contains` others. `alert` is what the whole story owes
    its subscribers, once; `folded` is how many repeated bodies the page holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    story: str
    relation: Literal["lead", "same_document", "copy", "translation", "rewrite"] = "lead"
    of: str | None = None
    corroborates: str | None = None
    contains: tuple[str, ...] = ()
    alert: Literal["policy", "company", "none"]
    folded: int = 0
    why: str


class Manuscript(BaseModel):
    """Hold one article as written; `id` is "site/slug".

    `age` is how long before its stage opens the article says it was published. `lists` maps each list of the site
    that carries the article to the path it links there: several paths are one document under several addresses.
    `text_of` names the manuscript whose body (and title, where none is given) this page reprints; `doubled` prints
    the body twice. `number` is a document number, `source` the original source the page prints, `issuer` the body
    that signs a notice.
    `dated` is False where neither page nor list says when; `forbidden` pages are kept from crawlers by robots.txt.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    site: str
    stage: Stage
    age: timedelta
    lang: Literal["zh", "en"]
    title: str | None = None
    lists: dict[str, str] = Field(min_length=1)
    truth: Truth
    body: str = ""
    text_of: str | None = None
    doubled: bool = False
    frame: str | None = None
    charset: str = "utf-8"
    author: str | None = None
    source: str | None = None
    issuer: str | None = None
    number: str | None = None
    column: str = ""
    summary: str = ""
    dated: bool = True
    forbidden: bool = False


def load_manuscripts() -> tuple[Manuscript, ...]:
    """Read every article of the demo, sorted by id.

    Raises:
        pydantic.ValidationError: a file has a missing, unknown or ill-typed key.
    """
    found = []
    for site in files("crawler.demo").joinpath("articles").iterdir():
        if not site.is_dir():
            continue
        for file in site.iterdir():
            if file.name.endswith(".yaml"):
                written = yaml.safe_load(file.read_text(encoding="utf-8"))
                slug = file.name.removesuffix(".yaml")
                found.append(Manuscript(id=f"{site.name}/{slug}", site=site.name, **written))
    return tuple(sorted(found, key=lambda manuscript: manuscript.id))
