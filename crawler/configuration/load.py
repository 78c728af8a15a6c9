"""Find and load the configuration, resolving every file it names, and report everything wrong with it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import ValidationError
from rapidfuzz import process

from alerts.credentials import Surroundings
from alerts.destination import Destination
from alerts.settings import open_destinations, read_subscriptions
from alerts.subscription import Subscription
from crawler.catalogue.lines import Lines
from crawler.catalogue.pack import build_sources, read_families, read_sources
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
    lines: Lines

    def open_destinations(self) -> dict[str, Destination]:
        """Make every destination ready to send; only who sends needs its secrets, so no other verb reads them.

        Raises ConfigurationError for a secret that is missing or unfit.
        """
        folder = self.file.parent if self.file is not None else Path()
        allowed = parse_networks(self.fetching.allow_addresses)
        with _told_by_line(self.lines):
            return open_destinations(self.settings.destinations, Surroundings(folder.absolute()), allowed)

    @property
    def fetching(self) -> FetchingSettings:
        """Give the part about behaviour towards sites."""
        return self.settings.fetching


def load_configuration(named: Path | None = None, state: Path | None = None) -> Configuration:
    """Load the configuration; raise ConfigurationError whose lines name file, line, key and remedy."""
    file = find_file(named)
    settings, lines = _read_settings(file)
    folder = file.parent if file is not None else Path()
    pack_folder = _pack_folder(settings.pack, folder, lines.where(("pack",)))
    configuration = Configuration(
        file=file,
        settings=settings,
        state=state_file(state, settings.state, folder),
        pack=parse_pack(_pack_texts(pack_folder, settings.rules, folder)),
        sources=_sources(settings, pack_folder, lines),
        subscriptions=_subscriptions(settings, lines),
        lines=lines,
    )
    _check_references(configuration, lines)
    return configuration


def pack_catalogue(configuration: Configuration) -> tuple[str, str]:
    """Give the text of the catalogue that the configured pack brings, empty where it has none, and its name."""
    folder = configuration.file.parent if configuration.file is not None else Path()
    catalogue = _pack_folder(configuration.settings.pack, folder, "pack").joinpath(_SOURCES)
    return (catalogue.read_text("utf-8") if catalogue.is_file() else ""), str(catalogue)


def _read_settings(file: Path | None) -> tuple[Settings, Lines]:
    if file is None:
        return Settings(), Lines("defaults", {(): 1})
    raw, lines = load_with_lines(_read(file), str(file))
    try:
        return Settings.model_validate(raw if raw is not None else {}), lines
    except ValidationError as error:
        raise ConfigurationError("\n".join(first_errors(error, lines, str(file), model=Settings))) from error


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


def _subscriptions(settings: Settings, lines: Lines) -> tuple[Subscription, ...]:
    with _told_by_line(lines):
        return read_subscriptions(settings.subscriptions, settings.destinations)


@contextmanager
def _told_by_line(lines: Lines) -> Iterator[None]:
    """Add file and line, which only this file knows, to what is wrong with a part of the configuration."""
    try:
        yield
    except ConfigurationError as error:
        path = tuple(int(step) if step.isdigit() else step for step in error.where.split("."))
        message = str(error).removeprefix(f"{error.where}: ")
        raise ConfigurationError(message, where=lines.where(path)) from error


def _pack_texts(pack_folder: Traversable, more: list[Path], folder: Path) -> dict[str, str]:
    texts = {
        str(item): item.read_text("utf-8")
        for item in sorted(pack_folder.iterdir(), key=lambda item: item.name)
        if item.name.endswith(".yaml") and item.name != _SOURCES
    }
    for path in more:
        texts[str(folder / path)] = _read(folder / path)
    return texts


def _sources(settings: Settings, pack_folder: Traversable, lines: Lines) -> dict[str, Source]:
    """Give the pack's chosen sources and the user's own, which may use the pack's families and replace its sources."""
    catalogue = pack_folder.joinpath(_SOURCES)
    text = catalogue.read_text("utf-8") if catalogue.is_file() else ""
    families = read_families(text, str(catalogue)) if text else {}
    own = {source.id: source for source in build_sources(settings.sources, lines, families=families)}
    if not (settings.pack_sources and text):
        return own
    shipped = {source.id: source for source in read_sources(text, str(catalogue))}
    if isinstance(settings.pack_sources, list):
        missing = sorted(set(settings.pack_sources) - set(shipped))
        if missing:
            raise ConfigurationError(
                f"the pack has no source {missing[0]!r}", where=lines.where(("pack_sources",))
            )
        shipped = {name: shipped[name] for name in settings.pack_sources}
    return shipped | own


def _check_references(configuration: Configuration, lines: Lines) -> None:
    """Refuse names that lead nowhere: a subscription that can never fire is a silent failure."""
    rules = {rule.id for rule in configuration.pack.rules}
    wrong: list[str] = []
    for index, subscription in enumerate(configuration.subscriptions):
        for key, named, known in (
            ("rules", subscription.rules, rules),
            ("sources", subscription.sources, configuration.sources),
        ):
            for name in sorted(set(named) - set(known)):
                close = process.extractOne(name, sorted(known), score_cutoff=60)
                remedy = (
                    f'did you mean "{close[0]}"?' if close else f"`yuewatch {key} list` shows what there is"
                )
                wrong.append(
                    f"{lines.where(('subscriptions', index, key))}: there is no {key[:-1]} {name!r}; {remedy}"
                )
    if wrong:
        raise ConfigurationError("\n".join(wrong))
