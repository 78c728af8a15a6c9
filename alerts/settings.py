"""Read `subscriptions:` and `destinations:` of the configuration; the border where pydantic ends and dataclasses begin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from alerts.channels.channel import ChannelSettings
from alerts.channels.table import CHANNELS
from alerts.credentials import Surroundings
from alerts.destination import Destination
from alerts.retry import Schedule
from alerts.subscription import Lang, Subscription
from state.addresses import Network
from state.errors import ConfigurationError
from state.records import MatchStatus, Severity

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.\-]*$", max_length=64)]
"""A name that is safe in files, logs, headers and command lines."""

if TYPE_CHECKING:
    DestinationSettings = ChannelSettings
else:
    DestinationSettings = Annotated[
        reduce(or_, (channel.settings for channel in CHANNELS.values())), Field(discriminator="type")
    ]
    """One entry of `destinations:`, told apart by its `type`. Type checkers see what all channels share."""


class SubscriptionSettings(BaseModel):
    """Read one entry of `subscriptions:`; an empty list asks for everything of its kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Identifier
    name: Annotated[str, Field(max_length=200)] = ""
    rules: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    statuses: tuple[MatchStatus, ...] = ("event",)
    severities: tuple[Severity, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[Annotated[str, StringConstraints(to_lower=True)], ...] = ()
    places: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    destinations: tuple[Identifier, ...] = ()
    lang: Lang = "en"

    def subscription(self) -> Subscription:
        """Give the frozen form that routing works with."""
        return Subscription(
            id=self.id,
            name=self.name or self.id,
            rules=frozenset(self.rules),
            kinds=frozenset(self.kinds),
            statuses=frozenset(self.statuses),
            severities=frozenset(self.severities),
            sources=frozenset(self.sources),
            languages=frozenset(self.languages),
            places=frozenset(self.places),
            organisations=frozenset(self.organisations),
            destinations=self.destinations,
            lang=self.lang,
        )


def read_subscriptions(
    settings: Iterable[SubscriptionSettings], destinations: Mapping[str, DestinationSettings]
) -> tuple[Subscription, ...]:
    """Give the subscriptions; raise ConfigurationError for an id used twice or a destination that does not exist."""
    subscriptions: dict[str, Subscription] = {}
    for place, entry in enumerate(settings):
        if entry.id in subscriptions:
            raise ConfigurationError(
                f"two subscriptions are called {entry.id!r}; rename one", where=f"subscriptions.{place}.id"
            )
        unknown = next((name for name in entry.destinations if name not in destinations), None)
        if unknown is not None:
            known = ", ".join(sorted(destinations)) or "none"
            raise ConfigurationError(
                f"there is no destination {unknown!r} (known: {known}); add it under destinations: or correct the name",
                where=f"subscriptions.{place}.destinations",
            )
        subscriptions[entry.id] = entry.subscription()
    return tuple(subscriptions.values())


def open_destinations(
    settings: Mapping[str, DestinationSettings],
    surroundings: Surroundings,
    allowed: Sequence[Network] = (),
) -> dict[str, Destination]:
    """Make every destination ready to send; reads secrets, connects nowhere.

    `allowed` lists addresses that may be connected to although they are not public; each destination may add its own.
    Raises ConfigurationError for a secret that is missing or unfit.
    """
    return {id_: _opened(id_, entry, surroundings, allowed) for id_, entry in settings.items()}


def _opened(
    id_: str, settings: DestinationSettings, surroundings: Surroundings, allowed: Sequence[Network]
) -> Destination:
    channel = CHANNELS[settings.type]
    return Destination(
        id=id_,
        channel=settings.type,
        send=channel.open(f"destinations.{id_}", settings, surroundings, allowed),
        schedule=channel.schedule if settings.retry is None else Schedule(settings.retry),
        patience=settings.timeout or channel.patience,
    )
