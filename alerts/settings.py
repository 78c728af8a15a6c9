"""Read `subscriptions:` and `destinations:` of the configuration; the border where pydantic ends and dataclasses begin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from alerts.channels.channel import ChannelSettings, Pause
from alerts.channels.email import EmailSettings, open_mailbox
from alerts.channels.table import CHANNELS
from alerts.credentials import Surroundings
from alerts.destination import Destination
from alerts.retry import Schedule
from alerts.subscription import Lang, Subscription, Update
from alerts.timing import Digest, Group, QuietHours, Rhythm, Timing
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


def _read_time(value: Any) -> Any:
    # A bare number would be taken for minutes or seconds since midnight; the configuration's YAML keeps 22:30 as text.
    if isinstance(value, int | float):
        raise ValueError(f'{value} is not a time of day; write it like "08:00"')  # noqa: TRY004 - pydantic reads ValueError
    if isinstance(value, str):
        form = "%H:%M:%S" if value.count(":") > 1 else "%H:%M"
        return datetime.strptime(value, form).time()  # noqa: DTZ007 - a time of day, in the subscription's zone
    return value


def _read_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{value!r} is not a time zone; write one like Asia/Shanghai") from None
    return value


Zone = Annotated[str, AfterValidator(_read_zone)]
"""A name of the tz database, such as `Asia/Shanghai`."""
TimeOfDay = Annotated[time, BeforeValidator(_read_time)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class DigestSettings(_Part):
    """Read `digest:`; hourly ones come at the full hour."""

    every: Rhythm
    at: TimeOfDay = time(8)
    weekday: Weekday = "monday"

    def digest(self) -> Digest:
        """Give the frozen form."""
        return Digest(self.every, self.at, get_args(Weekday).index(self.weekday))


class QuietHoursSettings(_Part):
    """Read `quiet_hours:`, which end the next morning where `to` is the earlier time."""

    start: Annotated[TimeOfDay, Field(alias="from")]
    end: Annotated[TimeOfDay, Field(alias="to")]

    @model_validator(mode="after")
    def _check_length(self) -> Self:
        if self.start == self.end:
            raise ValueError(
                "quiet hours that end when they begin would be none or all; give two different times"
            )
        return self


class GroupSettings(_Part):
    """Read `group:`."""

    wait: Annotated[Pause, Field(ge=timedelta(0), le=timedelta(hours=1))] = timedelta(seconds=30)
    interval: Annotated[Pause, Field(ge=timedelta(0), le=timedelta(days=1))] = timedelta(minutes=5)


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
    zone: Zone = "UTC"
    digest: DigestSettings | None = None
    quiet_hours: QuietHoursSettings | None = None
    group: GroupSettings | None = None
    per_hour: Annotated[int, Field(ge=1)] | None = None
    urgent_at_once: bool = True
    updates: tuple[Update, ...] = ("stage",)

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
            timing=self._timing(),
            updates=frozenset(self.updates),
        )

    def _timing(self) -> Timing:
        quiet, group = self.quiet_hours, self.group
        return Timing(
            zone=self.zone,
            digest=self.digest.digest() if self.digest else None,
            quiet=QuietHours(quiet.start, quiet.end) if quiet else None,
            group=Group(group.wait, group.interval) if group else None,
            per_hour=self.per_hour,
            urgent=self.urgent_at_once,
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
    Raises ConfigurationError for a secret that is missing or unfit, and for a fallback that does not exist.
    """
    for id_, entry in settings.items():
        if entry.fallback is not None and (entry.fallback == id_ or entry.fallback not in settings):
            raise ConfigurationError(
                f"{entry.fallback!r} cannot stand in for {id_!r}; name another entry of destinations:",
                where=f"destinations.{id_}.fallback",
            )
    return {id_: _opened(id_, entry, surroundings, allowed) for id_, entry in settings.items()}


def open_mailboxes(
    where: str,
    settings: DestinationSettings,
    mailboxes: Mapping[str, tuple[str, str]],
    surroundings: Surroundings,
    allowed: Sequence[Network] = (),
) -> dict[str, Destination]:
    """Make people's mailboxes ready to send, all through the server and sender of one e-mail destination.

    `mailboxes` gives by destination id a person's address and the code by which that person can leave.
    """
    assert isinstance(settings, EmailSettings)
    channel = CHANNELS["email"]
    return {
        id_: Destination(
            id=id_,
            channel="email",
            send=open_mailbox(where, settings, surroundings, allowed, to=address, code=code),
            schedule=channel.schedule if settings.retry is None else Schedule(settings.retry),
            patience=settings.timeout or channel.patience,
            interval=settings.interval,
        )
        for id_, (address, code) in mailboxes.items()
    }


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
        fallback=settings.fallback,
        interval=settings.interval,
    )
