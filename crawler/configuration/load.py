"""Find and load the configuration, resolving every file it names, and report everything wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from alerts.credentials import Surroundings
from alerts.destination import Destination
from alerts.settings import open_destinations, read_subscriptions
from alerts.subscription import Subscription
from crawler.catalogue.pack import read_sources
from crawler.catalogue.yaml_lines import first_errors, load_with_lines
from crawler.configuration.place import find_file, state_file
from crawler.configuration.settings import FetchingSettings, Settings
from rules.pack import Pack, parse_pack
from state.addresses import parse_networks
from state.errors import ConfigurationError
from state.records import Source

_SOURCES = "sources.yaml"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Hold the configuration in use, with every file read and every reference resolved."""

    file: Path | None
    settings: Settings
    state: Path
    pack: Pack
    sources: Mapping[str, Source]
    subscriptions: tuple[Subscription, ...]

    def open_destinations(self) -> dict[str, Destination]:
        """Make every destination ready to send; only who sends needs its secrets, so no other verb reads them.

        Raises ConfigurationError for a secret that is missing or unfit.
        """
        folder = self.file.parent if self.file is not None else Path()
        allowed = parse_networks(self.fetching.allow_addresses)
        return open_destinations(self.settings.destinations, Surroundings(folder.absolute()), allowed)

    @property
    def fetching(self) -> FetchingSettings:
        """Give the part about behaviour towards sites."""
        return self.settings.fetching


def load_configuration(named: Path | None = None, state: Path | None = None) -> Configuration:
    """Load the configuration; raise ConfigurationError whose lines name file, line, key and remedy."""
    file = find_file(named)
    settings, where = _read_settings(file)
    folder = file.parent if file is not None else Path()
    pack_folder = _pack_folder(settings.pack, folder, where("pack"))
    sources = _sources(settings, pack_folder)
    subscriptions = read_subscriptions(settings.subscriptions, settings.destinations)
    pack = parse_pack(_pack_texts(pack_folder, settings.rules, folder))
    configuration = Configuration(
        file=file,
        settings=settings,
        state=state_file(state, settings.state, folder),
        pack=pack,
        sources=sources,
        subscriptions=subscriptions,
    )
    _check_references(configuration, where)
    return configuration


def _read_settings(file: Path | None) -> tuple[Settings, Any]:
    if file is None:
        return Settings(), lambda *_: ""
    raw, lines = load_with_lines(_read(file), str(file))
    try:
        return Settings.model_validate(raw if raw is not None else {}), lambda *loc: lines.where(loc)
    except ValidationError as error:
        raise ConfigurationError("\n".join(first_errors(error, lines, str(file)))) from error


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}") from error


def _pack_folder(pack: str, folder: Path, where: str) -> Traversable:
    if "/" in pack or pack.startswith("."):
        path = folder / pack
        if not path.is_dir():
            raise ConfigurationError(f"there is no folder {path} for the pack", where=where)
        return path
    shipped = files("rules").joinpath("packs", pack)
    if not shipped.is_dir():
        known = ", ".join(
            sorted(item.name for item in files("rules").joinpath("packs").iterdir() if item.is_dir())
        )
        raise ConfigurationError(
            f"there is no pack {pack!r}; yuewatch comes with {known}; a folder needs a / in its name",
            where=where,
        )
    return shipped


def _pack_texts(pack_folder: Traversable, more: list[Path], folder: Path) -> dict[str, str]:
    texts = {
        str(item): item.read_text("utf-8")
        for item in sorted(pack_folder.iterdir(), key=lambda item: item.name)
        if item.name.endswith(".yaml") and item.name != _SOURCES
    }
    for path in more:
        texts[str(folder / path)] = _read(folder / path)
    return texts


def _sources(settings: Settings, pack_folder: Traversable) -> dict[str, Source]:
    chosen: dict[str, Source] = {}
    catalogue = pack_folder.joinpath(_SOURCES)
    if settings.pack_sources and catalogue.is_file():
        shipped = read_sources(catalogue.read_text("utf-8"), str(catalogue))
        wanted = settings.pack_sources
        chosen = {source.id: source for source in shipped if wanted is True or source.id in wanted}
    own = [item.to_source() for item in settings.sources]
    return chosen | {source.id: source for source in own}


def _check_references(configuration: Configuration, where: Any) -> None:
    """Refuse names that lead nowhere: a subscription that can never fire is a silent failure."""
    wrong: list[str] = []
    rules = {rule.id for rule in configuration.pack.rules}
    for index, subscription in enumerate(configuration.subscriptions):
        for key, named, known in (
            ("rules", subscription.rules, rules),
            ("sources", subscription.sources, configuration.sources),
        ):
            missing = sorted(set(named) - set(known))
            if missing:
                known_names = ", ".join(sorted(known)[:12]) or "none"
                place = where("subscriptions", index, key)
                wrong.append(
                    f"{place + ': ' if place else ''}subscription {subscription.id!r} names {missing[0]!r}, which is not among the {key} ({known_names})"
                )
    if isinstance(configuration.settings.pack_sources, list):
        missing = sorted(set(configuration.settings.pack_sources) - set(configuration.sources))
        if missing:
            place = where("pack_sources")
            wrong.append(f"{place + ': ' if place else ''}the pack has no source {missing[0]!r}")
    if wrong:
        raise ConfigurationError("\n".join(wrong))
