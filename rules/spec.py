"""Describe the YAML of a pack, so that it is checked once, at the border, and editors can be told its schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from state.records import MatchStatus, Severity

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,60}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
QueryText = Annotated[str, StringConstraints(min_length=1, max_length=8000)]
WindowText = Annotated[
    str,
    StringConstraints(
        pattern=r"^(title|lead|top|sentence|paragraph|article|(lead|lead_sentence|sentences|words):[1-9][0-9]{0,2})$"
    ),
]


class Strict(BaseModel):
    """Refuse what we do not know, so that a misspelt key is an error and not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PackHead(Strict):
    """Name a pack. `home` is the place whose entities are "home"; all places beyond it are "elsewhere"."""

    id: Id
    version: str
    name: dict[Literal["en", "zh"], Name]
    home: Id
    zone: str = "UTC"


class ReadingSpec(Strict):
    """Say what of a page is no news text: regexes on folded lines (RE2).

    `former` are regexes on what stands just before an organisation and makes it somebody's past ("ex-", 前).
    """

    metadata: tuple[str, ...] = ()
    datelines: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    former: tuple[str, ...] = ()


class AmbiguousSpec(Strict):
    """Give names that need their context: `near` holds words, or concepts ("org:tencent")."""

    names: tuple[Name, ...]
    near: tuple[Name, ...] = ()
    within: Literal["item", "sentence"] = "item"
    not_after: tuple[Name, ...] = ()
    not_before: tuple[Name, ...] = ()


class EntitySpec(Strict):
    """Hold what places, organisations and government bodies have in common."""

    id: Id
    names: tuple[Name, ...] = ()
    as_written: tuple[Name, ...] = ()
    ambiguous: tuple[AmbiguousSpec, ...] = ()


class PlaceSpec(EntitySpec):
    """Describe a place; `parent` is the place that contains it."""

    kind: Name
    parent: Id | None = None


class OrganisationSpec(EntitySpec):
    """Describe a company or institution; `topics` are what it stands for even when no topic word is near."""

    kind: Literal["company", "institution", "association", "university"] = "company"
    place: Id | None = None
    products: tuple[Name, ...] = ()
    garbles: tuple[Name, ...] = ()
    topics: tuple[Id, ...] = ()


class GovernmentSpec(EntitySpec):
    """Describe a government body; `bare` names count only once its place was named; `prefixes` open its numbers."""

    kind: Name = "government"
    place: Id
    bare: tuple[Name, ...] = ()
    prefixes: tuple[Name, ...] = ()


class ConceptSpec(Strict):
    """Describe a topic, instrument, event, kind of noise or cue by its words.

    `within` names the wider concepts it belongs to. `verbs` are English verbs whose regular forms are added.
    """

    id: Id
    name: dict[Literal["en", "zh"], Name] = Field(default_factory=dict)
    within: tuple[Id, ...] = ()
    terms: tuple[Name, ...] = ()
    verbs: tuple[Name, ...] = ()
    ambiguous: tuple[AmbiguousSpec, ...] = ()


class AnaphorSpec(Strict):
    """Give words that stand for the last named place of a kind ("the province", 全省)."""

    kind: Name
    words: tuple[Name, ...]


class NeighbourSpec(Strict):
    """Give regexes (RE2) on what begins where a place name ends, or ends where it begins."""

    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


class ComputedSpec(Strict):
    """Find companies and government bodies on no list by the place and description that name them."""

    company: NeighbourSpec = NeighbourSpec()
    government: NeighbourSpec = NeighbourSpec()


class KnownDocumentSpec(Strict):
    """Describe a document that was published before; a text about it later is a mention.

    `marks` are figures or phrases of the document; a text with two of them is about it.
    """

    id: Id
    date: Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
    number: Name | None = None
    titles: tuple[Name, ...]
    marks: tuple[Name, ...] = ()


class StageSpec(Strict):
    """Describe a stage in the life of a policy, by a query on the sentence or title; the first that fits is taken."""

    id: Id
    name: dict[Literal["en", "zh"], Name]
    query: QueryText


class DocumentsSpec(Strict):
    """Say how documents are numbered, titled and dated here, and which are known."""

    number: str = ""
    title: str = ""
    headline: str = ""
    citing: str = ""
    announcing: str = ""
    signed: tuple[str, ...] = ()
    effective: tuple[str, ...] = ()
    stages: tuple[StageSpec, ...] = ()
    known: tuple[KnownDocumentSpec, ...] = ()


class ExampleSpec(Strict):
    """Give a text that a rule must or must not alert on."""

    title: str | None = None
    text: str = ""
    published: str | None = None
    lang: str | None = None


class ExamplesSpec(Strict):
    """Prove a rule: a plain string is a title in its first line and text in the others."""

    alert: tuple[str | ExampleSpec, ...] = ()
    quiet: tuple[str | ExampleSpec, ...] = Field(min_length=1)
    mention: tuple[str | ExampleSpec, ...] = ()


class WaySpec(Strict):
    """Describe one way for a rule to fire: a query inside a window, and who must do what in which order."""

    query: QueryText
    window: WindowText = "sentence"
    actor: QueryText | None = None
    action: QueryText | None = None
    rivals: QueryText | None = None
    reach: Annotated[int, Field(ge=1, le=1000)] = 70
    at_least: dict[QueryText, Annotated[int, Field(ge=1, le=100)]] = Field(default_factory=dict)


class RuleSpec(Strict):
    """Describe a rule, either with one `query` and `window` or with several `ways`.

    Of the rules of one `contest` only the first to announce an item alerts; the others mention it.
    """

    id: Id
    name: dict[Literal["en", "zh"], Name]
    kind: Id
    severity: Severity = "normal"
    status: MatchStatus = "event"
    query: QueryText | None = None
    window: WindowText = "sentence"
    ways: tuple[WaySpec, ...] = ()
    unless: QueryText | None = None
    recalls: QueryText | None = None
    past_years: Literal["mention", "allow"] = "mention"
    contest: Id | None = None
    enabled: bool = True
    examples: ExamplesSpec


class PackFile(Strict):
    """Describe one file of a pack; every key is optional, later files add to earlier ones or override by id."""

    pack: PackHead | None = None
    reading: ReadingSpec | None = None
    places: tuple[PlaceSpec, ...] = ()
    organisations: tuple[OrganisationSpec, ...] = ()
    government: tuple[GovernmentSpec, ...] = ()
    topics: tuple[ConceptSpec, ...] = ()
    instruments: tuple[ConceptSpec, ...] = ()
    events: tuple[ConceptSpec, ...] = ()
    noise: tuple[ConceptSpec, ...] = ()
    cues: tuple[ConceptSpec, ...] = ()
    masks: tuple[Name, ...] = ()
    anaphora: tuple[AnaphorSpec, ...] = ()
    computed: ComputedSpec | None = None
    documents: DocumentsSpec | None = None
    rules: tuple[RuleSpec, ...] = ()


def schema() -> dict[str, Any]:
    """Give the JSON Schema of a pack or rules file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **PackFile.model_json_schema()}
