"""Read a pack's catalogue: families that describe a content system once, and the sources that use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from rapidfuzz import process

from crawler.catalogue.complaints import first_errors
from crawler.catalogue.lines import Lines, Loc
from crawler.catalogue.settings import SourceSettings
from crawler.catalogue.yaml_lines import load_with_lines
from state.errors import ConfigurationError
from state.records import Source, SourceRole


class _File(BaseModel):
    """The top of a catalogue file; its parts are validated one by one, so that each error finds its line."""

    model_config = ConfigDict(extra="forbid")

    defaults: dict[str, Any] = {}
    families: dict[str, dict[str, Any]] = {}
    sources: list[dict[str, Any]] = []
    hosts: list[_Host] = []


class _Host(BaseModel):
    """What is known of a host that is no source itself: a republisher or a clone."""

    model_config = ConfigDict(extra="forbid")

    host: str
    role: SourceRole
    remark: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    settings: SourceSettings
    at: Loc


@lru_cache(maxsize=2)
def read_sources(text: str, file: str) -> tuple[Source, ...]:
    """Read the sources of a catalogue file, in its order.

    A source takes what it does not say from its `family`, and what that does not say from the file's `defaults`;
    blocks of options are merged key by key. `site` fills `{site}` in a family's `url`.

    Args:
        text: The YAML text.
        file: Its name, for messages.

    Raises:
        ConfigurationError: One line for everything that is wrong, each `file:line: key: what; remedy`.
    """
    catalogue, lines = _load(text, file)
    return build_sources(catalogue.sources, lines, families=catalogue.families, defaults=catalogue.defaults)


def read_families(text: str, file: str) -> dict[str, dict[str, Any]]:
    """Read the families of a catalogue file, for `build_sources` to use with sources from elsewhere.

    Raises:
        ConfigurationError: As `read_sources`.
    """
    return _load(text, file)[0].families


def read_written(text: str, file: str) -> dict[str, dict[str, Any]]:
    """Read the sources of a catalogue file as they are written there, with its `defaults` but without their families.

    What comes back may stand in a configuration that uses the same families.

    Raises:
        ConfigurationError: As `read_sources`.
    """
    catalogue, _ = _load(text, file)
    return {
        str(one.get("id")): _merged(
            _unsaid(catalogue.defaults, catalogue.families.get(str(one.get("family")), {})), one
        )
        for one in catalogue.sources
    }


def read_roles(text: str, file: str) -> dict[str, SourceRole]:
    """Read the role of every host that the catalogue knows: its sources', and those of `hosts`, which are no sources.

    Raises:
        ConfigurationError: As `read_sources`.
    """
    roles = {source.host: source.role for source in read_sources(text, file)}
    catalogue, _ = _load(text, file)
    return {**roles, **{one.host: one.role for one in catalogue.hosts}}


def build_sources(
    written: Sequence[Mapping[str, Any]],
    lines: Lines,
    *,
    families: Mapping[str, Mapping[str, Any]],
    defaults: Mapping[str, Any] | None = None,
) -> tuple[Source, ...]:
    """Build sources from what stands under `sources:` of a file.

    Args:
        written: The sources as loaded, in the file's order.
        lines: The lines of the file.
        families: The families that sources may name.
        defaults: What holds where neither source nor family says otherwise.

    Raises:
        ConfigurationError: As `read_sources`.
    """
    read: list[_Read] = []
    wrong: list[str] = []
    for number, one in enumerate(written):
        at: Loc = ("sources", number)
        try:
            whole = _merged(defaults or {}, _merged(_family(one, families, lines, at), one))
            read.append(_Read(_settings(whole, lines, at), at))
        except ConfigurationError as error:
            wrong += str(error).splitlines()
    wrong += _repeated(read, lines)
    _raise(wrong)
    return tuple(one.settings.to_source() for one in read)


@lru_cache(maxsize=2)
def _load(text: str, file: str) -> tuple[_File, Lines]:
    written, lines = load_with_lines(text, file)
    if not isinstance(written, dict):
        raise ConfigurationError("a catalogue is a mapping; begin it with `sources:`", where=f"{file}:1")
    try:
        return _File.model_validate(written), lines
    except ValidationError as error:
        _raise(list(first_errors(error, lines, file, model=_File)))
        raise


def _settings(whole: dict[str, Any], lines: Lines, at: Loc) -> SourceSettings:
    site = whole.pop("site", None)
    if isinstance(site, str) and isinstance(whole.get("url"), str):
        whole["url"] = whole["url"].replace("{site}", site.rstrip("/"))
    try:
        return SourceSettings.model_validate(whole)
    except ValidationError as error:
        _raise(list(first_errors(error, lines, lines.file, model=SourceSettings, at=at)))
        raise


def _family(
    written: Mapping[str, Any], families: Mapping[str, Mapping[str, Any]], lines: Lines, at: Loc
) -> Mapping[str, Any]:
    name = written.get("family")
    if name is None:
        return {}
    if not isinstance(name, str) or name not in families:
        close = process.extractOne(str(name), list(families), score_cutoff=60)
        remedy = f'did you mean "{close[0]}"?' if close else "describe it under `families:` of the catalogue"
        raise ConfigurationError(f'no family "{name}"; {remedy}', where=lines.where((*at, "family")))
    return families[name]


def _repeated(read: list[_Read], lines: Lines) -> Iterator[str]:
    ids: dict[str, Loc] = {}
    urls: dict[tuple[str, str], Loc] = {}
    for one in read:
        first = ids.setdefault(one.settings.id, one.at)
        if first != one.at:
            where = lines.where((*one.at, "id"))
            yield f'{where}: "{one.settings.id}" is taken by line {lines.line((*first, "id"))}; give it another id'
        first = urls.setdefault((one.settings.kind, one.settings.url), one.at)
        if first != one.at:
            where = lines.where((*one.at, "url"))
            yield f"{where}: the source of line {lines.line((*first, 'id'))} has this address too; remove one"


def _merged(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `own` over `defaults`: mappings are merged key by key, everything else is replaced."""
    result = dict(defaults)
    for name, value in own.items():
        below = result.get(name)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            value = _merged(below, value)
        result[name] = value
    return result


def _unsaid(defaults: Mapping[str, Any], family: Mapping[str, Any]) -> dict[str, Any]:
    """Give what of the defaults a family leaves to them; the rest it overrules."""
    result: dict[str, Any] = {}
    for name, value in defaults.items():
        said = family.get(name)
        if isinstance(value, Mapping) and isinstance(said, Mapping):
            value = _unsaid(value, said)
        if name not in family or (isinstance(value, dict) and value):
            result[name] = value
    return result


def _raise(wrong: list[str]) -> None:
    if wrong:
        *where, what = wrong[0].split(": ", 2)
        raise ConfigurationError("\n".join([what, *wrong[1:]]), where=": ".join(where))
