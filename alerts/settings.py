"""Read `subscriptions:` and `destinations:` of the configuration; the border where pydantic ends and dataclasses begin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from alerts.channels.email import EmailSettings
from alerts.channels.webhook import WebhookSettings
from alerts.subscription import Lang, Subscription
from state.errors import ConfigurationError
from state.records import MatchStatus, Severity

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.\-]*$", max_length=64)]
"""A name that is safe in files, logs, headers and command lines."""

DestinationSettings = Annotated[EmailSettings | WebhookSettings, Field(discriminator="type")]
"""One entry of `destinations:`, told apart by its `type`."""


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
