"""Find and load the configuration, resolving every file it names, and report everything wrong with it at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import ValidationError

from alerts.credentials import Surroundings
from alerts.destination import Destination
from alerts.heartbeat import Heartbeat, open_heartbeat
from alerts.settings import open_destinations, open_mailboxes, read_subscriptions
from alerts.subscription import Subscription
from crawler.catalogue.lines import Lines
from crawler.catalogue.pack import build_sources, read_families, read_roles, read_sources
from crawler.catalogue.yaml_lines import first_errors, load_with_lines
from crawler.configuration.names import complaint, known_names
from crawler.configuration.place import find_file, state_file
from crawler.configuration.settings import FetchingSettings, Settings
from crawler.people import Audience
from crawler.stories.lead import NO_ROLES, HostRoles
from rules.pack import Pack, parse_pack
from state.addresses import parse_networks
from state.errors import ConfigurationError
from state.records import Source
from state.subscribers import Subscriber

_SOURCES = "sources.yaml"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Hold the configuration in use, with every file read and every reference resolved."""

    file: Path | None
    settings: Settings
    state: Path
    pack: Pack
    sources: Mapping[str, Source]
    roles: HostRoles
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

    def destination_ids(self, people: Iterable[Subscriber]) -> frozenset[str]:
        """Name every destination there is: those configured, and people's mailboxes where something says how to write."""
        written_to = people if self.settings.subscribers.through is not None else ()
        return frozenset(self.settings.destinations) | {one.id for one in written_to}

    def open_mailboxes(self, audience: Audience) -> dict[str, Destination]:
        """Make the mailbox of everybody who subscribed by command ready to send, by the subscriber's id."""
        through = self.settings.subscribers.through
        if through is None or not audience.people:
            return {}
        folder = self.file.parent if self.file is not None else Path()
        mailboxes = {one.id: (one.address, audience.codes[one.id]) for one in audience.people}
        with _told_by_line(self.lines):
            return open_mailboxes(
                f"destinations.{through}",
                self.settings.destinations[through],
                mailboxes,
                Surroundings(folder.absolute()),
                parse_networks(self.fetching.allow_addresses),
            )

    def open_heartbeat(self) -> Heartbeat | None:
        """Make the heartbeat ready, None where none is configured.

        Raises ConfigurationError for an address that is missing or none.
        """
        settings = self.settings.heartbeat
        folder = self.file.parent if self.file is not None else Path()
        with _told_by_line(self.lines):
            url = settings.url or Surroundings(folder.absolute()).secret(
                "heartbeat.url", file=settings.url_file, env=settings.url_env
            )
            if url is None:
                return None
            return open_heartbeat("heartbeat.url", url, parse_networks(self.fetching.allow_addresses))

    @property
    def feeds_folder(self) -> Path | None:
        """Give the folder that feeds are written to, None for none."""
        written = self.settings.feeds.folder
        folder = self.file.parent if self.file is not None else Path()
        return folder / written if written is not None else None

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
    catalogue = _catalogue(pack_folder)
    pack = parse_pack(_pack_texts(pack_folder, settings.rules, folder))
    configuration = Configuration(
        file=file,
        settings=settings,
        state=state_file(state, settings.state, folder),
        pack=pack,
        sources=_sources(settings, *catalogue, lines),
        roles=read_roles(*catalogue) if catalogue[0] else NO_ROLES,
        subscriptions=tuple(_widened(one, pack) for one in _subscriptions(settings, lines)),
        lines=lines,
    )
    _check_references(configuration, lines)
    return configuration


def pack_catalogue(configuration: Configuration) -> tuple[str, str]:
    """Give the text of the catalogue that the configured pack brings, empty where it has none, and its name."""
    folder = configuration.file.parent if configuration.file is not None else Path()
    return _catalogue(_pack_folder(configuration.settings.pack, folder, "pack"))


def _catalogue(pack_folder: Traversable) -> tuple[str, str]:
    file = pack_folder.joinpath(_SOURCES)
    return (file.read_text("utf-8") if file.is_file() else ""), str(file)


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


def _widened(subscription: Subscription, pack: Pack) -> Subscription:
    """Let a place stand for all it contains: only the pack knows what lies where."""
    places = frozenset(name for place in subscription.places for name in pack.named_in(place))
    return replace(subscription, places=places | subscription.places)


def _pack_texts(pack_folder: Traversable, more: list[Path], folder: Path) -> dict[str, str]:
    texts = {
        str(item): item.read_text("utf-8")
        for item in sorted(pack_folder.iterdir(), key=lambda item: item.name)
        if item.name.endswith(".yaml") and item.name != _SOURCES
    }
    for path in more:
        texts[str(folder / path)] = _read(folder / path)
    return texts


def _sources(settings: Settings, text: str, file: str, lines: Lines) -> dict[str, Source]:
    """Give the pack's chosen sources and the user's own, which may use the pack's families and replace its sources."""
    families = read_families(text, file) if text else {}
    own = {source.id: source for source in build_sources(settings.sources, lines, families=families)}
    if not (settings.pack_sources and text):
        return own
    shipped = {source.id: source for source in read_sources(text, file)}
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
    known = known_names(configuration)
    wrong = [
        f"{lines.where(('subscriptions', index, key))}: {complaint(name, known[key], key)}"
        for index, subscription in enumerate(configuration.settings.subscriptions)
        for key in known
        for name in sorted(set(getattr(subscription, key)) - set(known[key]))
    ]
    wrong += [
        f"{lines.where(('operator', 'destinations'))}: {complaint(name, configuration.settings.destinations, 'destinations')}"
        for name in configuration.settings.operator.destinations
        if name not in configuration.settings.destinations
    ]
    through = configuration.settings.subscribers.through
    if through is not None:
        wrong += _unfit_for_people(through, configuration.settings, lines)
    if wrong:
        raise ConfigurationError("\n".join(wrong))


def _unfit_for_people(through: str, settings: Settings, lines: Lines) -> list[str]:
    """Refuse a way to write to people that is none, or by which nobody can leave."""
    where = lines.where(("subscribers", "through"))
    destination = settings.destinations.get(through)
    if destination is None:
        return [f"{where}: {complaint(through, settings.destinations, 'destinations')}"]
    if not getattr(destination, "unsubscribe", None):
        return [
            f"{where}: {through!r} must be of type email and have `unsubscribe`, so that people can leave"
        ]
    return []
